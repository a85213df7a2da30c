from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "portal.search"
    verbose_name = _("Search")

    def ready(self) -> None:
        from portal.search.indexing import fill_if_empty
        from portal.staffing.reach import register

        # Who finds what is asked of the things themselves.
        register({"search.searchentry": None})
        post_migrate.connect(fill_if_empty, sender=self)

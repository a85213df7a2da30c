from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ImprintConfig(AppConfig):
    name = "portal.imprint"
    verbose_name = _("Texts of the operator")

    def ready(self) -> None:
        from portal.audit import books
        from portal.imprint.history import BOOK
        from portal.imprint.operations import bring_defaults
        from portal.staffing import reach

        post_migrate.connect(bring_defaults, sender=self)
        books.register(BOOK)
        reach.register({"imprint.publishedtext": None, "imprint.agreedtext": None})

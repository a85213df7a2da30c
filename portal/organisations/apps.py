from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrganisationsConfig(AppConfig):
    name = "portal.organisations"
    verbose_name = _("Organisations and members")

    def ready(self) -> None:
        from portal.organisations.roles import ensure_groups

        post_migrate.connect(ensure_groups, sender=self)

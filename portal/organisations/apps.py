from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationsConfig(AppConfig):
    name = "portal.organisations"
    verbose_name = _("Organisations and members")

    def ready(self) -> None:
        from portal.audit.books import register
        from portal.organisations import account_changes  # noqa: F401 (listens to changes of accounts)
        from portal.organisations.history import BOOK

        register(BOOK)

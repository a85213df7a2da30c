from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationsConfig(AppConfig):
    name = "portal.organisations"
    verbose_name = _("Organisations and members")

    def ready(self) -> None:
        from portal.audit import books
        from portal.organisations import account_changes  # noqa: F401 (listens to changes of accounts)
        from portal.organisations.history import BOOK
        from portal.organisations.removed_managers import MANAGER_REMOVED
        from portal.outbox import kinds

        books.register(BOOK)
        kinds.register([MANAGER_REMOVED])

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationsConfig(AppConfig):
    name = "portal.organisations"
    verbose_name = _("Organisations and members")

    def ready(self) -> None:
        from portal.audit import books
        from portal.organisations.accounts import sign_ins  # noqa: F401, listens to sign-ins
        from portal.organisations.accounts.adapter import CODE_OR_LINK
        from portal.organisations.accounts.changes import (  # listens to changes of accounts
            ACCOUNT_CHANGED,
            MANAGER_REMOVED,
            MANAGERS_CHANGED,
        )
        from portal.organisations.company.joining import JOIN_ANSWERED, JOIN_ASKED
        from portal.organisations.desk.reach import WAYS
        from portal.organisations.desk.searched import KINDS as SEARCHED
        from portal.organisations.history import BOOK
        from portal.organisations.members.mails import INVITATION
        from portal.outbox import kinds
        from portal.search import kinds as searches
        from portal.staffing import reach

        books.register(BOOK)
        reach.register(WAYS)
        searches.register(SEARCHED)
        kinds.register(
            [
                *(CODE_OR_LINK, ACCOUNT_CHANGED, INVITATION, MANAGER_REMOVED, MANAGERS_CHANGED),
                *(JOIN_ASKED, JOIN_ANSWERED),
            ]
        )

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contracts and terms")

    def ready(self) -> None:
        from contracts.applications.acceptance import ACCEPTANCE
        from contracts.applications.needs import contracts_and_applications
        from contracts.approvals.registered import KINDS as PROPOSED
        from contracts.consents.receipt import REFUSAL_RECEIPT
        from contracts.correspondence.mail_kinds import KINDS as WRITTEN
        from contracts.deciding.reach import WAYS
        from contracts.extensions.kinds import know
        from contracts.history.book import BOOK
        from contracts.inbox.daily import REMINDERS
        from contracts.notices.mail import NOTICES
        from contracts.requests.change_contracts import CHANGE_ACCEPTANCE
        from contracts.requests.registry import KINDS
        from contracts.searched import KINDS as SEARCHED
        from contracts.tables_in.closures import ClosureTable
        from contracts.tables_in.contacts import ContactTable
        from portal.approvals import kinds as proposals
        from portal.audit import books
        from portal.organisations.accounts import needs
        from portal.outbox import kinds as mails
        from portal.search import kinds as searches
        from portal.staffing import reach
        from portal.tables_in import kinds as tables

        know(KINDS.values())
        books.register(BOOK)
        reach.register(WAYS)
        searches.register(SEARCHED)
        proposals.register(PROPOSED)
        tables.register(
            (
                ClosureTable(),
                ContactTable(),
            )
        )
        needs.register(contracts_and_applications)
        mails.register((ACCEPTANCE, CHANGE_ACCEPTANCE, REFUSAL_RECEIPT, *WRITTEN, NOTICES, *REMINDERS))

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing.adjustments.told import CHARGED_ONCE
        from billing.approvals.registered import KINDS as PROPOSED
        from billing.correspondence.debit_mails import FAILED_DEBITS
        from billing.correspondence.outage_claim_mails import OUTAGE_CLAIMS
        from billing.correspondence.payment_order import APPROPRIATIONS
        from billing.correspondence.set_off_mails import SET_OFF_DECLARATIONS
        from billing.extension.of_contracts import BILLING
        from billing.extension.reach import WAYS
        from billing.history.book import BOOK
        from billing.invoicing.invoice_mails import KINDS as INVOICES
        from billing.receivables.bank import names
        from billing.receivables.deposit_mails import DEPOSITS
        from billing.receivables.open_items import debts_and_credit
        from billing.receivables.reminders import REMINDERS
        from billing.runs.unapproved import BROKEN_GLASS
        from billing.searched import KINDS as SEARCHED
        from billing.tables_in.kinds import ELSEWHERE
        from billing.tables_in.kinds import KINDS as TABLES
        from contracts.extensions.registered import register
        from portal.approvals import kinds as proposals
        from portal.audit import books
        from portal.organisations.accounts import needs
        from portal.outbox import kinds as mails
        from portal.search import kinds as searches
        from portal.staffing import reach
        from portal.tables_in import kinds as tables

        register(BILLING)
        books.register(BOOK)
        reach.register(WAYS)
        searches.register(SEARCHED)
        searches.find_also("organisations.organisation", names.beginnings)
        proposals.register(PROPOSED)
        tables.register(TABLES)
        tables.register_elsewhere(ELSEWHERE)
        needs.register(debts_and_credit)
        mails.register(
            (
                *INVOICES,
                APPROPRIATIONS,
                CHARGED_ONCE,
                DEPOSITS,
                FAILED_DEBITS,
                OUTAGE_CLAIMS,
                REMINDERS,
                SET_OFF_DECLARATIONS,
                BROKEN_GLASS,
            )
        )

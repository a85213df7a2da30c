from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing.approvals.registered import KINDS as PROPOSED
        from billing.correspondence.debit_mails import FAILED_DEBITS
        from billing.correspondence.payment_order import APPROPRIATIONS
        from billing.extension.of_contracts import BILLING
        from billing.history.book import BOOK
        from billing.invoicing.invoice_mails import KINDS as INVOICES
        from billing.receivables.deposit_mails import DEPOSITS
        from billing.receivables.reminders import REMINDERS
        from billing.runs.unapproved import BROKEN_GLASS
        from contracts.extensions.registered import register
        from portal.approvals import kinds as proposals
        from portal.audit import books
        from portal.outbox import kinds as mails

        register(BILLING)
        books.register(BOOK)
        proposals.register(PROPOSED)
        mails.register((*INVOICES, APPROPRIATIONS, DEPOSITS, FAILED_DEBITS, REMINDERS, BROKEN_GLASS))

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing.extension import BILLING
        from billing.invoicing.invoice_mails import KINDS
        from billing.receivables.deposit_mails import DEPOSITS
        from billing.receivables.reminders import REMINDERS
        from contracts.extensions.registered import register
        from portal.outbox import kinds

        register(BILLING)
        kinds.register((*KINDS, DEPOSITS, REMINDERS))

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing.impact import usage_due
        from billing.operations.fees import monthly_fee_of
        from contracts import fees
        from contracts.impact import also_measure

        fees.provide(monthly_fee_of)

        also_measure(usage_due)

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing.pricing.fees import monthly_fee_of
        from billing.pricing.impact import usage_due
        from contracts.policies import fees
        from contracts.publishing.impact import also_measure

        fees.provide(monthly_fee_of)

        also_measure(usage_due)

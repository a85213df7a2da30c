from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing.approvals.registered import KINDS
        from billing.extension import BILLING
        from contracts.extensions.registered import register
        from portal.approvals import kinds

        register(BILLING)
        kinds.register(KINDS)

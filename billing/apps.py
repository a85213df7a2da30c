from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing.extension import BILLING
        from billing.history.book import BOOK
        from contracts.extensions.registered import register
        from portal.audit import books

        register(BILLING)
        books.register(BOOK)

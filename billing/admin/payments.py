"""Payments as they were recorded; an invoice's page records the next one."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models import Payment
from contracts.admin.pages import ReadOnlyAdmin
from contracts.formats import yen_text


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("paid_on", "invoice", "shown_organisation", "shown_amount", "reference")
    list_display_links = ("paid_on", "reference")
    list_select_related = ("invoice__organisation",)
    list_filter = ("invoice__provider",)
    search_fields = ("reference", "invoice__number", "invoice__organisation__name")
    date_hierarchy = "paid_on"
    fields = ("invoice", "shown_organisation", "paid_on", "shown_amount", "reference")

    @display(description=_("organisation"), ordering="invoice__organisation")
    def shown_organisation(self, obj: Payment) -> str:
        return obj.invoice.organisation.name

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, obj: Payment) -> str:
        return yen_text(obj.amount)

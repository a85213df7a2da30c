"""Payments as they were recorded; an invoice's page records the next one."""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models import Invoice, Payment
from billing.receivables.payments import Receipt
from contracts.admin.pages import ReadOnlyAdmin
from contracts.wording.formats import yen_text


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = (
        "paid_on",
        "invoice",
        "shown_organisation",
        "shown_amount",
        "kind",
        "reference",
        "shown_standing",
    )
    list_display_links = ("paid_on", "reference")
    list_select_related = ("invoice__organisation",)
    list_filter = ("invoice__provider", "kind", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("reference", "invoice__number", "invoice__organisation__name")
    date_hierarchy = "paid_on"
    fields = (
        "invoice",
        "shown_organisation",
        "paid_on",
        "shown_amount",
        "kind",
        "reference",
        "transaction",
        "withdrawn_at",
    )

    @display(description=_("organisation"), ordering="invoice__organisation")
    def shown_organisation(self, obj: Payment) -> str:
        return obj.invoice.organisation.name

    @display(description=_("Stands"), boolean=True)
    def shown_standing(self, obj: Payment) -> bool:
        return obj.withdrawn_at is None

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, obj: Payment) -> str:
        return yen_text(obj.amount)


def received_text(invoice: Invoice, receipt: Receipt) -> str:
    """What staff are told of an amount that they entered for an invoice."""
    values = {
        "amount": yen_text(receipt.payment.amount) if receipt.payment else "",
        "credit": yen_text(receipt.credit),
        "number": invoice.number,
    }
    if receipt.payment is None:
        text = gettext("Less than what is open of %(number)s: %(credit)s is kept as the customer's credit.")
    elif receipt.credit:
        text = gettext(
            "A payment of %(amount)s is recorded for %(number)s; %(credit)s is kept as the customer's credit."
        )
    else:
        text = gettext("A payment of %(amount)s is recorded for %(number)s.")
    return text % values

"""Payments as they were recorded; an invoice's page records the next one."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
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
    export_more = ("recorded_at",)
    list_display_links = ("paid_on", "reference")
    list_select_related = ("invoice__organisation",)
    list_filter = ("invoice__provider", "kind", ("takes_back", admin.EmptyFieldListFilter))
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
        "recorded_at",
        "takes_back",
        "continues",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        back = Payment.objects.filter(takes_back=OuterRef("pk")).order_by().values("takes_back")
        taken = Coalesce(Subquery(back.annotate(sum=Sum("amount")).values("sum")), 0)
        return cast(QuerySet[Any], super().get_queryset(request).annotate(taken=taken))

    @display(description=_("organisation"), ordering="invoice__organisation")
    def shown_organisation(self, obj: Payment) -> str:
        return obj.invoice.organisation.name

    @display(description=_("Stands"), boolean=True)
    def shown_standing(self, obj: Any) -> bool:
        return obj.takes_back_id is None and obj.amount > -obj.taken

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
        text = gettext(
            "Less than what is open of %(number)s counts as not paid: %(credit)s is kept for it until the"
            " rest has come in."
        )
    elif receipt.credit:
        text = gettext(
            "A payment of %(amount)s is recorded for %(number)s; %(credit)s is kept as the customer's credit."
        )
    else:
        text = gettext("A payment of %(amount)s is recorded for %(number)s.")
    return text % values

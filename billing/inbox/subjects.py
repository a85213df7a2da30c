"""What of billing customers ask about: their invoices."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from contracts.extensions.subjects import About, Subject


def _invoice(invoice: Invoice) -> About:
    return About(
        label=f"{invoice.get_kind_display()} {invoice.number}",
        provider=invoice.provider.kept_by,
        contract=invoice.contract,
        url=reverse("billing:invoice-detail", args=[invoice.number]),
        staff_url=reverse("admin:billing_invoice_change", args=[invoice.pk]),
    )


INVOICES = Subject(
    key="invoice",
    label=_("Invoice"),
    number="number",
    every=lambda: Invoice.objects.defer("document").select_related(
        "contract__service", "provider__principal"
    ),
    seen=lambda membership: Invoice.objects.shown_to(membership),
    about=_invoice,
)

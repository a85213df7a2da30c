"""Tables of payments: what customers paid on invoices."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import CreditEntry, Invoice, Payment
from billing.receivables.payments import record_payment
from contracts.rules.limits import LARGEST_AMOUNT
from portal.tables_in.columns import Column, DayCell, WholeCell, WordsCell
from portal.tables_in.kinds import Desk, Row, TableKind
from portal.tables_in.organisations.finding import in_batches

Stated = dict[str, Any]


class PaymentTable(TableKind):
    """A payment is known by its reference: what was recorded once is not recorded again."""

    key = "payments"
    label = _("Payments")
    says = _(
        "What came in for invoices. The reference, such as the number of the bank's entry, is used once: the"
        " same line again changes nothing. What exceeds an invoice is kept to the customer's credit."
    )
    right = "billing.change_invoice"
    order = 60
    most_rows = 2000
    once = ("reference",)
    columns = (
        Column(
            key="invoice",
            heading=_("Invoice number"),
            field=WordsCell(max_length=50),
            example="2026-000123",
        ),
        Column(key="paid_on", heading=_("Paid on"), field=DayCell(), example="2026-11-25"),
        Column(
            key="amount",
            heading=_("Amount"),
            field=WholeCell(least=1, most=LARGEST_AMOUNT),
            example=11000,
            help=_("In yen."),
        ),
        Column(
            key="reference",
            heading=_("Reference"),
            field=WordsCell(max_length=100),
            example="20261125-0001",
            help=_("Names this payment alone, such as the number of the bank's entry."),
        ),
    )

    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        invoices: dict[str, Invoice] = {}
        for some in in_batches({row.values.get("invoice") for row in rows if row.values.get("invoice")}):
            found = desk.provider.invoices.filter(number__in=some).select_related("debtor")
            invoices.update({invoice.number: invoice for invoice in found.defer("document")})
        known = self._known(desk, {row.values.get("reference") for row in rows})
        for row in rows:
            row.target = invoices.get(row.values.get("invoice") or "")
            row.now = known.get(row.values.get("reference") or "")
            if row.target is None and row.values.get("invoice"):
                row.refuse(gettext("There is no invoice of this number."), "invoice")

    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        (row,) = unit
        if row.now is not None:
            raise ValidationError(
                gettext(
                    "A payment with this reference is recorded otherwise, and never changes. Take it back on"
                    " the page of the invoice, and enter another with a reference of its own."
                )
            )
        record_payment(
            row.target,
            row.values["paid_on"],
            row.values["amount"],
            row.values["reference"],
            desk.staff,
            desk.at,
        )

    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        yield from self._known(desk, None).values()

    def _known(self, desk: Desk, references: Iterable[Any] | None) -> dict[str, Stated]:
        """What was recorded under some references, or all of it, as it was entered."""
        found: dict[str, Stated] = {}
        for wanted in [Q()] if references is None else _referring(references):
            entered = Payment.objects.filter(
                wanted, kind=Payment.Kind.ENTERED, takes_back__isnull=True, continues__isnull=True
            ).filter(invoice__provider=desk.provider)
            for payment in entered.select_related("invoice").defer("invoice__document").order_by("pk"):
                _add(found, payment.reference, payment.invoice.number, payment.paid_on, payment.amount)
            kept = CreditEntry.objects.filter(
                wanted, amount__gt=0, transaction__isnull=True, balance__provider=desk.provider
            ).filter(Q(kind=CreditEntry.Kind.HELD, claim__isnull=False) | Q(kind=CreditEntry.Kind.OVERPAID))
            for entry in kept.select_related("claim").defer("claim__document").order_by("pk"):
                number = entry.claim.number if entry.claim else ""
                if number or entry.reference in found:
                    _add(found, entry.reference, number, entry.on, entry.amount)
        return found


def _add(found: dict[str, Stated], reference: str, number: str, on: Any, amount: int) -> None:
    """Some of what came in under a reference; the parts of an amount make one."""
    stated = found.setdefault(
        reference, {"invoice": number, "paid_on": on, "amount": 0, "reference": reference}
    )
    stated["amount"] += amount


def _referring(references: Iterable[Any]) -> Iterator[Q]:
    for some in in_batches({one for one in references if one}):
        yield Q(reference__in=some)

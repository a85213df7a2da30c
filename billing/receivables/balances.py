"""What is open of issued invoices, since when, and what it costs to be late."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Sum, TextChoices, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from billing.calculation.interest import LateInterest, late_interest
from billing.documents.invoice_document import InvoiceDocument
from billing.models import Adjustment, Invoice, Payment
from contracts.policies.rulebooks import Rulebooks

_WITHOUT_INTEREST = (Adjustment.Kind.LATE_INTEREST, Adjustment.Kind.DEPOSIT)


class State(TextChoices):
    """What can be said of an invoice's payment on a day."""

    ISSUED = "issued", _("Unpaid")
    OVERDUE = "overdue", _("Overdue")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")


def with_paid(invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """Annotate `paid`, `returned`, `open_amount`, in yen; nothing is open of what is cancelled."""
    standing = Payment.objects.standing().filter(invoice=OuterRef("pk")).order_by()
    sums = standing.values("invoice").annotate(sum=Sum("amount"))
    returns = Invoice.objects.live().filter(original=OuterRef("pk")).order_by().values("original")
    return invoices.annotate(
        paid=Coalesce(Subquery(sums.values("sum")), 0),
        returned=Coalesce(-Subquery(returns.annotate(sum=Sum("gross")).values("sum")), 0),
    ).annotate(
        open_amount=Case(
            When(cancelled_on__isnull=False, then=Value(0)),
            default=Greatest(F("gross") - F("paid") - F("returned"), 0),
        )
    )


def overdue_on(day: date, invoices: QuerySet[Invoice] | None = None) -> QuerySet[Invoice]:
    """Invoices that are not paid in full although their due date is past."""
    every = Invoice.objects.all() if invoices is None else invoices
    return with_paid(every.filter(due_on__lt=day)).filter(open_amount__gt=0)


def state_on(day: date, due_on: date, open_amount: int) -> State:
    """The state of an invoice that has an amount open."""
    if open_amount <= 0:
        return State.PAID
    return State.OVERDUE if due_on < day else State.ISSUED


def state_of(invoice: Any, day: date) -> State:
    """The state on a day of an invoice or return as `with_paid` gives it."""
    if invoice.is_cancelled:
        return State.CANCELLED
    if invoice.is_return:
        return State.RETURNED
    return state_on(day, invoice.due_on, invoice.open_amount)


@dataclass(frozen=True)
class LateCharge:
    """Late interest in yen: a decision for each payment that came late, and one for what is still open."""

    interest: int
    open_amount: int
    decisions: tuple[LateInterest, ...]


def late_charge_on(invoice: Invoice, day: date) -> LateCharge:
    """The late interest of an invoice if what is open were paid on a day, by the policy in force then.

    Late interest and deposits that the invoice itself states bear none, nor does what was returned.
    LookupError if no terms are in force.
    """
    version = Rulebooks().in_force_for(invoice.contract, day)
    if version is None:
        raise LookupError(f"no terms are in force on {day}")
    rule = version.policy.charging.late_interest
    open_amount = _interest_bearing(invoice)
    decisions: list[LateInterest] = []
    for payment in invoice.payments.standing().filter(paid_on__lte=day).order_by("paid_on", "pk"):
        part = min(open_amount, payment.amount)
        open_amount -= part
        decisions.append(late_interest(rule, part, invoice.due_on, payment.paid_on))
    if open_amount:
        decisions.append(late_interest(rule, open_amount, invoice.due_on, day))
    charged = tuple(decision for decision in decisions if decision.days)
    return LateCharge(sum(decision.interest for decision in charged), open_amount, charged)


def _interest_bearing(invoice: Invoice) -> int:
    """What an invoice asks for, less what was returned, and the late interest and deposits that it states."""
    document: InvoiceDocument = invoice.document
    without = sum(line["amount"] for line in document["lines"] if line.get("adjustment") in _WITHOUT_INTEREST)
    returned = invoice.returns.live().aggregate(sum=Sum("gross"))["sum"] or 0
    return max(0, invoice.gross + returned - without)

"""What is open of issued invoices, since when, and what it costs to be late."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from billing.calculation.interest import LateInterest, late_interest
from billing.documents.invoice_document import InvoiceDocument
from billing.models import Adjustment, Invoice
from contracts.policies.rulebooks import Rulebooks

_WITHOUT_INTEREST = (Adjustment.Kind.LATE_INTEREST, Adjustment.Kind.DEPOSIT)


class State(TextChoices):
    """What can be said of an invoice's payment on a day."""

    ISSUED = "issued", _("Unpaid")
    OVERDUE = "overdue", _("Overdue")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")


def overdue_on(day: date, invoices: QuerySet[Invoice] | None = None) -> QuerySet[Invoice]:
    """Invoices that are not paid in full although their due date is past; the database has their index."""
    every = Invoice.objects.all() if invoices is None else invoices
    return every.filter(open_amount__gt=0, due_on__lt=day)


def state_on(day: date, due_on: date, open_amount: int) -> State:
    """The state of an invoice that has an amount open."""
    if open_amount <= 0:
        return State.PAID
    return State.OVERDUE if due_on < day else State.ISSUED


def state_of(invoice: Invoice, day: date) -> State:
    """The state on a day of an invoice or return."""
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
        part = min(open_amount, payment.left)
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
    return max(0, invoice.gross - invoice.returned - without)

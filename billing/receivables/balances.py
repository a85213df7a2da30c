"""What is open of issued invoices, since when, and what it costs to be late."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from billing.calculation.interest import Debt, LateInterest, Paid, Part, lateness
from billing.documents.invoice_document import InvoiceDocument
from billing.models import Adjustment, Invoice, Payment
from contracts.policies.rulebooks import Rulebooks
from portal.organisations.models import Organisation

_WITHOUT_INTEREST = (Adjustment.Kind.LATE_INTEREST, Adjustment.Kind.DEPOSIT)


class State(TextChoices):
    """What can be said of an invoice's payment on a day."""

    ISSUED = "issued", _("Unpaid")
    PARTLY_PAID = "partly_paid", _("Partly paid")
    OVERDUE = "overdue", _("Overdue")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")
    PASSED_ON = "passed_on", _("Owed by the successor")


def overdue_on(day: date, invoices: QuerySet[Invoice] | None = None) -> QuerySet[Invoice]:
    """Invoices that are not paid in full although their due date is past; the database has their index."""
    every = Invoice.objects.all() if invoices is None else invoices
    return every.filter(open_amount__gt=0, open_due_on__lt=day)


def state_on(day: date, due_on: date, open_amount: int) -> State:
    """The state of an invoice that has an amount open."""
    if open_amount <= 0:
        return State.PAID
    return State.OVERDUE if due_on < day else State.ISSUED


def state_of(invoice: Invoice, day: date) -> State:
    """The state on a day of an invoice or return; overdue, too, where a part of it is paid."""
    if invoice.is_cancelled:
        return State.CANCELLED
    if invoice.is_return:
        return State.RETURNED
    state = state_on(day, invoice.open_due_on, invoice.open_amount)
    return State.PARTLY_PAID if state == State.ISSUED and invoice.paid else state


def in_state(state: State, day: date) -> Q:
    """The invoices that `state_of` a day finds in a state of payment: unpaid, partly paid, overdue, paid."""
    if state == State.PAID:
        return Q(cancelled_on__isnull=True, open_amount=0) & ~Q(kind=Invoice.Kind.RETURN)
    still_open = Q(open_amount__gt=0)
    if state == State.OVERDUE:
        return still_open & Q(open_due_on__lt=day)
    begun = Q(paid__gt=0) if state == State.PARTLY_PAID else Q(paid=0)
    return still_open & Q(open_due_on__gte=day) & begun


def state_for(organisation: Organisation, invoice: Invoice, day: date) -> State:
    """The state on a day as an organisation sees it: what it no longer owes is its successor's."""
    state = state_of(invoice, day)
    passed = invoice.debtor_id != organisation.pk and state not in (State.CANCELLED, State.RETURNED)
    return State.PASSED_ON if passed else state


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
    return late_charges_on([invoice], day)[0]


def late_charges_on(invoices: Sequence[Invoice], day: date) -> list[LateCharge]:
    """The same of many, in their order; prefetch `contract__service` and `contract__agreements`."""
    books = Rulebooks()
    paid: dict[int, list[Paid]] = defaultdict(list)
    standing = Payment.objects.standing().filter(invoice__in=invoices, paid_on__lte=day)
    for payment in standing.order_by("paid_on", "pk"):
        paid[payment.invoice_id].append(Paid(payment.left, payment.paid_on))
    return [_late_charge(invoice, paid[invoice.pk], day, books) for invoice in invoices]


def _late_charge(invoice: Invoice, paid: list[Paid], day: date, books: Rulebooks) -> LateCharge:
    version = books.in_force_for(invoice.contract, day)
    if version is None:
        raise LookupError(f"no terms are in force on {day}")
    late = lateness(version.policy.charging, _debt(invoice), paid, day)
    return LateCharge(sum(decision.interest for decision in late.decisions), late.unpaid, late.decisions)


def _debt(invoice: Invoice) -> Debt:
    """What an invoice asks for, less what was returned; late interest and deposits in it bear no interest."""
    document: InvoiceDocument = invoice.document
    stated: dict[str, int] = dict.fromkeys(_WITHOUT_INTEREST, 0)
    for line in document["lines"]:
        if (kind := line.get("adjustment")) in stated:
            stated[kind] += line["amount"]
    total = invoice.gross - invoice.returned
    principal = max(0, total - sum(stated.values()))
    parts = [Part(amount, due_on) for amount, due_on in invoice.parts(principal)]
    return Debt(tuple(parts), stated[Adjustment.Kind.LATE_INTEREST], total)

"""What is open of issued invoices, since when, and what it costs to be late."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum, TextChoices
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from billing.calculation.interest import LateInterest, late_interest
from billing.models import Invoice, Payment
from contracts.models import TermsVersion


class State(TextChoices):
    """What can be said of an invoice's payment on a day."""

    ISSUED = "issued", _("Unpaid")
    OVERDUE = "overdue", _("Overdue")
    PAID = "paid", _("Paid")


def with_paid(invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """Annotate `paid` and `open_amount`, in yen."""
    sums = Payment.objects.filter(invoice=OuterRef("pk")).values("invoice").annotate(sum=Sum("amount"))
    return invoices.annotate(paid=Coalesce(Subquery(sums.values("sum")), 0)).annotate(
        open_amount=Greatest(F("gross") - F("paid"), 0)
    )


def overdue_on(day: date, invoices: QuerySet[Invoice] | None = None) -> QuerySet[Invoice]:
    """Invoices that are not paid in full although their due date is past."""
    every = Invoice.objects.all() if invoices is None else invoices
    return with_paid(every.filter(due_on__lt=day)).filter(paid__lt=F("gross"))


def state_on(day: date, due_on: date, open_amount: int) -> State:
    """The state of an invoice that has an amount open."""
    if open_amount <= 0:
        return State.PAID
    return State.OVERDUE if due_on < day else State.ISSUED


@dataclass(frozen=True)
class LateCharge:
    """Late interest in yen: a decision for each payment that came late, and one for what is still open."""

    interest: int
    decisions: tuple[LateInterest, ...]


def late_charge_on(invoice: Invoice, day: date) -> LateCharge:
    """The late interest of an invoice if what is open were paid on a day, by the policy in force then.

    LookupError if no terms are in force.
    """
    version = TermsVersion.objects.in_force(invoice.contract.service, day)
    if version is None:
        raise LookupError(f"no terms are in force on {day}")
    rule = version.policy.charging.late_interest
    open_amount = invoice.gross
    decisions: list[LateInterest] = []
    for payment in invoice.payments.filter(paid_on__lte=day).order_by("paid_on", "pk"):
        part = min(open_amount, payment.amount)
        open_amount -= part
        decisions.append(late_interest(rule, part, invoice.due_on, payment.paid_on))
    if open_amount:
        decisions.append(late_interest(rule, open_amount, invoice.due_on, day))
    charged = tuple(decision for decision in decisions if decision.days)
    return LateCharge(sum(decision.interest for decision in charged), charged)

"""How a customer stands with a provider: what it owes, and how it has paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Max, QuerySet

from billing.models import Invoice, Payment
from billing.receivables.late.grounds import owing
from billing.receivables.open_items import open_invoices
from contracts.extensions.debts import Debts
from contracts.models import Contract, Provider
from portal.organisations.models import Organisation

A_YEAR = timedelta(days=365)


def debts_of(organisation: Organisation, provider: Provider, day: date) -> Debts:
    """What a customer owes a provider on a day, in yen, and which contracts could be terminated for it."""
    owed = Invoice.objects.filter(debtor=organisation, provider=provider)
    unpaid = [part for invoice in open_invoices(owed) for part in invoice.parts(invoice.open_amount)]
    late = [(amount, due_on) for amount, due_on in unpaid if due_on < day]
    return Debts(
        open=sum(amount for amount, _due_on in unpaid),
        overdue=sum(amount for amount, _due_on in late),
        oldest_due_on=min((due_on for _amount, due_on in late), default=None),
        could_end=tuple(_could_end(owed, day)) if late else (),
    )


def _could_end(owed: QuerySet[Invoice], day: date) -> Iterable[tuple[str, date]]:
    """The contracts whose terms let the provider terminate them for what is owed, each since when."""
    since = {
        one.contract: one.since
        for one in owing(day, "termination", owed.filter(contract__ends_on__isnull=True))
    }
    numbers = Contract.objects.in_bulk(since)
    return sorted((numbers[pk].number, day) for pk, day in since.items())


@dataclass(frozen=True)
class Paying:
    """How invoices that fell due in a stretch of time were paid: how many, and how many days late."""

    on_time: int = 0
    late: tuple[int, ...] = ()
    unpaid: int = 0

    @property
    def invoices(self) -> int:
        return self.on_time + len(self.late) + self.unpaid

    @property
    def days_late(self) -> int:
        """The days that what came late was late by, on average."""
        return round(sum(self.late) / len(self.late)) if self.late else 0

    @property
    def most_days_late(self) -> int:
        return max(self.late, default=0)


def paying(invoices: QuerySet[Invoice], day: date) -> Paying:
    """How those of some invoices were paid that fell due in the year before a day.

    What was returned or cancelled, and so never had to be paid, does not count.
    """
    fell_due = (
        invoices.claims()  # type: ignore[attr-defined]
        .filter(due_on__gte=day - A_YEAR, due_on__lt=day, gross__gt=F("returned"))
        .values_list("pk", "due_on", "open_amount")
    )
    rows = list(fell_due)
    standing = Payment.objects.standing().filter(invoice__in=[pk for pk, _due_on, _open in rows]).order_by()
    paid_on = dict(standing.values_list("invoice").annotate(last=Max("paid_on")))
    settled = [(due_on, paid_on[pk]) for pk, due_on, left in rows if not left and pk in paid_on]
    late = tuple((last - due_on).days for due_on, last in settled if last > due_on)
    unpaid = sum(1 for _pk, _due_on, left in rows if left)
    return Paying(on_time=len(settled) - len(late), late=late, unpaid=unpaid)

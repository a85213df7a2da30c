"""A customer's invoices as a list: what each of them asks for on a day, and what they come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Q, QuerySet, Sum

from billing.calculation.owed.matching import bare_number
from billing.models import Invoice
from billing.receivables.balances import State, state_for
from billing.receivables.held import held_by_invoice
from contracts.models import Provider
from portal.organisations.models import Organisation


@dataclass(frozen=True)
class ListedInvoice:
    """An invoice as an organisation sees it on a day; amounts in yen.

    `open` is what the organisation owes of it, `kept` what of that came in but does not count as paid yet.
    `days_left` are those until it is due, negative ones since; None where nothing is open.
    """

    invoice: Invoice
    state: State
    open: int
    kept: int
    days_left: int | None

    @property
    def paid(self) -> int:
        """What was paid of an invoice of which something is open."""
        return self.invoice.paid if self.open else 0

    @property
    def missing(self) -> int:
        """What is still to come in, so that all of it is paid."""
        return self.open - self.kept

    @property
    def reference(self) -> str:
        """By which a payment is recognised as this invoice's, where a transfer names it."""
        return bare_number(self.invoice.number) or self.invoice.number

    @property
    def days_late(self) -> int:
        return -min(self.days_left or 0, 0)

    @property
    def due_on(self) -> date | None:
        """When it is to be paid: what is open of it, else all of it. A return is not paid."""
        if self.invoice.is_return:
            return None
        return self.invoice.open_due_on if self.open else self.invoice.due_on


def listed(invoices: Iterable[Invoice], organisation: Organisation, today: date) -> list[ListedInvoice]:
    """Invoices that an organisation sees, in their order."""
    kept = held_by_invoice([organisation])
    return [_listed(one, kept.get(one.pk, 0), organisation, today) for one in invoices]


def _listed(invoice: Invoice, kept: int, organisation: Organisation, today: date) -> ListedInvoice:
    owed = invoice.open_amount if invoice.debtor_id == organisation.pk else 0
    days_left = (invoice.open_due_on - today).days if owed else None
    return ListedInvoice(
        invoice, state_for(organisation, invoice, today), owed, kept if owed else 0, days_left
    )


@dataclass(frozen=True)
class Total:
    """What invoices come to, in yen; those that were cancelled count, and come to nothing."""

    count: int
    gross: int
    open: int
    provider: Provider | None = None


def totals(found: QuerySet[Invoice], organisation: Organisation) -> list[Total]:
    """What invoices come to, by who issued them, in the order of the issuers; empty without any."""
    sums = (
        found.order_by()
        .values("provider")
        .annotate(
            count=Count("pk"),
            gross=Sum("gross", filter=Q(cancelled_on__isnull=True)),
            open=Sum("open_amount", filter=Q(debtor=organisation)),
        )
    )
    by_issuer = {row["provider"]: row for row in sums}
    issuers = Provider.issuers.prefetch_related("particulars").filter(pk__in=by_issuer).order_by("pk")
    rows = ((issuer, by_issuer[issuer.pk]) for issuer in issuers)
    return [Total(row["count"], row["gross"] or 0, row["open"] or 0, issuer) for issuer, row in rows]


def in_all(parts: Sequence[Total]) -> Total:
    """Totals added up."""
    return Total(
        sum(part.count for part in parts), sum(part.gross for part in parts), sum(part.open for part in parts)
    )


@dataclass(frozen=True)
class ToPay:
    """What an organisation owes in all, in yen, how much of it is overdue, and when the next is due."""

    open: int
    overdue: int
    next_due_on: date | None


def to_pay(seen: QuerySet[Invoice], organisation: Organisation, today: date) -> ToPay:
    """What is open of the invoices that are seen."""
    overdue = Q(open_due_on__lt=today)
    sums = (
        seen.filter(debtor=organisation, open_amount__gt=0)
        .order_by()
        .aggregate(
            open=Sum("open_amount"),
            overdue=Sum("open_amount", filter=overdue),
            next_due_on=Min("open_due_on", filter=~overdue),
        )
    )
    return ToPay(sums["open"] or 0, sums["overdue"] or 0, sums["next_due_on"])

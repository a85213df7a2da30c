"""Everything that waits for staff in one order: what is overdue first, then what is due today and later.

Contracts know what waits on them, billing knows which debts have lasted long enough for a stop or a
termination. This puts them together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.pricing.quoted_prices import prices_to_enter
from billing.receivables.balances import overdue_on
from billing.receivables.open_items import Terms
from contracts.inbox import work
from contracts.inbox.work import Wanted, WorkEntry, WorkRow, WorkSource
from contracts.models import Contract, Suspension

PAGE = 50


class When(TextChoices):
    """When something is due, seen from today; a week ends on Sunday."""

    OVERDUE = "overdue", _("Overdue")
    TODAY = "today", _("Due today")
    WEEK = "week", _("Due this week")
    LATER = "later", _("Later")


class Waits(TextChoices):
    """What something waits for beside staff."""

    DOCUMENTS = "documents", _("Waiting for documents")
    ASKED_BACK = "asked_back", _("Asked back")


def when(due_on: date, today: date) -> When:
    """In which part of the queue something belongs that is due on a day."""
    if due_on < today:
        return When.OVERDUE
    if due_on == today:
        return When.TODAY
    sunday = today + timedelta(days=6 - today.weekday())
    return When.WEEK if due_on <= sunday else When.LATER


@dataclass(frozen=True)
class Line:
    """A row of the queue as it is shown."""

    row: WorkRow
    when: When
    entry: WorkEntry

    @property
    def days(self) -> int:
        """For how many days it has waited."""
        return (localdate() - self.row.since).days


@dataclass
class Queue:
    """A page of the queue. The counts are of all that fits the service and the text."""

    lines: list[Line]
    total: int
    by_when: dict[str, int] = field(default_factory=dict)
    by_kind: dict[str, int] = field(default_factory=dict)
    by_waits: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What of the queue is looked at: `kind` of a source, `when` it is due, what else it `waits` for."""

    wanted: Wanted = field(default_factory=Wanted)
    kind: str = ""
    when: str = ""
    waits: str = ""

    def takes(self, row: WorkRow, due: When) -> bool:
        """Whether a row is among it."""
        if self.kind not in ("", row.kind) or self.when not in ("", due):
            return False
        return not self.waits or self.waits in _waits(row)


def all_sources() -> tuple[WorkSource, ...]:
    """Every kind of work, of contracts and of billing."""
    stop, end = _("Unpaid: suspension is possible"), _("Unpaid: termination is possible")
    paid = WorkSource(
        "paid",
        _("Paid: the service can go on"),
        "contracts.suspension",
        _paid_rows,
        _paid_entries,
    )
    price = WorkSource(
        "price",
        _("Prices to enter, by quotation"),
        "billing.specialprice",
        _price_rows,
        _price_entries,
    )
    return (*work.sources(), price, _unpaid("suspension", stop), _unpaid("termination", end), paid)


def queue(sources: Iterable[WorkSource], choice: Choice, page: int, today: date) -> Queue:
    """A page of what waits, the earliest due first, and of two due alike the one that has waited longer.

    `page` counts from 1; past the last page it is the last one.
    """
    known = {source.kind: source for source in sources}
    rows = [row for source in known.values() for row in source.rows(choice.wanted)]
    found = [(row, when(row.due_on, today)) for row in rows]
    taken = [(row, due) for row, due in found if choice.takes(row, due)]
    taken.sort(key=lambda pair: (pair[0].due_on, pair[0].since, pair[0].kind, pair[0].pk))
    first = (min(page, max(1, -(-len(taken) // PAGE))) - 1) * PAGE
    return Queue(
        lines=list(_lines(taken[first : first + PAGE], known)),
        total=len(taken),
        by_when=dict(Counter(due.value for _row, due in found)),
        by_kind=dict(Counter(row.kind for row in rows)),
        by_waits=dict(Counter(waits for row in rows for waits in _waits(row))),
    )


def _waits(row: WorkRow) -> Iterator[str]:
    if row.for_documents:
        yield Waits.DOCUMENTS.value
    if row.asked_back:
        yield Waits.ASKED_BACK.value


def _lines(rows: list[tuple[WorkRow, When]], known: dict[str, WorkSource]) -> Iterator[Line]:
    shown: dict[str, Any] = {}
    for kind in {row.kind for row, _due in rows}:
        shown[kind] = known[kind].entries([row.pk for row, _due in rows if row.kind == kind])
    for row, due in rows:
        # What somebody dealt with between the two looks is gone.
        if row.pk in shown[row.kind]:
            yield Line(row, due, shown[row.kind][row.pk])


def _unpaid(leads_to: str, label: Any) -> WorkSource:
    """Running contracts with a debt that has become a ground for a step of the provider, once each."""

    def rows(wanted: Wanted) -> Iterator[WorkRow]:
        today = localdate()
        terms, seen = Terms(today), set()
        for invoice in _overdue(wanted, today):
            since = [ground.since for ground in terms.grounds(invoice) if ground.leads_to == leads_to]
            idle = leads_to == "suspension" and invoice.stopped
            if since and not idle and invoice.contract_id not in seen:
                seen.add(invoice.contract_id)
                yield WorkRow(f"unpaid_{leads_to}", invoice.contract_id, min(since), invoice.due_on)

    def entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
        contracts = Contract.objects.filter(pk__in=pks).select_related("service", "organisation")
        return {one.pk: work.contract_entry(one, str(label)) for one in contracts}

    return WorkSource(f"unpaid_{leads_to}", label, "contracts.contract", rows, entries)


def _overdue(wanted: Wanted, today: date) -> QuerySet[Any]:
    """Overdue invoices of contracts that go on, those due first in front; `stopped` where the service is."""
    stops = Suspension.objects.filter(
        contract=OuterRef("contract"),
        product="",
        kind__in=(Suspension.Kind.SUSPENSION, Suspension.Kind.UNTIL_PAID),
        starts_on__lte=today,
    )
    return (
        overdue_on(today)
        .filter(wanted.of("contract"), contract__ends_on__isnull=True)
        .annotate(stopped=Exists(stops.exclude(ends_on__lt=today)))
        .select_related("contract__service")
        .defer("document")
        .order_by("due_on", "pk")
    )


def _paid_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Suspensions until paid of contracts that owe nothing overdue any more; due at once."""
    today = localdate()
    lasting = Suspension.objects.filter(kind=Suspension.Kind.UNTIL_PAID, starts_on__lte=today)
    overdue = overdue_on(today).filter(contract=OuterRef("contract"))
    found = lasting.filter(wanted.of("contract"), ~Exists(overdue), ends_on__isnull=True)
    for pk, starts_on in found.values_list("pk", "starts_on"):
        yield WorkRow("paid", pk, today, starts_on)


def _paid_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    stops = Suspension.objects.filter(pk__in=pks).select_related(
        "contract__service", "contract__organisation"
    )
    return {
        one.pk: replace(
            work.contract_entry(one.contract, gettext("Paid: the service can go on")),
            url=reverse("admin:contracts_suspension_change", args=[one.pk]),
        )
        for one in stops
    }


def _price_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Contracts with a price to enter, once each; due with the month that charges it."""
    seen = set()
    for waiting in prices_to_enter(wanted.of("")):
        if waiting.contract.pk not in seen:
            seen.add(waiting.contract.pk)
            due_on = waiting.month.last if waiting.month else work.answer_by(waiting.since, None)
            yield WorkRow("price", waiting.contract.pk, due_on, waiting.since)


def _price_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    entries: dict[int, WorkEntry] = {}
    for waiting in prices_to_enter(Q(pk__in=list(pks))):
        about = gettext("Price to enter: %(products)s") % {"products": ", ".join(waiting.names)}
        starts_on = waiting.month.first if waiting.month else waiting.since
        asked = {
            "contract": waiting.contract.number,
            "product": waiting.products[0],
            "starts_on": f"{starts_on:%Y-%m-%d}",
            "ends_on": f"{waiting.ends_on:%Y-%m-%d}" if waiting.ends_on else "",
        }
        entry = work.contract_entry(waiting.contract, about)
        address = f"{reverse('admin:billing_specialprice_set_price')}?{urlencode(asked)}"
        entries.setdefault(waiting.contract.pk, replace(entry, url=address))
    return entries

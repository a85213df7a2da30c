"""All coming dates of an organisation's contracts, as a list and as a calendar file (.ics)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from contracts.lifecycle.deadlines import ONE_DAY, UpcomingDeadline, next_deadlines
from contracts.models import Contract, ContractItem, Provider, Suspension, Task
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month, japan_date
from contracts.wording.explain import Explanation
from contracts.wording.formats import closing_text
from contracts.wording.products import product_line
from portal.organisations.models import Membership

Place = tuple[date, str]
"""Where an entry stands among others: its day, and the number of its contract."""

OF_CUSTOMERS = ("cancel_by", "renewal_notice", "minimum_term_end")
"""Dates by which customers may do something, or be freed of something."""

_TOLD_BY_TASKS = ("data_erasure", "device_return")
"""What is among the dates of a contract for its customer, and for staff something to do."""

_READ_AT_ONCE = (
    "contracted_version__service",
    "requests__terms_version__service",
    "agreements",
    "items",
    "suspensions",
    "tasks",
)
"""What the dates of many contracts follow from; versions with their texts are read once each."""


@dataclass(frozen=True)
class AgendaEntry:
    """A day ahead in a contract; `deadline` where it follows from a rule."""

    on: date
    kind: str
    label: str
    contract: Contract
    deadline: UpcomingDeadline | None = field(default=None, compare=False)

    @property
    def explanation(self) -> Explanation | None:
        """Why it is that day, put into words when asked for; None for what no rule decided."""
        return self.deadline.explanation if self.deadline else None

    @property
    def until(self) -> datetime | None:
        """The last moment to act where it is a deadline; None for other dates."""
        return self.deadline.until if self.deadline else None

    @property
    def url(self) -> str:
        """The address of the contract's page, complete."""
        return str(settings.PORTAL_URL) + reverse("contracts:contract-detail", args=[self.contract.number])

    @property
    def customer(self) -> str:
        """The customer's name on that day; for many, prefetch `particulars` and `parties__organisation`."""
        return self.contract.name_on(self.on)


def agenda(membership: Membership, at: date | datetime) -> list[AgendaEntry]:
    """The dates of every contract that a member sees from a moment on (a day: its beginning), in order."""
    contracts = (
        Contract.objects.shown_to(membership)
        .select_related("service", "application")
        .prefetch_related(*_READ_AT_ONCE)
    )
    books = Rulebooks()
    entries = [entry for contract in contracts for entry in of_contract(contract, at, books)]
    return sorted(entries, key=_place)


class ProviderAgenda:
    """What begins, changes, stops and ends in a month in the contracts for a provider's services, in order.

    What staff have to do is among it; the days up to which customers may still give notice are not. The
    database says on which days which contracts have something; of these, only what is taken out is read.
    """

    def __init__(self, provider: Provider, month: Month) -> None:
        self._month = month
        self._of = Contract.objects.filter(service__provider=provider)
        self._places = sorted(_places(provider, month))

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, asked: slice) -> list[AgendaEntry]:
        taken = self._places[asked]
        if not taken:
            return []
        first, last = self._places.index(taken[0]), taken[-1]
        before = (asked.start or 0) - first
        entries = (entry for entry in self._entries({number for _on, number in taken}))
        around = sorted((one for one in entries if taken[0] <= _place(one) <= last), key=_place)
        return around[before : before + len(taken)]

    def _entries(self, numbers: set[str]) -> Iterator[AgendaEntry]:
        contracts = self._of.filter(number__in=numbers)
        related = contracts.select_related("service", "application__organisation", "organisation")
        books, first = Rulebooks(), self._month.first
        for contract in related.prefetch_related(*_READ_AT_ONCE, "particulars", "parties__organisation"):
            for entry in of_contract(contract, first, books):
                if entry.kind not in (*OF_CUSTOMERS, *_TOLD_BY_TASKS) and entry.on <= self._month.last:
                    yield entry
            yield from self._tasks(contract)

    def _tasks(self, contract: Contract) -> Iterator[AgendaEntry]:
        for task in contract.tasks.all():
            if task.done_at is None and self._month.first <= task.due_on <= self._month.last:
                yield AgendaEntry(task.due_on, task.kind, task.get_kind_display(), contract)


def _place(entry: AgendaEntry) -> Place:
    return entry.on, entry.contract.number


def _places(provider: Provider, month: Month) -> Iterator[Place]:
    """The places of all entries of a month."""
    within, number = (month.first, month.last), "contract__number"
    contracts = Contract.objects.filter(service__provider=provider).order_by()
    items = ContractItem.objects.filter(contract__service__provider=provider).order_by()
    stops = Suspension.objects.filter(contract__service__provider=provider).order_by()
    tasks = Task.objects.filter(contract__service__provider=provider, done_at__isnull=True).order_by()
    for key in ("service_starts_on", "billed_from_on", "ends_on"):
        yield from contracts.filter(**{f"{key}__range": within}).values_list(key, "number")
    with_the_contract = Q(
        contract__service_starts_on__isnull=False, starts_on=F("contract__service_starts_on")
    )
    begins = items.filter(starts_on__range=within).exclude(with_the_contract)
    yield from begins.values_list("starts_on", number)
    yield from _last_days(items, within)
    for key in ("starts_on", "ends_on"):
        yield from stops.filter(**{f"{key}__range": within}).values_list(key, number)
    yield from tasks.filter(due_on__range=within).values_list("due_on", number)


def _last_days(items: QuerySet[ContractItem], within: tuple[date, date]) -> Iterator[Place]:
    """Where products end within days; a quantity that gives way to another does not end."""
    day_after = (within[0] + ONE_DAY, within[1] + ONE_DAY)
    begins = set(items.filter(starts_on__range=day_after).values_list("contract", "product", "starts_on"))
    ends = items.filter(ends_on__range=within).exclude(ends_on=F("starts_on"))
    ends = ends.exclude(contract__ends_on__isnull=False, ends_on=F("contract__ends_on"))
    for contract, number, product, on in ends.values_list(
        "contract", "contract__number", "product", "ends_on"
    ):
        if on and (contract, product, on + ONE_DAY) not in begins:
            yield on, number


def of_contract(
    contract: Contract, at: date | datetime, books: Rulebooks | None = None
) -> Iterator[AgendaEntry]:
    """The dates of one contract from a moment on (a day: its beginning); unordered."""
    day = japan_date(at) if isinstance(at, datetime) else at
    for deadline in next_deadlines(contract, at, books):
        yield AgendaEntry(deadline.on, deadline.kind, deadline.label, contract, deadline)
    yield from _changes(contract, day)
    yield from _stops(contract, day)
    for task in contract.tasks.all():
        if task.kind == Task.Kind.DEVICE_RETURN and task.done_at is None and task.due_on >= day:
            yield AgendaEntry(task.due_on, "device_return", _("A device goes back by"), contract)


def _changes(contract: Contract, day: date) -> Iterator[AgendaEntry]:
    """Quantities that begin and products that end; a quantity that gives way to another does not end."""
    policy = contract.contracted_version.policy
    begins = {(item.product, item.starts_on) for item in contract.items.all()}
    for item in contract.items.all():
        product = product_line(policy, item.product, item.quantity)
        if item.starts_on >= day and item.starts_on != contract.service_starts_on:
            label = _("%(product)s: %(quantity)s from this day on")
            shown = {"product": product.name, "quantity": product.amount}
            yield AgendaEntry(item.starts_on, "change", label % shown, contract)
        if item.ends_on is None or item.ends_on < day or item.ends_on in (contract.ends_on, item.starts_on):
            continue
        if (item.product, item.ends_on + ONE_DAY) not in begins:
            label = _("%(product)s: last day")
            yield AgendaEntry(item.ends_on, "change", label % {"product": product.name}, contract)


def _stops(contract: Contract, day: date) -> Iterator[AgendaEntry]:
    for stop in contract.suspensions.all():
        if stop.starts_on >= day:
            yield AgendaEntry(stop.starts_on, stop.kind, stop.get_kind_display(), contract)
        if stop.ends_on and stop.ends_on >= day:
            label = _("%(stop)s: last day") % {"stop": stop.get_kind_display()}
            yield AgendaEntry(stop.ends_on, f"{stop.kind}_end", label, contract)


def as_ics(entries: list[AgendaEntry], made_at: datetime) -> bytes:
    """Entries as a calendar file of whole-day events. The same entry keeps its UID, so that it is updated."""
    calendar = Calendar()
    calendar.add("prodid", "-//Terms & Contracts Portal//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Dates of contracts"))
    host = settings.PORTAL_URL.partition("://")[2]
    seen: dict[str, int] = {}
    for entry in entries:
        name = f"{entry.contract.number}-{entry.kind}-{entry.on:%Y%m%d}"
        seen[name] = seen.get(name, 0) + 1
        calendar.add_component(_event(entry, f"{name}-{seen[name]}@{host}", made_at))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: AgendaEntry, uid: str, made_at: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", made_at)
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + ONE_DAY)
    event.add("summary", f"{_named(entry)} ({entry.contract.service.name} {entry.contract.number})")
    event.add("description", "\n".join([*_reasons(entry), entry.url]))
    event.add("url", entry.url)
    event.add("transp", "TRANSPARENT")
    return event


def _named(entry: AgendaEntry) -> str:
    """What it is, with the hour where it is a deadline that ends within its day."""
    closing = closing_text(entry.until) if entry.until else ""
    return f"{entry.label} {closing}".rstrip()


def _reasons(entry: AgendaEntry) -> Iterator[str]:
    for step in entry.explanation.steps if entry.explanation else ():
        articles = _(", ").join(article.label for article in step.articles)
        result = f" → {step.result}" if step.result else ""
        yield f"{step.sentence}{result} ({articles})" if articles else f"{step.sentence}{result}"

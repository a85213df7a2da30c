"""All coming dates of an organisation's contracts, as a list and as a calendar file (.ics)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from contracts.lifecycle.deadlines import UpcomingDeadline, next_deadlines
from contracts.models import Contract, ContractItem, Provider, Suspension, Task
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month, japan_date
from contracts.wording.explain import Explanation
from contracts.wording.formats import closing_text
from contracts.wording.products import product_line
from portal.organisations.models import Membership

OF_CUSTOMERS = ("cancel_by", "renewal_notice", "minimum_term_end")
"""Dates by which customers may do something, or be freed of something."""

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
    return sorted(entries, key=lambda entry: (entry.on, entry.contract.number))


def provider_agenda(provider: Provider, month: Month) -> list[AgendaEntry]:
    """What begins, changes, stops and ends in a month in the contracts for a provider's services, in order.

    Tasks of staff are among it; the days up to which customers may still give notice are not.
    """
    within = (month.first, month.last)
    moving = Contract.objects.filter(service__provider=provider).filter(
        Q(service_starts_on__range=within)
        | Q(billed_from_on__range=within)
        | Q(ends_on__range=within)
        | Exists(_of(ContractItem, Q(starts_on__range=within) | Q(ends_on__range=within)))
        | Exists(_of(Suspension, Q(starts_on__range=within) | Q(ends_on__range=within)))
        | Exists(_of(Task, Q(due_on__range=within, done_at__isnull=True)))
    )
    contracts = moving.select_related(
        "service", "application__organisation", "organisation"
    ).prefetch_related(
        *_READ_AT_ONCE,
        "particulars",
        "parties__organisation",
    )
    books = Rulebooks()
    entries = [
        entry
        for contract in contracts
        for entry in (*of_contract(contract, month.first, books), *_staff_tasks(contract))
        if month.first <= entry.on <= month.last and entry.kind not in OF_CUSTOMERS
    ]
    return sorted(entries, key=lambda entry: (entry.on, entry.contract.number))


def _of(model: type[Model], condition: Q) -> QuerySet[Any]:
    return model._default_manager.filter(condition, contract=OuterRef("pk"))


def _staff_tasks(contract: Contract) -> Iterator[AgendaEntry]:
    """What staff have to do; erasures and returns of devices are dates of the contract already."""
    for task in contract.tasks.all():
        if task.done_at is None and task.kind not in (Task.Kind.DATA_ERASURE, Task.Kind.DEVICE_RETURN):
            yield AgendaEntry(task.due_on, task.kind, task.get_kind_display(), contract)


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
        if (item.product, item.ends_on + timedelta(days=1)) not in begins:
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
    event.add("dtend", entry.on + timedelta(days=1))
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

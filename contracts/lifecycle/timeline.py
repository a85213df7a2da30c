"""A contract's whole life in order of days: what was, what is today, what is coming."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal

from django.utils.translation import gettext as _

from contracts.extensions.kinds import kind_label
from contracts.lifecycle.agenda import of_contract
from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision
from contracts.wording.explain import Explanation, explain
from contracts.wording.formats import closing_text
from contracts.wording.particulars import label_of
from contracts.wording.products import product_line

When = Literal["past", "today", "coming"]


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened, or will, on a day. `detail` adds to the label, `explanation` says why."""

    on: date
    when: When
    kind: str
    label: str
    detail: str = ""
    explanation: Explanation | None = field(default=None, compare=False)


def timeline(contract: Contract, at: date | datetime) -> list[TimelineEntry]:
    """The life of a contract as it stands at a moment (a day: its beginning), the earliest first.

    Prefetch `items`, `suspensions`, `requests`, `particulars`, `parties`, `authorised_users`, `agreements`,
    `letters` and `tasks` to spare queries.
    """
    return sorted(_Life(contract, at).entries(), key=lambda entry: entry.on)


@dataclass(frozen=True)
class _Life:
    contract: Contract
    at: date | datetime

    @cached_property
    def day(self) -> date:
        return japan_date(self.at) if isinstance(self.at, datetime) else self.at

    def entries(self) -> Iterator[TimelineEntry]:
        yield from self._beginning()
        yield from self._requests()
        yield from self._contents()
        yield from self._customer()
        yield from self._agreements()
        yield from self._stops()
        yield from self._letters()
        yield from self._tasks()
        yield from self._ahead()

    def _entry(
        self,
        on: date,
        kind: str,
        label: Any,
        detail: Any = "",
        decision: tuple[Decision | None, TermsVersion] | None = None,
    ) -> TimelineEntry:
        when: When = "past" if on < self.day else "today" if on == self.day else "coming"
        explanation = explain(*decision) if decision and decision[0] else None
        return TimelineEntry(on, when, kind, str(label), str(detail), explanation)

    def _happened(self, at: datetime | None, kind: str, label: Any) -> Iterator[TimelineEntry]:
        if at:
            yield self._entry(japan_date(at), kind, label)

    def _beginning(self) -> Iterator[TimelineEntry]:
        contract = self.contract
        yield from self._happened(contract.applied_at, "applied", _("Applied for"))
        yield from self._happened(contract.accepted_at, "accepted", _("Application accepted"))
        yield from self._happened(contract.registered_at, "registered", _("Registered"))
        decided = (contract.decided_formation, contract.contracted_version)
        for on, kind, label in (
            (contract.formed_on, "formed", _("Contract formed")),
            (contract.service_starts_on, "service_start", _("Service starts")),
            (contract.billed_from_on, "billing_start", _("Charging starts")),
        ):
            if on and on < self.day:
                yield self._entry(on, kind, label, decision=decided)
        if contract.ends_on and contract.ends_on < self.day:
            label = _("The contract ended")
            yield self._entry(contract.ends_on, "contract_end", label, contract.get_end_kind_display())

    def _requests(self) -> Iterator[TimelineEntry]:
        for request in self.contract.requests.all():
            detail = f"{kind_label(request.kind)} {request.number}"
            decided = (request.decided, request.terms_version)
            on = japan_date(request.submitted_at)
            yield self._entry(on, "request", _("Asked for"), detail, decided)
            if request.decided_at:
                accepted = request.status != ContractRequest.Status.REFUSED
                label = _("Request accepted") if accepted else _("Request refused")
                yield self._entry(japan_date(request.decided_at), "request_decided", label, detail)
            for at, kind, label in (
                (request.completed_at, "request_completed", _("Change set up")),
                (request.withdrawn_at, "request_withdrawn", _("Request withdrawn")),
            ):
                if at:
                    yield self._entry(japan_date(at), kind, label, detail)

    def _contents(self) -> Iterator[TimelineEntry]:
        policy = self.contract.contracted_version.read_on(self.day).policy
        for item in self.contract.items.all():
            if item.starts_on < self.day:
                shown = product_line(policy, item.product, item.quantity)
                detail = f"{shown.name} × {shown.amount}"
                yield self._entry(item.starts_on, "item", _("In the contract from this day on"), detail)

    def _customer(self) -> Iterator[TimelineEntry]:
        for particular in self.contract.particulars.all():
            label = label_of(particular.key)
            yield self._entry(particular.starts_on, "particular", label, particular.value)
        for party in self.contract.parties.all():
            yield self._entry(party.starts_on, "party", _("New customer"), party.organisation)
        for user in self.contract.authorised_users.all():
            yield self._entry(user.starts_on, "authorised_user_begin", _("Authorised user"), user.name)
            if user.ends_on and user.ends_on != self.contract.ends_on:
                label = _("Authorised user: last day")
                yield self._entry(user.ends_on, "authorised_user_end", label, user.name)

    def _agreements(self) -> Iterator[TimelineEntry]:
        for made in self.contract.agreements.all():
            label = _("Individual agreement takes effect")
            yield self._entry(made.effective_on, "agreement", label, made.title)
            if made.ends_on:
                label = _("Individual agreement: last day")
                yield self._entry(made.ends_on, "agreement_end", label, made.title)

    def _stops(self) -> Iterator[TimelineEntry]:
        for stop in self.contract.suspensions.all():
            decided = (stop.decision, stop.terms_version) if stop.terms_version else None
            if stop.starts_on < self.day:
                yield self._entry(stop.starts_on, stop.kind, stop.get_kind_display(), stop.note, decided)
            if stop.ends_on and stop.ends_on < self.day:
                label = _("%(stop)s: last day") % {"stop": stop.get_kind_display()}
                yield self._entry(stop.ends_on, f"{stop.kind}_end", label)

    def _letters(self) -> Iterator[TimelineEntry]:
        for letter in self.contract.letters.all():
            on = japan_date(letter.issued_at)
            yield self._entry(on, "letter", letter.title, letter.number)

    def _tasks(self) -> Iterator[TimelineEntry]:
        for task in self.contract.tasks.all():
            if task.done_at:
                yield self._entry(japan_date(task.done_at), "task_done", task.get_kind_display(), task.note)

    def _ahead(self) -> Iterator[TimelineEntry]:
        for entry in of_contract(self.contract, self.at):
            when: When = "today" if entry.on == self.day else "coming"
            closing = closing_text(entry.until) if entry.until else ""
            yield TimelineEntry(entry.on, when, entry.kind, entry.label, closing, entry.explanation)

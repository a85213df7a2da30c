"""The closed days of a provider for a year or so, as one proposal to a second person."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.approvals.closures import open_day
from contracts.models import CompanyClosure, Contract, Provider
from contracts.publishing.closures import CLOSURES as CLOSURES_KEY
from contracts.publishing.closures import save_closure, services_counting
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class ClosedDay(Strict):
    """A day on which a provider is closed, and why."""

    day: date
    note: str = ""


class ClosuresData(Strict):
    """Days on which a provider, by its code, is closed: new ones, and those that get another note."""

    provider: str
    days: list[ClosedDay]


def _provider(wanted: ClosuresData) -> Provider:
    return Provider.objects.get(code=wanted.provider)


def _left(wanted: ClosuresData) -> list[tuple[ClosedDay, CompanyClosure | None]]:
    """The days that are not stored like this yet, with what is stored of them."""
    known = {closure.day: closure for closure in _provider(wanted).closures.all()}
    pairs = [(one, known.get(one.day)) for one in sorted(wanted.days, key=lambda one: one.day)]
    left = [(one, closure) for one, closure in pairs if closure is None or closure.note != one.note]
    if not left:
        raise OvertakenError(gettext("All of these closed days are stored already."))
    return left


def _subject(wanted: ClosuresData) -> Subject:
    provider, days = _provider(wanted), [one.day for one, _closure in _left(wanted)]
    name = f"{provider.name} {day_text(days[0])}"
    if len(days) > 1:
        name = f"{name} – {day_text(days[-1])}"
    return Subject(about=provider, name=name, provider=provider.code)


def _lines(wanted: ClosuresData) -> Iterator[Line]:
    provider, left = _provider(wanted), _left(wanted)
    added = [one.day for one, closure in left if closure is None]
    for one, closure in left:
        before = f"{day_text(one.day)} {closure.note}".strip() if closure else ""
        yield Line(gettext("company closure"), before, f"{day_text(one.day)} {one.note}".strip())
    if not added:
        return
    services = services_counting(provider)
    stored = frozenset(provider.closures.values_list("day", flat=True))
    for service in services:
        for day in added:
            label = gettext("%(service)s: a deadline on %(day)s, moved on when closed") % {
                "service": service.name,
                "day": day_text(day),
            }
            yield Line(label, *(open_day(service, day, closed) for closed in (stored, stored | {*added})))
    running = Contract.objects.running_on(localdate()).filter(service__in=services).count()
    yield Line(gettext("Contracts that run"), "", str(running))


def _save(wanted: ClosuresData, approval: Proposal, at: datetime) -> str:
    left = _left(wanted)
    for one, closure in left:
        entered = closure or CompanyClosure(provider=_provider(wanted), day=one.day)
        entered.note = one.note
        save_closure(entered, approval.proposed_by, approval=approval)
    return gettext("%(count)s closed days are entered.") % {"count": len(left)}


def _binds_nobody(wanted: ClosuresData, amount: int, staff: User) -> Proposal.Without | None:
    added = any(closure is None for _one, closure in _left(wanted))
    return None if added and services_counting(_provider(wanted)) else Proposal.Without.UNBOUND


CLOSURES = Kind(
    key=CLOSURES_KEY,
    label=_("Closed days"),
    data=ClosuresData,
    right="contracts.change_companyclosure",
    subject=_subject,
    lines=_lines,
    carry_out=_save,
    form=lambda wanted: reverse("table", args=["closures"]),
    entered=lambda wanted: {},
    spared=_binds_nobody,
)

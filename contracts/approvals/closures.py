"""Closed days of a provider, which move deadlines of many, as proposals to a second person."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.models import CompanyClosure, Contract, Provider, Service
from contracts.policies.rulebooks import version_in_force
from contracts.publishing.closures import CLOSURE as CLOSURE_KEY
from contracts.publishing.closures import ensure_apart, save_closure, services_counting
from contracts.rules.policy.base import Strict
from contracts.rules.rulebook import Rulebook
from contracts.wording.formats import day_text
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class ClosureData(Strict):
    """A day on which a provider, by its code, is closed; `closure` is the key of the one that changes."""

    provider: str
    closure: int | None = None
    day: date
    note: str = ""


def _provider(wanted: ClosureData) -> Provider:
    return Provider.objects.get(code=wanted.provider)


def _closure(wanted: ClosureData) -> CompanyClosure | None:
    """The one that changes, as it is now."""
    if wanted.closure is None:
        return None
    closure = CompanyClosure.objects.select_related("provider").get(pk=wanted.closure)
    if (closure.day, closure.note) == (wanted.day, wanted.note):
        raise OvertakenError(gettext("The closed day is stored like this already."))
    return closure


def _subject(wanted: ClosureData) -> Subject:
    provider, closure = _provider(wanted), _closure(wanted)
    name = f"{provider.name} {day_text(wanted.day)}"
    return Subject(about=closure or provider, name=name, provider=provider.code)


def _moves(wanted: ClosureData) -> bool:
    """Whether it is more than a note."""
    closure = _closure(wanted)
    return closure is None or closure.day != wanted.day


def _lines(wanted: ClosureData) -> Iterator[Line]:
    provider, closure = _provider(wanted), _closure(wanted)
    ensure_apart(provider, wanted.day, closure)
    yield Line(gettext("company closure"), day_text(closure.day) if closure else "", day_text(wanted.day))
    yield Line(gettext("Note"), closure.note if closure else "", wanted.note)
    if not _moves(wanted):
        return
    services = services_counting(provider)
    before = frozenset(provider.closures.values_list("day", flat=True))
    left = {closure.day} if closure else set()
    after = before - left | {wanted.day}
    for service in services:
        for day in sorted({*left, wanted.day}):
            label = gettext("%(service)s: a deadline on %(day)s, moved on when closed") % {
                "service": service.name,
                "day": day_text(day),
            }
            yield Line(label, *(open_day(service, day, closures) for closures in (before, after)))
    running = Contract.objects.running_on(localdate()).filter(service__in=services).count()
    yield Line(gettext("Contracts that run"), "", str(running))


def open_day(service: Service, day: date, closures: frozenset[date]) -> str:
    """The business day of a service on which a day counts."""
    version = version_in_force(service, day)
    if version is None:
        return ""
    return day_text(Rulebook(version.policy, closures).calendars["company"].on_or_after(day))


def _save(wanted: ClosureData, approval: Proposal, at: datetime) -> str:
    closure = _closure(wanted) or CompanyClosure(provider=_provider(wanted))
    closure.day, closure.note = wanted.day, wanted.note
    save_closure(closure, approval.proposed_by, approval=approval)
    return gettext("%(day)s is entered as a closed day.") % {"day": day_text(closure.day)}


def _binds_nobody(wanted: ClosureData, amount: int, staff: User) -> Proposal.Without | None:
    bound = _moves(wanted) and services_counting(_provider(wanted))
    return None if bound else Proposal.Without.UNBOUND


def _form(wanted: ClosureData) -> str:
    if wanted.closure:
        return reverse("admin:contracts_companyclosure_move", args=[wanted.closure])
    return reverse("admin:contracts_companyclosure_add")


CLOSURE = Kind(
    key=CLOSURE_KEY,
    label=_("Closed day"),
    data=ClosureData,
    right="contracts.change_companyclosure",
    subject=_subject,
    lines=_lines,
    carry_out=_save,
    form=_form,
    entered=lambda wanted: {"provider": _provider(wanted).pk, "day": wanted.day, "note": wanted.note},
    spared=_binds_nobody,
)

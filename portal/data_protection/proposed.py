"""What takes a second person: shorter periods, and erasures. No name is kept in a proposal."""

from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.deciding.customers import ensure_all_theirs
from contracts.models import Provider
from contracts.rules.policy.base import Strict
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.data_protection.erasing.operations import ERASURE as ERASURE_KEY
from portal.data_protection.erasing.operations import erase_due, erase_on_request
from portal.data_protection.erasing.plans import Going, due_of, ensure_may_go, going_of, staying_of
from portal.data_protection.erasing.steps import Subject as Somebody
from portal.data_protection.tasks import erase_soon
from portal.installation.models import Installation
from portal.organisations.models import Organisation, User
from portal.retention.kinds import kind_of
from portal.retention.models import days_kept
from portal.retention.periods import SHORTER_PERIOD, ensure_provider, set_period

ERASES = "data_protection.change_erasure"
SEES_ERASURES = "data_protection.view_erasure"
SETS_PERIODS = "retention.change_retentionperiod"

WAYS = {
    "letter": _("By letter"),
    "email": _("By e-mail"),
    "phone": _("By telephone"),
    "counter": _("In person"),
}
"""How somebody asked: a choice, as what is written in a proposal stays for ever."""


class PeriodData(Strict):
    """For how many days a kind is to be kept by a provider, by its code ("": the installation)."""

    provider: str
    kind: str
    days: int
    reason: str


def _provider_or_portal(code: str) -> tuple[Provider | Installation, str]:
    """Whom something is about, and its name."""
    if code:
        provider = Provider.objects.get(code=code)
        return provider, provider.name
    return Installation(pk=1), gettext("The whole portal")


def _period_subject(wanted: PeriodData) -> Subject:
    about, name = _provider_or_portal(wanted.provider)
    return Subject(about=about, name=f"{name} {kind_of(wanted.kind).what}", provider=wanted.provider)


def _period_lines(wanted: PeriodData) -> Iterator[Line]:
    before = days_kept(wanted.provider, wanted.kind)
    if before == wanted.days:
        raise OvertakenError(gettext("It is kept for so long already."))
    days = gettext("%(days)s days")
    yield Line(str(kind_of(wanted.kind).what), days % {"days": before}, days % {"days": wanted.days})
    yield Line(gettext("Reason"), "", wanted.reason)


def _set_period(wanted: PeriodData, approval: Proposal, at: datetime) -> str:
    set_period(
        wanted.provider, wanted.kind, wanted.days, wanted.reason, approval.proposed_by, at, approval=approval
    )
    return gettext("Stored.")


PERIOD = Kind(
    key=SHORTER_PERIOD,
    label=_("Shorter retention period"),
    data=PeriodData,
    right=SETS_PERIODS,
    subject=_period_subject,
    lines=_period_lines,
    carry_out=_set_period,
    form=lambda wanted: period_url(wanted.provider, wanted.kind),
    ensure=lambda wanted, staff: ensure_provider(staff, wanted.provider),
)


def period_url(provider: str, kind: str) -> str:
    """The page on which a period is set."""
    query = urlencode({"provider": provider, "kind": kind})
    return f"{reverse('admin:retention_retentionperiod_set')}?{query}"


class ErasureData(Strict):
    """What is to be erased: what is due of a provider on a day, or what somebody asked for on that day.

    Of people and organisations there is the key alone.
    """

    day: date
    provider: str = ""
    person: int | None = None
    organisation: int | None = None
    kinds: tuple[str, ...] = ()
    way: str = ""


def somebody_of(wanted: ErasureData) -> Somebody | None:
    """Who asked for the erasure; None for what is due."""
    if wanted.person is not None:
        return User.objects.get(pk=wanted.person)
    if wanted.organisation is not None:
        return Organisation.objects.get(pk=wanted.organisation)
    return None


def going_by(wanted: ErasureData) -> list[Going]:
    """The rows that go, as things are now."""
    somebody = somebody_of(wanted)
    return going_of(somebody, wanted.kinds, localdate()) if somebody else due_of(wanted.provider, wanted.day)


def _erasure_subject(wanted: ErasureData) -> Subject:
    somebody = somebody_of(wanted)
    if somebody is None:
        about, name = _provider_or_portal(wanted.provider)
        return Subject(
            about=about, name=gettext("%(who)s: what is due") % {"who": name}, provider=wanted.provider
        )
    called = gettext("Person No. %(pk)s") if isinstance(somebody, User) else gettext("Customer No. %(pk)s")
    return Subject(
        about=somebody,
        name=called % {"pk": somebody.pk},
        provider="",
        organisation=somebody if isinstance(somebody, Organisation) else None,
    )


def _erasure_lines(wanted: ErasureData) -> Iterator[Line]:
    somebody, going = somebody_of(wanted), going_by(wanted)
    if somebody:
        ensure_may_go(somebody, wanted.kinds)
    if not going:
        raise OvertakenError(gettext("There is nothing to erase any more."))
    for part in going:
        after = gettext("%(how)s (%(hash)s)") % {"how": part.kind.how, "hash": part.digest[:16]}
        yield Line(str(part.kind.what), gettext("%(count)s entries") % {"count": part.count}, after)
    if somebody:
        yield Line(gettext("Asked for"), "", f"{wanted.day:%Y-%m-%d} {WAYS[wanted.way]}")
        for staying in staying_of(somebody):
            kept = gettext("Stays: %(law)s") % {"law": staying.kind.law}
            yield Line(staying.title, gettext("%(count)s entries") % {"count": staying.count}, kept)


def _erase(wanted: ErasureData, approval: Proposal, at: datetime) -> str:
    staff = approval.decided_by or approval.proposed_by
    if somebody := somebody_of(wanted):
        erasure = erase_on_request(
            somebody, wanted.kinds, wanted.day, wanted.way, staff, at, approval=approval
        )
    else:
        erasure = erase_due(wanted.provider, wanted.day, staff, at, approval=approval)
    transaction.on_commit(lambda: erase_soon(erasure))
    return gettext("The erasure of %(count)s entries has begun.") % {"count": erasure.of}


def ensure_may_deal_with(wanted: ErasureData, staff: User) -> None:
    """ValidationError where an erasure is about what is not of somebody's own providers alone."""
    if somebody := somebody_of(wanted):
        ensure_all_theirs(staff, somebody)
    else:
        ensure_provider(staff, wanted.provider)


def _erasure_form(wanted: ErasureData) -> str:
    if wanted.person or wanted.organisation:
        return request_url(wanted.person, wanted.organisation)
    return f"{reverse('admin:data_protection_erasure_due')}?{urlencode({'provider': wanted.provider})}"


def request_url(person: int | None = None, organisation: int | None = None) -> str:
    """The page on which an erasure is entered that somebody asked for."""
    named = {"person": person} if person else {"organisation": organisation}
    return f"{reverse('admin:data_protection_erasure_request')}?{urlencode(named)}"


ERASURE = Kind(
    key=ERASURE_KEY,
    label=_("Erasure of personal data"),
    data=ErasureData,
    right=ERASES,
    subject=_erasure_subject,
    lines=_erasure_lines,
    carry_out=_erase,
    form=_erasure_form,
    ensure=ensure_may_deal_with,
    entered=lambda wanted: {"asked_on": wanted.day, "way": wanted.way, "kinds": list(wanted.kinds)},
)

KINDS = (PERIOD, ERASURE)

"""Running contracts of old systems, brought in and annulled, as proposals to a second person."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from contracts.models import Takeover, TakeoverRow
from contracts.rules.policy.base import Strict
from contracts.takeover.confirming import ANNULMENT as ANNULMENT_KEY
from contracts.takeover.confirming import TAKEOVER as TAKEOVER_KEY
from contracts.takeover.confirming import annul, confirm
from contracts.takeover.obstacles import contracts_of
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal

State, Verdict = Takeover.State, TakeoverRow.Verdict


class TakeoverData(Strict):
    """The file, by its key."""

    takeover: int


class AnnulmentData(TakeoverData):
    reason: str


def _takeover(wanted: TakeoverData) -> Takeover:
    return Takeover.objects.select_related("provider", "brought_by").get(pk=wanted.takeover)


def _subject(wanted: TakeoverData) -> Subject:
    takeover = _takeover(wanted)
    if takeover.state in (State.BRINGING, State.DONE, State.ANNULLED, State.DISCARDED):
        raise OvertakenError(gettext("The file is dealt with already."))
    return Subject(about=takeover, name=takeover.file_name, provider=takeover.provider.code)


def _lines(wanted: TakeoverData) -> Iterator[Line]:
    takeover = _takeover(wanted)
    rows = TakeoverRow.objects.filter(takeover=takeover)
    new = rows.filter(verdict=Verdict.NEW)
    yield Line(gettext("File"), "", f"{takeover.file_name} ({takeover.file_hash[:12]})")
    yield Line(gettext("Contracts that are brought in"), "", f"{new.count():,}")
    remarked = new.exclude(remarks=[]).count()
    yield Line(gettext("Of them with remarks"), "", f"{remarked:,}")
    for verdict, label in (
        (Verdict.KNOWN, gettext("Known already, and left as they are")),
        (Verdict.CHANGED, gettext("Known already and stated otherwise; left as they are")),
        (Verdict.REFUSED, gettext("Refused, and left out")),
    ):
        yield Line(label, "", f"{rows.filter(verdict=verdict).count():,}")


def _confirm(wanted: TakeoverData, approval: Proposal, at: datetime) -> str:
    confirm(_takeover(wanted), approval.proposed_by, at, approval=approval)
    return gettext("The contracts are being brought in.")


def _form(wanted: TakeoverData) -> str:
    return reverse("admin:contracts_takeover_propose", args=[wanted.takeover])


TAKEOVER = Kind(
    key=TAKEOVER_KEY,
    label=_("Bringing in running contracts"),
    data=TakeoverData,
    right="contracts.change_takeover",
    subject=_subject,
    lines=_lines,
    carry_out=_confirm,
    form=_form,
    entered=lambda wanted: {},
)


def _annulled(wanted: AnnulmentData) -> Subject:
    takeover = _takeover(wanted)
    if takeover.state == State.ANNULLED:
        raise OvertakenError(gettext("The file is dealt with already."))
    return Subject(about=takeover, name=takeover.file_name, provider=takeover.provider.code)


def _annulled_lines(wanted: AnnulmentData) -> Iterator[Line]:
    takeover = _takeover(wanted)
    count = f"{len(contracts_of(takeover)):,}"
    yield Line(gettext("Contracts"), count, pgettext("contracts", "annulled: %(count)s") % {"count": count})
    yield Line(gettext("Reason"), "", wanted.reason)


def _annul(wanted: AnnulmentData, approval: Proposal, at: datetime) -> str:
    annul(_takeover(wanted), wanted.reason, approval.proposed_by, at, approval=approval)
    return gettext("The contracts of the file are annulled.")


ANNULMENT = Kind(
    key=ANNULMENT_KEY,
    label=_("Annulling running contracts that were brought in"),
    data=AnnulmentData,
    right="contracts.change_takeover",
    subject=_annulled,
    lines=_annulled_lines,
    carry_out=_annul,
    form=lambda wanted: reverse("admin:contracts_takeover_annul", args=[wanted.takeover]),
    entered=lambda wanted: {"reason": wanted.reason},
)

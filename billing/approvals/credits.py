"""What the provider makes good, outages and damages, as proposals to a second person."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.adjustments.damages import DAMAGES as DAMAGES_KEY
from billing.adjustments.damages import DamageReport, book_damages, damage_grounds, weigh_damages
from billing.adjustments.outage_claims import accept_claim
from billing.adjustments.outages import OUTAGE as OUTAGE_KEY
from billing.adjustments.outages import OutageReport, record_outage, weigh_outage, what_was_out
from billing.approvals.amounts import (
    AmountKind,
    about_contract,
    became,
    contract_of,
    ensure_still_small,
    small_in_all,
)
from billing.models import OutageClaim
from contracts.rules.policy.base import Strict
from contracts.rules.policy.charging import Fault
from contracts.wording.formats import day_text, moment_text, yen_text
from contracts.wording.sentences import WORDS
from portal.approvals.kinds import Line, OvertakenError
from portal.approvals.models import Proposal
from portal.organisations.models import User


class DamagesData(Strict):
    """A damage of a contract, by its number, in yen."""

    contract: str
    arose_on: date
    damage: int
    fault: Fault
    ground: str = ""
    as_service: bool = False
    reason: str


class OutageData(Strict):
    """An outage of a contract, by its number; `claim` is the key of the customer's claim that it answers."""

    contract: str
    known_at: datetime
    restored_at: datetime
    fault: Fault
    product: str = ""
    damage: int | None = None
    claimed_at: datetime | None = None
    reason: str
    claim: int | None = None


def _damage(wanted: DamagesData) -> DamageReport:
    return DamageReport(wanted.arose_on, wanted.damage, wanted.fault, wanted.ground, wanted.as_service)


def _owed(wanted: DamagesData) -> int:
    return weigh_damages(contract_of(wanted.contract), _damage(wanted)).amount


def _damages_lines(wanted: DamagesData) -> Iterator[Line]:
    yield Line(gettext("Arose on"), "", day_text(wanted.arose_on))
    yield Line(gettext("By whose fault"), "", str(WORDS["fault"][wanted.fault]))
    if wanted.ground:
        grounds = dict(damage_grounds(wanted.arose_on))
        yield Line(gettext("Ground"), "", grounds.get(wanted.ground, wanted.ground))
    yield Line(gettext("Damage"), "", yen_text(wanted.damage))
    if wanted.as_service:
        yield Line(gettext("A month of service free instead of money"), "", yen_text(_owed(wanted)))
    else:
        yield Line(gettext("Owed by the limit of the terms"), "", yen_text(_owed(wanted)))
    yield Line(gettext("Reason"), "", wanted.reason)


def _book(wanted: DamagesData, approval: Proposal, at: datetime) -> str:
    contract, staff = contract_of(wanted.contract), approval.proposed_by
    ensure_still_small(contract, _owed(wanted), approval)
    return became(book_damages(contract, _damage(wanted), wanted.reason, staff, at, approval=approval))


DAMAGES = AmountKind(
    key=DAMAGES_KEY,
    label=_("Damages"),
    data=DamagesData,
    subject=lambda wanted: about_contract(contract_of(wanted.contract)),
    lines=_damages_lines,
    carry_out=_book,
    form=lambda wanted: reverse("admin:billing_adjustment_book_damages"),
    spared=lambda wanted, limit, staff: small_in_all(contract_of(wanted.contract), _owed(wanted), limit),
)


def _outage(wanted: OutageData) -> OutageReport:
    return OutageReport(
        wanted.known_at,
        wanted.restored_at,
        wanted.fault,
        wanted.product,
        wanted.damage,
        wanted.claimed_at,
    )


def _claim(key: int) -> OutageClaim:
    claim = OutageClaim.objects.select_related("contract__service__provider").get(pk=key)
    if not claim.waits:
        raise OvertakenError(gettext("This claim was decided or withdrawn already."))
    return claim


def _credited(wanted: OutageData) -> int:
    return weigh_outage(contract_of(wanted.contract), _outage(wanted), now()).amount


def _outage_lines(wanted: OutageData) -> Iterator[Line]:
    contract = contract_of(wanted.contract)
    if wanted.claim is not None:
        claim = _claim(wanted.claim)
        yield Line(gettext("Claimed by the customer at"), "", moment_text(claim.claimed_at))
        yield Line(gettext("What could not be used"), "", claim.what)
    brought = weigh_outage(contract, _outage(wanted), now())
    yield Line(gettext("Known to the provider at"), "", moment_text(wanted.known_at))
    yield Line(gettext("Restored at"), "", moment_text(wanted.restored_at))
    yield Line(gettext("By whose fault"), "", str(WORDS["fault"][wanted.fault]))
    yield Line(gettext("What was out"), "", what_was_out(contract, wanted.product, wanted.known_at))
    if brought.month:
        waiting = contract.outages.standing().filter(
            credit__isnull=True,
            product=wanted.product,
            restored_at__gt=brought.month.begins,
            known_at__lt=brought.month.ends,
        )
        for other in waiting.order_by("known_at"):
            days = f"{moment_text(other.known_at)} – {moment_text(other.restored_at)}"
            yield Line(gettext("Counts with it"), "", days)
    if wanted.damage is not None:
        yield Line(gettext("Actual damage"), "", yen_text(wanted.damage))
    name = gettext("Outage credit") if brought.decision.taxed else gettext("Damages")
    yield Line(name, "", yen_text(brought.amount))
    yield Line(gettext("Reason"), "", wanted.reason)


def _record(wanted: OutageData, approval: Proposal, at: datetime) -> str:
    contract, staff = contract_of(wanted.contract), approval.proposed_by
    if credit := _credited(wanted):
        ensure_still_small(contract, credit, approval)
    outage = record_outage(contract, _outage(wanted), wanted.reason, staff, at, approval=approval)
    if wanted.claim is not None:
        accept_claim(_claim(wanted.claim), outage, wanted.reason, staff, at)
    if outage.credit:
        return became(outage.credit)
    return gettext("The outage is recorded. It brings nothing by itself; with others in the month it may.")


def _small_credit(wanted: OutageData, limit: int, staff: User) -> Proposal.Without | None:
    credit = _credited(wanted)
    return small_in_all(contract_of(wanted.contract), credit, limit) if credit else Proposal.Without.SMALL


def _outage_form(wanted: OutageData) -> str:
    if wanted.claim is None:
        return reverse("admin:billing_recordedoutage_record")
    return reverse("admin:billing_outageclaim_accept", args=[wanted.claim])


OUTAGE = AmountKind(
    key=OUTAGE_KEY,
    label=_("Outage with its credit"),
    data=OutageData,
    right="billing.change_recordedoutage",
    subject=lambda wanted: about_contract(contract_of(wanted.contract)),
    lines=_outage_lines,
    carry_out=_record,
    form=_outage_form,
    spared=_small_credit,
)

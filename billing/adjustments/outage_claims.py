"""Outages that customers claim (障害による請求): sent, taken back, accepted as an outage, or refused."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from billing.adjustments.outages import OutageReport, lapses_on
from billing.correspondence.outage_claim_mails import tell_of_claim
from billing.models import OutageClaim, RecordedOutage
from billing.models.outage import OutageQuerySet
from billing.pricing.deciding import ensure_positive, version_on
from contracts.models import Contract
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.charging import OutageRule
from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for, ensure_no_own_cause
from portal.organisations.members.rights import Right
from portal.organisations.models import User

State = OutageClaim.State


@dataclass(frozen=True)
class ClaimedOutage:
    """An outage as a customer reports it: since when, until when, and what could not be used.

    `product` where one option alone was out; `damage`, in yen, where the terms owe the damage.
    """

    begins_at: datetime
    ends_at: datetime
    what: str
    product: str = ""
    damage: int | None = None


def outage_rules(contract: Contract, day: date) -> tuple[OutageRule, ...]:
    """The rules on outages of a contract's terms on a day; none where nothing can be claimed."""
    return version_on(contract, day).policy.charging.outages


def owes_damage(rules: tuple[OutageRule, ...]) -> bool:
    """Whether the terms owe the damage of an outage, up to a limit, and not an amount of their own."""
    return any(rule.limits_damage or rule.credit == "monthly_fee" for rule in rules)


@transaction.atomic
def claim_outage(
    contract: Contract, person: User, claimed: ClaimedOutage, at: datetime, submission_key: UUID
) -> OutageClaim:
    """Record what a customer claims, at the moment at which it is sent, and confirm that by e-mail.

    The same `submission_key` gives the claim that is there. ValidationError names the field of what can't
    have been (`begins_at`, `ends_at`, `product`, `what`, `damage`), says that the terms give nothing for
    outages, that it is claimed already, or that the person may not act for the contract (`not_acting`,
    `no_right`).
    """
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    ensure_acts_for(person, locked.organisation, Right.BILLING, locked.pk)
    sent_before = locked.outage_claims.filter(submission_key=submission_key).first()
    if sent_before:
        return sent_before
    _ensure_possible(locked, claimed, at)
    claim = OutageClaim.objects.create(
        contract=locked,
        organisation=locked.organisation,
        claimed_by=person,
        claimed_at=at,
        begins_at=claimed.begins_at,
        ends_at=claimed.ends_at,
        product=claimed.product,
        what=claimed.what.strip(),
        damage=claimed.damage,
        submission_key=submission_key,
    )
    tell_of_claim(claim)
    record(
        "outage.claimed",
        person,
        locked,
        claim=claim.pk,
        begins_at=claim.begins_at.isoformat(),
        ends_at=claim.ends_at.isoformat(),
        product=claim.product,
        damage=claim.damage,
        at=at,
        personal={"what": claim.what},
    )
    return claim


def _ensure_possible(contract: Contract, claimed: ClaimedOutage, at: datetime) -> None:
    _ensure_in_time(contract, claimed, at)
    if not claimed.what.strip():
        raise ValidationError({"what": _("Say what could not be used.")})
    day = japan_date(claimed.begins_at)
    if claimed.product and claimed.product not in contract.items_on(day):
        raise ValidationError({"product": _("The contract doesn't contain this product on that day.")})
    rules = outage_rules(contract, day)
    if not rules:
        raise ValidationError(_("The terms of this contract give nothing for outages."))
    if owes_damage(rules) and claimed.damage is None:
        message = _("Enter the actual damage: the terms owe that, up to a limit.")
        raise ValidationError({"damage": message})
    if claimed.damage is not None:
        ensure_positive(claimed.damage, "damage")
    same = contract.outage_claims.waiting().filter(product=claimed.product)
    if same.filter(begins_at__lt=claimed.ends_at, ends_at__gt=claimed.begins_at).exists():
        raise ValidationError(_("You claimed an outage of this time already. It waits for a decision."))


def _ensure_in_time(contract: Contract, claimed: ClaimedOutage, at: datetime) -> None:
    if claimed.ends_at <= claimed.begins_at:
        raise ValidationError({"ends_at": _("The outage cannot end before it began.")})
    if claimed.ends_at > at:
        raise ValidationError({"ends_at": _("This moment is still to come.")})
    day = japan_date(claimed.begins_at)
    if not contract.service_starts_on or day < contract.service_starts_on:
        raise ValidationError({"begins_at": _("The service had not started on that day.")})
    if contract.ends_on and day > contract.ends_on:
        raise ValidationError({"begins_at": _("The contract had ended by that day.")})


@transaction.atomic
def withdraw_claim(claim: OutageClaim, person: User, at: datetime) -> OutageClaim:
    """Take a claim back that waits. ValidationError once it was decided, and for who may not act for it."""
    ensure_acts_for(person, claim.contract.organisation, Right.BILLING, claim.contract_id)
    current = _locked(claim)
    current.state, current.decided_at = State.WITHDRAWN, at
    current.save(update_fields=["state", "decided_at"])
    record("outage.claim_withdrawn", person, current.contract, claim=current.pk, at=at)
    return current


@transaction.atomic
def refuse_claim(claim: OutageClaim, reason: str, staff: User, at: datetime) -> OutageClaim:
    """Refuse a claim, and tell the customer why.

    ValidationError without a reason, once it was decided, and for staff's own organisation (`own_request`).
    """
    current = _locked(claim)
    ensure_no_own_cause(staff, current.contract.organisation, current.claimed_by)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    _decide(current, State.REFUSED, reason, staff, at)
    record(
        "outage.claim_refused",
        staff,
        current.contract,
        claim=current.pk,
        at=at,
        personal={"reason": current.reason},
    )
    return current


@transaction.atomic
def accept_claim(
    claim: OutageClaim, outage: RecordedOutage, reason: str, staff: User, at: datetime
) -> OutageClaim:
    """Accept a claim as an outage that is recorded, and tell the customer what that brought.

    ValidationError (`outage`) for an outage of another contract or time, or one that was withdrawn; once it
    was decided, and for staff's own organisation (`own_request`).
    """
    current = _locked(claim)
    ensure_no_own_cause(staff, current.contract.organisation, current.claimed_by)
    if not recorded_meanwhile(current).filter(pk=outage.pk).exists():
        raise ValidationError({"outage": _("Choose an outage of this contract that falls into that time.")})
    current.outage = outage
    _decide(current, State.ACCEPTED, reason, staff, at)
    record("outage.claim_accepted", staff, current.contract, claim=current.pk, outage=outage.pk, at=at)
    return current


def recorded_meanwhile(claim: OutageClaim) -> OutageQuerySet:
    """The recorded outages of a claim's contract that overlap the time that it names."""
    standing = claim.contract.outages.standing()
    return standing.filter(known_at__lt=claim.ends_at, restored_at__gt=claim.begins_at)


def claimable_until(claim: OutageClaim) -> date | None:
    """The last day on which it could be claimed, were all as the customer says; None where it can't lapse.

    None, too, while the fee is not known by which an outage is weighed.
    """
    report = OutageReport(claim.begins_at, claim.ends_at, "ordinary", claim.product, claim.damage)
    try:
        return lapses_on(claim.contract, report)
    except ValidationError:
        return None


def _decide(claim: OutageClaim, state: OutageClaim.State, reason: str, staff: User, at: datetime) -> None:
    claim.state, claim.reason = state, reason.strip()
    claim.decided_at, claim.decided_by = at, staff
    claim.save(update_fields=["state", "reason", "decided_at", "decided_by", "outage"])
    tell_of_claim(claim)


def _locked(claim: OutageClaim) -> OutageClaim:
    current = (
        OutageClaim.objects.select_for_update().select_related("contract__organisation").get(pk=claim.pk)
    )
    if not current.waits:
        raise ValidationError(_("This claim was decided or withdrawn already."), code="already_decided")
    return current

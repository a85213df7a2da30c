"""What decisions on contracts made customers owe once, as amounts for their invoices."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Adjustment
from contracts.models import Claim, Contract
from contracts.models.fields import in_each_language, in_each_language_with
from contracts.rules.calendar.period import Month
from contracts.rules.stored import steps_of
from contracts.wording.formats import months_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

WAIVER = "claim_waiver"
"""The kind of proposal that waives what was claimed."""


def open_claims(month: Month) -> QuerySet[Claim]:
    """Claims that arose up to the end of a month and are no amount for an invoice yet."""
    taken_over = Adjustment.objects.filter(claim=OuterRef("pk"))
    return Claim.objects.filter(~Exists(taken_over), arose_on__lte=month.last)


def claimed(contracts: Collection[int], month: Month) -> list[Adjustment]:
    """What is claimed of contracts, given by primary keys, as amounts that are not stored yet."""
    return [_amount(claim) for claim in open_claims(month).filter(contract__in=contracts).order_by("pk")]


@transaction.atomic
def waive_claim(
    claim: Claim,
    reason: str,
    staff: User,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Adjustment:
    """Waive what was claimed before an invoice states it; kept as an amount that was withdrawn, with why.

    ValidationError without the approval of a second person (`second_person`) or a reason, for what is on an
    invoice or waived already, and for staff's own organisation (`own_request`).
    """
    ensure_second_person(approval, WAIVER)
    ensure_no_own_cause(staff, claim.contract.organisation)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    Contract.objects.select_for_update().get(pk=claim.contract_id)
    amount = claim.adjustments.select_for_update().first() or _amount(claim)
    if not amount.is_pending:
        raise ValidationError(_("This claim is on an invoice already, or was waived."))
    amount.withdrawn_at, amount.withdrawal_reason = now or timezone.now(), reason.strip()
    try:
        with transaction.atomic():
            amount.save()
    except IntegrityError as billed:
        raise ValidationError(_("This claim is on an invoice already, or was waived.")) from billed
    record(
        "claim.waived",
        staff,
        claim.contract,
        claim=claim.pk,
        kind=claim.kind,
        net=claim.net,
        personal={"reason": amount.withdrawal_reason},
    )
    return amount


def _names(claim: Claim) -> dict[str, str]:
    """What is claimed; of a minimum term, which months are left of it."""
    label = Claim.Kind(claim.kind).label
    span = _months_left(claim) if claim.kind == Claim.Kind.MINIMUM_TERM else None
    return in_each_language_with(label, lambda: months_text(*span)) if span else in_each_language(label)


def _months_left(claim: Claim) -> tuple[Month, Month] | None:
    """The first and the last month for which the rest of a minimum term is charged, where that is known."""
    for taken in steps_of(claim.decision):
        if taken.rule == "minimum_term.charge":
            last_used = Month.of(taken.given["ends"])
            return last_used + 1, last_used + taken.given["months"]
    return None


def _amount(claim: Claim) -> Adjustment:
    decided = claim.decided
    minimum_term = claim.kind == Claim.Kind.MINIMUM_TERM
    return Adjustment(
        contract_id=claim.contract_id,
        claim=claim,
        kind=Adjustment.Kind.MINIMUM_TERM if minimum_term else Adjustment.Kind.COSTS,
        names=_names(claim),
        month=Month.of(claim.arose_on).first,
        amount=claim.net,
        tax=claim.tax,
        terms_version_id=claim.terms_version_id,
        articles=list(decided.articles) if decided else [],
        decision=claim.decision,
        reason=claim.note,
        decided_at=timezone.now(),
        decided_by_id=claim.recorded_by_id,
    )

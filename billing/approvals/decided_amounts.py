"""What becomes of one-off amounts that no invoice states yet, as proposals to a second person."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.adjustments.charges_and_credits import GIVEN_AS_CREDIT as GIVEN_AS_CREDIT_KEY
from billing.adjustments.charges_and_credits import WITHDRAWAL as WITHDRAWAL_KEY
from billing.adjustments.charges_and_credits import give_as_credit, withdraw_adjustment
from billing.approvals.amounts import AmountKind, about_contract, small
from billing.models import Adjustment, CreditBalance
from billing.pricing.claims import WAIVER as WAIVER_KEY
from billing.pricing.claims import waive_claim
from billing.receivables.owed import owing
from contracts.models import Claim
from contracts.models.fields import in_current_language
from contracts.rules.policy.base import Strict
from contracts.wording.formats import moment_text, yen_text
from portal.approvals.kinds import Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class GivenAsCreditData(Strict):
    """A one-off amount, by its key, that becomes the customer's credit."""

    adjustment: int


class WithdrawalData(Strict):
    """A one-off amount, by its key, that is taken back."""

    adjustment: int
    reason: str


class WaiverData(Strict):
    """A claim, by its key, that is waived."""

    claim: int
    reason: str


def _pending(wanted: GivenAsCreditData | WithdrawalData) -> Adjustment:
    found = Adjustment.objects.select_related("contract__service__provider", "contract__organisation")
    adjustment = found.get(pk=wanted.adjustment)
    if not adjustment.is_pending:
        raise OvertakenError(gettext("This amount is on an invoice already, or was withdrawn."))
    return adjustment


def _pending_subject(wanted: GivenAsCreditData | WithdrawalData) -> Subject:
    adjustment = _pending(wanted)
    return about_contract(adjustment.contract, adjustment)


def _given_lines(wanted: GivenAsCreditData) -> Iterator[Line]:
    adjustment = _pending(wanted)
    contract, amount = adjustment.contract, -adjustment.amount
    theirs = CreditBalance.objects.filter(provider=owing(adjustment), organisation=contract.organisation)
    balance = theirs.first()
    credit = balance.amount if balance else 0
    yield Line(gettext("Name"), "", in_current_language(adjustment.names))
    yield Line(gettext("Waits for an invoice"), yen_text(adjustment.amount), yen_text(0))
    yield Line(gettext("Credit"), yen_text(credit), yen_text(credit + amount))


def _give(wanted: GivenAsCreditData, approval: Proposal, at: datetime) -> str:
    given = give_as_credit(_pending(wanted), approval.proposed_by, at, approval=approval)
    return gettext("%(amount)s is the customer's credit now; set it off or pay it out.") % {
        "amount": yen_text(-given.amount)
    }


def _small_adjustment(
    wanted: GivenAsCreditData | WithdrawalData, limit: int, staff: User
) -> Proposal.Without | None:
    return small(_pending(wanted).amount, limit)


GIVEN_AS_CREDIT = AmountKind(
    key=GIVEN_AS_CREDIT_KEY,
    label=_("One-off amount given as credit"),
    data=GivenAsCreditData,
    subject=_pending_subject,
    lines=_given_lines,
    carry_out=_give,
    form=lambda wanted: reverse("admin:billing_adjustment_give_as_credit", args=[wanted.adjustment]),
    spared=_small_adjustment,
)


def _withdrawal_lines(wanted: WithdrawalData) -> Iterator[Line]:
    adjustment = _pending(wanted)
    name = in_current_language(adjustment.names)
    yield Line(name, yen_text(adjustment.amount), gettext("Withdrawn"))
    for outage in adjustment.outages.standing().order_by("known_at"):
        days = f"{moment_text(outage.known_at)} – {moment_text(outage.restored_at)}"
        yield Line(gettext("Outage"), days, gettext("Withdrawn"))
    yield Line(gettext("Reason"), "", wanted.reason)


def _withdraw(wanted: WithdrawalData, approval: Proposal, at: datetime) -> str:
    withdraw_adjustment(_pending(wanted), wanted.reason, approval.proposed_by, at, approval=approval)
    return gettext("The amount was withdrawn.")


WITHDRAWAL = AmountKind(
    key=WITHDRAWAL_KEY,
    label=_("Withdrawal of a one-off amount"),
    data=WithdrawalData,
    subject=_pending_subject,
    lines=_withdrawal_lines,
    carry_out=_withdraw,
    form=lambda wanted: reverse("admin:billing_adjustment_withdraw", args=[wanted.adjustment]),
    spared=_small_adjustment,
)


def _claim(wanted: WaiverData) -> Claim:
    found = Claim.objects.select_related("contract__service__provider", "contract__organisation")
    claim = found.get(pk=wanted.claim)
    amount = claim.adjustments.first()
    if amount and not amount.is_pending:
        raise OvertakenError(gettext("This claim is on an invoice already, or was waived."))
    return claim


def _claim_subject(wanted: WaiverData) -> Subject:
    claim = _claim(wanted)
    return about_contract(claim.contract, claim)


def _waiver_lines(wanted: WaiverData) -> Iterator[Line]:
    claim = _claim(wanted)
    yield Line(str(claim.get_kind_display()), yen_text(claim.net), gettext("Waived"))
    yield Line(gettext("Reason"), "", wanted.reason)


def _waive(wanted: WaiverData, approval: Proposal, at: datetime) -> str:
    waive_claim(_claim(wanted), wanted.reason, approval.proposed_by, at, approval=approval)
    return gettext("The claim was waived. No invoice will state it.")


def _small_claim(wanted: WaiverData, limit: int, staff: User) -> Proposal.Without | None:
    return small(_claim(wanted).net, limit)


WAIVER = AmountKind(
    key=WAIVER_KEY,
    label=_("Waiver of a claim"),
    data=WaiverData,
    subject=_claim_subject,
    lines=_waiver_lines,
    carry_out=_waive,
    form=lambda wanted: reverse("admin:contracts_claim_waive", args=[wanted.claim]),
    spared=_small_claim,
)

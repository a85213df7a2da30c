"""One-off charges and credits, what takes them back or waives them, as proposals to a second person."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.adjustments.charges_and_credits import GIVEN_AS_CREDIT as GIVEN_AS_CREDIT_KEY
from billing.adjustments.charges_and_credits import LATE_INTEREST as LATE_INTEREST_KEY
from billing.adjustments.charges_and_credits import SURCHARGE as SURCHARGE_KEY
from billing.adjustments.charges_and_credits import WITHDRAWAL as WITHDRAWAL_KEY
from billing.adjustments.charges_and_credits import (
    charge_late_interest,
    charge_surcharge,
    give_as_credit,
    weigh_late_interest,
    weigh_surcharge,
    withdraw_adjustment,
)
from billing.adjustments.damages import DAMAGES as DAMAGES_KEY
from billing.adjustments.damages import DamageReport, book_damages, weigh_damages
from billing.adjustments.outages import OUTAGE as OUTAGE_KEY
from billing.adjustments.outages import OutageReport, record_outage, weigh_outage
from billing.invoicing.returns import RETURN
from billing.models import Adjustment, CreditBalance, Invoice
from billing.pricing.claims import WAIVER as WAIVER_KEY
from billing.pricing.claims import waive_claim
from contracts.models import Claim, Contract
from contracts.models.fields import in_current_language
from contracts.rules.calendar.period import JAPAN, Month
from contracts.rules.policy.base import Strict
from contracts.rules.policy.charging import Fault
from contracts.wording.formats import day_text, moment_text, yen_text
from contracts.wording.sentences import WORDS
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of
from portal.organisations.models import User

DECIDED_HERE = (
    Adjustment.Kind.SURCHARGE,
    Adjustment.Kind.LATE_INTEREST,
    Adjustment.Kind.DAMAGES,
    Adjustment.Kind.OUTAGE_CREDIT,
)


class SurchargeData(Strict):
    """A contract, by its number, is charged for a fee that was evaded, in yen without tax."""

    contract: str
    evaded_net: int
    reason: str


class LateInterestData(Strict):
    """An invoice, by its key, that was paid too late."""

    invoice: int


class DamagesData(Strict):
    """A damage of a contract, by its number, in yen."""

    contract: str
    arose_on: date
    damage: int
    fault: Fault
    reason: str


class OutageData(Strict):
    """An outage of a contract, by its number."""

    contract: str
    known_at: datetime
    restored_at: datetime
    fault: Fault
    product: str = ""
    damage: int | None = None
    claimed_at: datetime | None = None
    reason: str


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


def _contract(number: str) -> Contract:
    return Contract.objects.select_related("service__provider", "organisation").get(number=number)


def _about(contract: Contract, about: Contract | Adjustment | Claim | Invoice | None = None) -> Subject:
    return Subject(
        about=about or contract,
        name=f"{contract.number} {contract.organisation.name}",
        provider=contract.service.provider.code,
        organisation=contract.organisation,
    )


def _small(contract: Contract, amount: int, limit: int) -> Proposal.Without | None:
    """What is decided of a contract within a month counts together, so that nothing is small in parts."""
    month = datetime.combine(Month.of(localdate()).first, time(), JAPAN)
    decided = contract.adjustments.filter(kind__in=DECIDED_HERE, decided_at__gte=month)
    before = sum(abs(one) for one in decided.values_list("amount", flat=True))
    return Proposal.Without.SMALL if before + abs(amount) <= limit else None


def _ensure_still_small(contract: Contract, amount: int, approval: Proposal) -> None:
    """Two amounts at once may each have looked small; with the contract locked, all of them count."""
    if approval.without_second != Proposal.Without.SMALL:
        return
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    if not _small(locked, amount, rule_of(approval.provider).amounts.get(RETURN, 0)):
        text = gettext("Another amount of this contract was decided at the same moment. Please try again.")
        raise ValidationError(text, "small_together")


def _became(adjustment: Adjustment) -> str:
    """What became of a decision, in words."""
    facts = {"name": in_current_language(adjustment.names), "amount": yen_text(adjustment.amount)}
    if adjustment.invoice:
        text = gettext("%(name)s: %(amount)s, stated by %(number)s.")
        return text % {**facts, "number": adjustment.invoice.number}
    return gettext("%(name)s: %(amount)s. The next invoice will state it.") % facts


def _surcharge_net(wanted: SurchargeData) -> int:
    return weigh_surcharge(_contract(wanted.contract), wanted.evaded_net, localdate()).net


def _surcharge_lines(wanted: SurchargeData) -> Iterator[Line]:
    yield Line(gettext("Evaded fee without tax"), "", yen_text(wanted.evaded_net))
    yield Line(gettext("Surcharge without tax"), "", yen_text(_surcharge_net(wanted)))
    yield Line(gettext("Reason"), "", wanted.reason)


def _charge(wanted: SurchargeData, approval: Proposal, at: datetime) -> str:
    contract, staff = _contract(wanted.contract), approval.proposed_by
    _ensure_still_small(contract, _surcharge_net(wanted), approval)
    charged = charge_surcharge(contract, wanted.evaded_net, wanted.reason, staff, at, approval=approval)
    return _became(charged)


SURCHARGE = Kind(
    key=SURCHARGE_KEY,
    label=_("Surcharge"),
    data=SurchargeData,
    right="billing.change_adjustment",
    subject=lambda wanted: _about(_contract(wanted.contract)),
    lines=_surcharge_lines,
    carry_out=_charge,
    form=lambda wanted: reverse("admin:billing_adjustment_charge_surcharge"),
    spared=lambda wanted, limit, staff: _small(_contract(wanted.contract), _surcharge_net(wanted), limit),
    amount_of=RETURN,
)


def _late_invoice(wanted: LateInterestData) -> Invoice:
    found = Invoice.objects.select_related("contract__service__provider", "contract__organisation")
    return found.get(pk=wanted.invoice)


def _interest(wanted: LateInterestData) -> int:
    return weigh_late_interest(_late_invoice(wanted), localdate()).interest


def _interest_subject(wanted: LateInterestData) -> Subject:
    invoice = _late_invoice(wanted)
    return _about(invoice.contract, invoice)


def _interest_lines(wanted: LateInterestData) -> Iterator[Line]:
    invoice = _late_invoice(wanted)
    yield Line(gettext("Invoice number"), "", invoice.number)
    yield Line(gettext("Due date"), "", day_text(invoice.due_on))
    for payment in invoice.payments.standing().order_by("paid_on", "pk"):
        yield Line(gettext("Paid on"), "", f"{day_text(payment.paid_on)} {yen_text(payment.left)}")
    yield Line(gettext("Late interest"), "", yen_text(_interest(wanted)))


def _charge_interest(wanted: LateInterestData, approval: Proposal, at: datetime) -> str:
    invoice = _late_invoice(wanted)
    _ensure_still_small(invoice.contract, _interest(wanted), approval)
    charged = charge_late_interest(invoice, approval.proposed_by, at, approval=approval)
    return gettext("Late interest of %(amount)s: the next invoice will state it.") % {
        "amount": yen_text(charged.amount)
    }


LATE_INTEREST = Kind(
    key=LATE_INTEREST_KEY,
    label=_("Late interest"),
    data=LateInterestData,
    right="billing.change_invoice",
    subject=_interest_subject,
    lines=_interest_lines,
    carry_out=_charge_interest,
    form=lambda wanted: reverse("admin:billing_invoice_charge_interest", args=[wanted.invoice]),
    spared=lambda wanted, limit, staff: _small(_late_invoice(wanted).contract, _interest(wanted), limit),
    amount_of=RETURN,
)


def _damage(wanted: DamagesData) -> DamageReport:
    return DamageReport(wanted.arose_on, wanted.damage, wanted.fault)


def _owed(wanted: DamagesData) -> int:
    return weigh_damages(_contract(wanted.contract), _damage(wanted)).amount


def _damages_lines(wanted: DamagesData) -> Iterator[Line]:
    yield Line(gettext("Arose on"), "", day_text(wanted.arose_on))
    yield Line(gettext("By whose fault"), "", str(WORDS["fault"][wanted.fault]))
    yield Line(gettext("Damage"), "", yen_text(wanted.damage))
    yield Line(gettext("Owed by the limit of the terms"), "", yen_text(_owed(wanted)))
    yield Line(gettext("Reason"), "", wanted.reason)


def _book(wanted: DamagesData, approval: Proposal, at: datetime) -> str:
    contract, staff = _contract(wanted.contract), approval.proposed_by
    _ensure_still_small(contract, _owed(wanted), approval)
    return _became(book_damages(contract, _damage(wanted), wanted.reason, staff, at, approval=approval))


DAMAGES = Kind(
    key=DAMAGES_KEY,
    label=_("Damages"),
    data=DamagesData,
    right="billing.change_adjustment",
    subject=lambda wanted: _about(_contract(wanted.contract)),
    lines=_damages_lines,
    carry_out=_book,
    form=lambda wanted: reverse("admin:billing_adjustment_book_damages"),
    spared=lambda wanted, limit, staff: _small(_contract(wanted.contract), _owed(wanted), limit),
    amount_of=RETURN,
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


def _credited(wanted: OutageData) -> int:
    return weigh_outage(_contract(wanted.contract), _outage(wanted), now()).amount


def _outage_lines(wanted: OutageData) -> Iterator[Line]:
    contract = _contract(wanted.contract)
    brought = weigh_outage(contract, _outage(wanted), now())
    yield Line(gettext("Known to the provider at"), "", moment_text(wanted.known_at))
    yield Line(gettext("Restored at"), "", moment_text(wanted.restored_at))
    yield Line(gettext("By whose fault"), "", str(WORDS["fault"][wanted.fault]))
    if wanted.product:
        yield Line(gettext("Option"), "", wanted.product)
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
    contract, staff = _contract(wanted.contract), approval.proposed_by
    _ensure_still_small(contract, _credited(wanted), approval)
    outage = record_outage(contract, _outage(wanted), wanted.reason, staff, at, approval=approval)
    if outage.credit:
        return _became(outage.credit)
    return gettext("The outage is recorded. It brings nothing by itself; with others in the month it may.")


def _small_credit(wanted: OutageData, limit: int, staff: User) -> Proposal.Without | None:
    credit = _credited(wanted)
    return _small(_contract(wanted.contract), credit, limit) if credit else Proposal.Without.SMALL


OUTAGE = Kind(
    key=OUTAGE_KEY,
    label=_("Outage with its credit"),
    data=OutageData,
    right="billing.change_recordedoutage",
    subject=lambda wanted: _about(_contract(wanted.contract)),
    lines=_outage_lines,
    carry_out=_record,
    form=lambda wanted: reverse("admin:billing_recordedoutage_record"),
    spared=_small_credit,
    amount_of=RETURN,
)


def _pending(wanted: GivenAsCreditData | WithdrawalData) -> Adjustment:
    found = Adjustment.objects.select_related("contract__service__provider", "contract__organisation")
    adjustment = found.get(pk=wanted.adjustment)
    if not adjustment.is_pending:
        raise OvertakenError(gettext("This amount is on an invoice already, or was withdrawn."))
    return adjustment


def _pending_subject(wanted: GivenAsCreditData | WithdrawalData) -> Subject:
    adjustment = _pending(wanted)
    return _about(adjustment.contract, adjustment)


def _given_lines(wanted: GivenAsCreditData) -> Iterator[Line]:
    adjustment = _pending(wanted)
    contract, amount = adjustment.contract, -adjustment.amount
    balance = CreditBalance.objects.filter(
        provider=contract.service.provider, organisation=contract.organisation
    ).first()
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
    return Proposal.Without.SMALL if abs(_pending(wanted).amount) <= limit else None


GIVEN_AS_CREDIT = Kind(
    key=GIVEN_AS_CREDIT_KEY,
    label=_("One-off amount given as credit"),
    data=GivenAsCreditData,
    right="billing.change_adjustment",
    subject=_pending_subject,
    lines=_given_lines,
    carry_out=_give,
    form=lambda wanted: reverse("admin:billing_adjustment_give_as_credit", args=[wanted.adjustment]),
    spared=_small_adjustment,
    amount_of=RETURN,
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


WITHDRAWAL = Kind(
    key=WITHDRAWAL_KEY,
    label=_("Withdrawal of a one-off amount"),
    data=WithdrawalData,
    right="billing.change_adjustment",
    subject=_pending_subject,
    lines=_withdrawal_lines,
    carry_out=_withdraw,
    form=lambda wanted: reverse("admin:billing_adjustment_withdraw", args=[wanted.adjustment]),
    spared=_small_adjustment,
    amount_of=RETURN,
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
    return _about(claim.contract, claim)


def _waiver_lines(wanted: WaiverData) -> Iterator[Line]:
    claim = _claim(wanted)
    yield Line(str(claim.get_kind_display()), yen_text(claim.net), gettext("Waived"))
    yield Line(gettext("Reason"), "", wanted.reason)


def _waive(wanted: WaiverData, approval: Proposal, at: datetime) -> str:
    waive_claim(_claim(wanted), wanted.reason, approval.proposed_by, at, approval=approval)
    return gettext("The claim was waived. No invoice will state it.")


def _small_claim(wanted: WaiverData, limit: int, staff: User) -> Proposal.Without | None:
    return Proposal.Without.SMALL if _claim(wanted).net <= limit else None


WAIVER = Kind(
    key=WAIVER_KEY,
    label=_("Waiver of a claim"),
    data=WaiverData,
    right="billing.change_adjustment",
    subject=_claim_subject,
    lines=_waiver_lines,
    carry_out=_waive,
    form=lambda wanted: reverse("admin:contracts_claim_waive", args=[wanted.claim]),
    spared=_small_claim,
    amount_of=RETURN,
)

"""One-off charges and credits that follow from decisions, as proposals to a second person."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.adjustments.charges_and_credits import LATE_INTEREST as LATE_INTEREST_KEY
from billing.adjustments.charges_and_credits import SURCHARGE as SURCHARGE_KEY
from billing.adjustments.charges_and_credits import (
    charge_late_interest,
    charge_surcharge,
    weigh_late_interest,
    weigh_surcharge,
)
from billing.adjustments.costs import CHARGED_COSTS, CostReport, charge_costs, weigh_costs
from billing.adjustments.damages import DAMAGES as DAMAGES_KEY
from billing.adjustments.damages import DamageReport, book_damages, damage_grounds, weigh_damages
from billing.adjustments.outage_claims import accept_claim
from billing.adjustments.outages import OUTAGE as OUTAGE_KEY
from billing.adjustments.outages import OutageReport, record_outage, weigh_outage, what_was_out
from billing.approvals.amounts import AmountKind, about_contract, contract_of, month_begins, small
from billing.calculation.costs import Costs
from billing.calculation.surcharge import Surcharge
from billing.invoicing.returns import RETURN
from billing.models import Adjustment, Invoice, OutageClaim
from billing.pricing.deciding import version_on
from contracts.models import Contract
from contracts.models.fields import in_current_language
from contracts.rules.policy.base import Strict
from contracts.rules.policy.charging import Fault
from contracts.wording.formats import day_text, moment_text, yen_text
from contracts.wording.links import article_label
from contracts.wording.local_text import localised
from contracts.wording.sentences import WORDS
from portal.approvals.kinds import Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of
from portal.organisations.models import User

DECIDED_HERE = (
    Adjustment.Kind.SURCHARGE,
    Adjustment.Kind.EVADED_FEE,
    Adjustment.Kind.COSTS,
    Adjustment.Kind.LATE_INTEREST,
    Adjustment.Kind.DAMAGES,
    Adjustment.Kind.OUTAGE_CREDIT,
)


class SurchargeData(Strict):
    """A contract, by its number, is charged for a fee that was evaded, in yen without tax.

    `with_fee`: with the fee itself; `due_on`: on a day that the provider sets.
    """

    contract: str
    evaded_net: int
    with_fee: bool = False
    due_on: date | None = None
    reason: str


class CostsData(Strict):
    """Costs of a contract, by its number, on a ground of its terms, in yen without tax."""

    contract: str
    ground: str
    arose_on: date
    net: int
    due_on: date | None = None
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


def _small(contract: Contract, amount: int, limit: int) -> Proposal.Without | None:
    """What is decided of a contract within a month counts together, so that nothing is small in parts."""
    decided = contract.adjustments.filter(
        kind__in=DECIDED_HERE, claim=None, decided_at__gte=month_begins(), decided_by__isnull=False
    )
    before = sum(abs(one) for one in decided.values_list("amount", flat=True))
    return small(before + abs(amount), limit)


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


def _surcharge(wanted: SurchargeData) -> Surcharge:
    return weigh_surcharge(contract_of(wanted.contract), wanted.evaded_net, localdate(), wanted.due_on)


def _surcharge_net(wanted: SurchargeData) -> int:
    return _surcharge(wanted).net + (wanted.evaded_net if wanted.with_fee else 0)


def _due_line(due_on: date | None) -> Line:
    return Line(gettext("Due date"), "", day_text(due_on) if due_on else gettext("With the next invoice"))


def _surcharge_lines(wanted: SurchargeData) -> Iterator[Line]:
    yield Line(gettext("Evaded fee without tax"), "", yen_text(wanted.evaded_net))
    if wanted.with_fee:
        yield Line(gettext("Evaded fee that is charged"), "", yen_text(wanted.evaded_net))
    yield Line(gettext("Surcharge without tax"), "", yen_text(_surcharge(wanted).net))
    yield _due_line(wanted.due_on)
    yield Line(gettext("Reason"), "", wanted.reason)


def _charge(wanted: SurchargeData, approval: Proposal, at: datetime) -> str:
    contract, staff = contract_of(wanted.contract), approval.proposed_by
    _ensure_still_small(contract, _surcharge_net(wanted), approval)
    charged = charge_surcharge(
        contract,
        wanted.evaded_net,
        wanted.reason,
        staff,
        at,
        due_on=wanted.due_on,
        with_fee=wanted.with_fee,
        approval=approval,
    )
    return _became(charged)


SURCHARGE = AmountKind(
    key=SURCHARGE_KEY,
    label=_("Surcharge"),
    data=SurchargeData,
    subject=lambda wanted: about_contract(contract_of(wanted.contract)),
    lines=_surcharge_lines,
    carry_out=_charge,
    form=lambda wanted: reverse("admin:billing_adjustment_charge_surcharge"),
    spared=lambda wanted, limit, staff: _small(contract_of(wanted.contract), _surcharge_net(wanted), limit),
)


def _report(wanted: CostsData) -> CostReport:
    return CostReport(wanted.ground, wanted.arose_on, wanted.net, wanted.due_on)


def _costs(wanted: CostsData) -> Costs:
    return weigh_costs(contract_of(wanted.contract), _report(wanted), localdate())


def _costs_lines(wanted: CostsData) -> Iterator[Line]:
    decision = _costs(wanted)
    version = version_on(contract_of(wanted.contract), wanted.arose_on)
    rule = version.policy.charging.cost(wanted.ground)
    articles = "、".join(article_label(version, key) for key in rule.article)
    taxed = gettext("Plus consumption tax") if decision.taxed else gettext("Outside the tax")
    yield Line(gettext("Ground in the terms"), "", f"{localised(rule.text)}（{articles}）")
    yield Line(gettext("Arose on"), "", day_text(wanted.arose_on))
    yield Line(gettext("Amount without tax"), "", f"{yen_text(wanted.net)} {taxed}")
    yield _due_line(wanted.due_on)
    yield Line(gettext("Reason"), "", wanted.reason)


def _charge_costs(wanted: CostsData, approval: Proposal, at: datetime) -> str:
    contract, staff = contract_of(wanted.contract), approval.proposed_by
    _ensure_still_small(contract, _costs(wanted).net, approval)
    charged = charge_costs(contract, _report(wanted), wanted.reason, staff, at, approval=approval)
    return _became(charged)


def _entered_costs(wanted: CostsData) -> dict[str, Any]:
    slug = contract_of(wanted.contract).service.slug
    return {**wanted.model_dump(), "ground": f"{slug}/{wanted.ground}"}


COSTS = AmountKind(
    key=CHARGED_COSTS,
    label=_("Costs that a customer bears"),
    data=CostsData,
    subject=lambda wanted: about_contract(contract_of(wanted.contract)),
    lines=_costs_lines,
    carry_out=_charge_costs,
    form=lambda wanted: reverse("admin:billing_adjustment_charge_costs"),
    entered=_entered_costs,
    spared=lambda wanted, limit, staff: _small(contract_of(wanted.contract), _costs(wanted).net, limit),
)


def _late_invoice(wanted: LateInterestData) -> Invoice:
    found = Invoice.objects.select_related("contract__service__provider", "contract__organisation")
    return found.get(pk=wanted.invoice)


def _interest(wanted: LateInterestData) -> int:
    return weigh_late_interest(_late_invoice(wanted), localdate()).interest


def _interest_subject(wanted: LateInterestData) -> Subject:
    invoice = _late_invoice(wanted)
    return about_contract(invoice.contract, invoice)


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


LATE_INTEREST = AmountKind(
    key=LATE_INTEREST_KEY,
    label=_("Late interest"),
    data=LateInterestData,
    right="billing.change_invoice",
    subject=_interest_subject,
    lines=_interest_lines,
    carry_out=_charge_interest,
    form=lambda wanted: reverse("admin:billing_invoice_charge_interest", args=[wanted.invoice]),
    spared=lambda wanted, limit, staff: _small(_late_invoice(wanted).contract, _interest(wanted), limit),
)


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
    _ensure_still_small(contract, _owed(wanted), approval)
    return _became(book_damages(contract, _damage(wanted), wanted.reason, staff, at, approval=approval))


DAMAGES = AmountKind(
    key=DAMAGES_KEY,
    label=_("Damages"),
    data=DamagesData,
    subject=lambda wanted: about_contract(contract_of(wanted.contract)),
    lines=_damages_lines,
    carry_out=_book,
    form=lambda wanted: reverse("admin:billing_adjustment_book_damages"),
    spared=lambda wanted, limit, staff: _small(contract_of(wanted.contract), _owed(wanted), limit),
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
        _ensure_still_small(contract, credit, approval)
    outage = record_outage(contract, _outage(wanted), wanted.reason, staff, at, approval=approval)
    if wanted.claim is not None:
        accept_claim(_claim(wanted.claim), outage, wanted.reason, staff, at)
    if outage.credit:
        return _became(outage.credit)
    return gettext("The outage is recorded. It brings nothing by itself; with others in the month it may.")


def _small_credit(wanted: OutageData, limit: int, staff: User) -> Proposal.Without | None:
    credit = _credited(wanted)
    return _small(contract_of(wanted.contract), credit, limit) if credit else Proposal.Without.SMALL


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

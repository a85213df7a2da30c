"""One-off charges that follow from decisions, as proposals to a second person."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
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
from billing.approvals.amounts import (
    AmountKind,
    about_contract,
    became,
    contract_of,
    ensure_still_small,
    small_in_all,
)
from billing.calculation.costs import Costs
from billing.calculation.surcharge import Surcharge
from billing.models import Invoice
from billing.pricing.deciding import version_on
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, yen_text
from contracts.wording.links import article_label
from contracts.wording.local_text import localised
from portal.approvals.kinds import Line, Subject
from portal.approvals.models import Proposal


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
    ensure_still_small(contract, _surcharge_net(wanted), approval)
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
    return became(charged)


SURCHARGE = AmountKind(
    key=SURCHARGE_KEY,
    label=_("Surcharge"),
    data=SurchargeData,
    subject=lambda wanted: about_contract(contract_of(wanted.contract)),
    lines=_surcharge_lines,
    carry_out=_charge,
    form=lambda wanted: reverse("admin:billing_adjustment_charge_surcharge"),
    spared=lambda wanted, limit, staff: small_in_all(
        contract_of(wanted.contract), _surcharge_net(wanted), limit
    ),
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
    ensure_still_small(contract, _costs(wanted).net, approval)
    charged = charge_costs(contract, _report(wanted), wanted.reason, staff, at, approval=approval)
    return became(charged)


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
    spared=lambda wanted, limit, staff: small_in_all(contract_of(wanted.contract), _costs(wanted).net, limit),
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
    ensure_still_small(invoice.contract, _interest(wanted), approval)
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
    spared=lambda wanted, limit, staff: small_in_all(
        _late_invoice(wanted).contract, _interest(wanted), limit
    ),
)

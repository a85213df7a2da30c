"""Setting a deposit against an unpaid invoice, as a proposal to a second person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.invoicing.returns import RETURN
from billing.models import Deposit, Invoice
from billing.receivables.deposits import DEPOSIT_USE as DEPOSIT_USE_KEY
from billing.receivables.deposits import left_of, usable_on, use_deposit
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, yen_text
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of
from portal.organisations.models import User


class DepositUseData(Strict):
    """A deposit that is set against an invoice, both by their keys."""

    deposit: int
    invoice: int


def _deposit(wanted: DepositUseData) -> Deposit:
    found = Deposit.objects.select_related("contract__service__provider", "contract__organisation")
    deposit = found.get(pk=wanted.deposit)
    if deposit.returned_on:
        raise OvertakenError(gettext("The deposit was returned already."))
    return deposit


def _invoice(wanted: DepositUseData) -> Invoice:
    invoice = Invoice.objects.get(pk=wanted.invoice)
    if not invoice.open_amount:
        raise OvertakenError(gettext("Nothing is open of %(number)s any more.") % {"number": invoice.number})
    return invoice


def _usable(wanted: DepositUseData) -> int:
    return usable_on(localdate(), _deposit(wanted), _invoice(wanted))


def _subject(wanted: DepositUseData) -> Subject:
    deposit, _unpaid = _deposit(wanted), _invoice(wanted)
    contract = deposit.contract
    return Subject(
        about=deposit,
        name=f"{contract.number} {contract.organisation.name}",
        provider=contract.service.provider.code,
        organisation=contract.organisation,
    )


def _lines(wanted: DepositUseData) -> Iterator[Line]:
    invoice, amount, left = _invoice(wanted), _usable(wanted), left_of(_deposit(wanted))
    unpaid = gettext("Open of %(number)s") % {"number": invoice.number}
    yield Line(gettext("Due date"), "", day_text(invoice.due_on))
    yield Line(unpaid, yen_text(invoice.open_amount), yen_text(invoice.open_amount - amount))
    yield Line(gettext("Left of the deposit"), yen_text(left), yen_text(left - amount))


def _use(wanted: DepositUseData, approval: Proposal, at: datetime) -> str:
    deposit = _deposit(wanted)
    use = use_deposit(deposit, _invoice(wanted), approval.proposed_by, at, approval=approval)
    _ensure_still_small(deposit, approval)
    facts = {"amount": yen_text(use.payment.amount), "number": use.payment.invoice.number}
    return gettext("%(amount)s were set against %(number)s.") % facts


def _used(deposit: Deposit) -> int:
    return int(deposit.uses.aggregate(sum=Sum("payment__amount", default=0))["sum"])


def _ensure_still_small(deposit: Deposit, approval: Proposal) -> None:
    """Two at once may each have looked small; now the deposit is locked, and all of them count."""
    if approval.without_second != Proposal.Without.SMALL:
        return
    if _used(deposit) > rule_of(approval.provider).amounts.get(RETURN, 0):
        text = gettext("The deposit was set against another invoice at the same moment. Please try again.")
        raise ValidationError(text, "small_together")


def _small(wanted: DepositUseData, amount: int, staff: User) -> Proposal.Without | None:
    """All that a deposit was set against counts together, so that nothing is small in parts."""
    return Proposal.Without.SMALL if _used(_deposit(wanted)) + _usable(wanted) <= amount else None


def _entered(wanted: DepositUseData) -> dict[str, Any]:
    return {"invoice": Invoice.objects.get(pk=wanted.invoice).number}


DEPOSIT_USE = Kind(
    key=DEPOSIT_USE_KEY,
    label=_("Deposit set against an invoice"),
    data=DepositUseData,
    right="billing.change_deposit",
    subject=_subject,
    lines=_lines,
    carry_out=_use,
    form=lambda wanted: reverse("admin:billing_deposit_use", args=[wanted.deposit]),
    entered=_entered,
    spared=_small,
    amount_of=RETURN,
)

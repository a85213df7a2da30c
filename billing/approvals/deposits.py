"""What is left of a deposit, given back, as a proposal to a second person."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.amounts import AmountKind, about_contract, small
from billing.models import Deposit
from billing.receivables.deposits import DEPOSIT_RETURN as DEPOSIT_RETURN_KEY
from billing.receivables.deposits import left_of, return_deposit
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, yen_text
from portal.approvals.kinds import Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class DepositReturnData(Strict):
    """A deposit, by its key, of which what is left goes back on a day."""

    deposit: int
    returned_on: date


def _deposit(wanted: DepositReturnData) -> Deposit:
    found = Deposit.objects.select_related("contract__service__provider", "contract__organisation")
    deposit = found.get(pk=wanted.deposit)
    if deposit.returned_on:
        raise OvertakenError(gettext("The deposit was returned already."))
    return deposit


def _subject(wanted: DepositReturnData) -> Subject:
    deposit = _deposit(wanted)
    return about_contract(deposit.contract, deposit)


def _lines(wanted: DepositReturnData) -> Iterator[Line]:
    deposit = _deposit(wanted)
    yield Line(gettext("Deposit"), "", yen_text(deposit.amount))
    yield Line(gettext("Left"), yen_text(left_of(deposit)), yen_text(0))
    yield Line(gettext("Returned on"), "", day_text(wanted.returned_on))


def _return(wanted: DepositReturnData, approval: Proposal, at: datetime) -> str:
    returned = return_deposit(_deposit(wanted), wanted.returned_on, approval.proposed_by, approval=approval)
    amount = yen_text(returned.returned_amount or 0)
    return gettext("The return of %(amount)s is recorded.") % {"amount": amount}


def _small(wanted: DepositReturnData, amount: int, staff: User) -> Proposal.Without | None:
    return small(left_of(_deposit(wanted)), amount)


DEPOSIT_RETURN = AmountKind(
    key=DEPOSIT_RETURN_KEY,
    label=_("Return of what is left of a deposit"),
    data=DepositReturnData,
    right="billing.change_deposit",
    subject=_subject,
    lines=_lines,
    carry_out=_return,
    form=lambda wanted: reverse("admin:billing_deposit_give_back", args=[wanted.deposit]),
    spared=_small,
)

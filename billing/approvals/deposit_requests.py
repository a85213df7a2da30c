"""Asking a customer for a deposit, as a proposal to a second person."""

from collections.abc import Iterator
from datetime import date, datetime

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.invoicing.returns import RETURN
from billing.pricing.fees import monthly_fee_of
from billing.receivables.deposits import DEPOSIT_REQUEST as DEPOSIT_REQUEST_KEY
from billing.receivables.deposits import ask_deposit
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, yen_text
from portal.approvals.kinds import Kind, Line, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class DepositRequestData(Strict):
    """A deposit in yen that a contract, by its number, is asked for, to be paid by a day.

    `expected` is the monthly fee to be expected, where that is the reason, and `reason` why.
    """

    contract: str
    amount: int
    pay_by: date
    expected: int | None = None
    reason: str = ""


def _contract(wanted: DepositRequestData) -> Contract:
    found = Contract.objects.select_related("service__provider", "organisation")
    return found.get(number=wanted.contract)


def _subject(wanted: DepositRequestData) -> Subject:
    contract = _contract(wanted)
    return Subject(
        about=contract,
        name=f"{contract.number} {contract.organisation.name}",
        provider=contract.service.provider.code,
        organisation=contract.organisation,
    )


def _lines(wanted: DepositRequestData) -> Iterator[Line]:
    fee = monthly_fee_of(_contract(wanted), Month.of(localdate()))
    yield Line(gettext("Monthly fee without tax"), "", yen_text(fee))
    if wanted.expected is not None:
        yield Line(gettext("Expected monthly fee"), "", yen_text(wanted.expected))
    if wanted.reason:
        yield Line(gettext("Reason"), "", wanted.reason)
    yield Line(gettext("Deposit"), "", yen_text(wanted.amount))
    yield Line(gettext("To be paid by"), "", day_text(wanted.pay_by))


def _ask(wanted: DepositRequestData, approval: Proposal, at: datetime) -> str:
    staff = approval.proposed_by
    asked = ask_deposit(
        _contract(wanted),
        wanted.amount,
        wanted.pay_by,
        staff,
        at,
        expected=wanted.expected,
        reason=wanted.reason,
        approval=approval,
    )
    return gettext("A deposit of %(amount)s is asked for.") % {"amount": yen_text(asked.amount)}


def _small(wanted: DepositRequestData, amount: int, staff: User) -> Proposal.Without | None:
    """All that is asked of a contract within a month counts together, so that none is small in parts."""
    this_month = _contract(wanted).deposits.filter(asked_on__gte=localdate().replace(day=1))
    before = sum(this_month.values_list("amount", flat=True))
    return Proposal.Without.SMALL if before + wanted.amount <= amount else None


DEPOSIT_REQUEST = Kind(
    key=DEPOSIT_REQUEST_KEY,
    label=_("Deposit asked for"),
    data=DepositRequestData,
    right="billing.change_deposit",
    subject=_subject,
    lines=_lines,
    carry_out=_ask,
    form=lambda wanted: reverse("admin:billing_deposit_ask"),
    spared=_small,
    amount_of=RETURN,
)

"""Payouts of credit and their files of transfers, as proposals to a second person."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from billing.models import AccountKind, BankAccount, CreditBalance, Payout
from billing.receivables.payouts import PAYOUT as PAYOUT_KEY
from billing.receivables.payouts import TRANSFERS as TRANSFERS_KEY
from billing.receivables.payouts import make_transfers, pay_out, waiting_payouts
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, yen_text
from portal.approvals.kinds import Kind, Line, Subject
from portal.approvals.models import Proposal


class PayoutData(Strict):
    """An amount of a credit balance, by its key, in yen, to an account of the customer's."""

    balance: int
    amount: int
    bank_code: str
    bank_name: str = ""
    branch_code: str
    branch_name: str = ""
    account_kind: str
    account_number: str
    holder: str


class TransfersData(Strict):
    """A file of transfers from an account of a provider, by its key."""

    account: int
    pay_on: date


def account_text(bank: str, branch: str, kind: str, number: str, holder: str) -> str:
    """An account at a bank, as pages show it in a line."""
    return f"{bank}-{branch} {AccountKind(kind).label} {number} {holder}"


def _balance(wanted: PayoutData) -> CreditBalance:
    return CreditBalance.objects.select_related("organisation", "provider").get(pk=wanted.balance)


def _payout_subject(wanted: PayoutData) -> Subject:
    balance = _balance(wanted)
    return Subject(
        about=balance,
        name=balance.organisation.name,
        provider=balance.provider.kept_by.code,
        organisation=balance.organisation,
    )


def _payout_lines(wanted: PayoutData) -> Iterator[Line]:
    credit = _balance(wanted).amount
    yield Line(gettext("Paid out"), "", yen_text(wanted.amount))
    yield Line(gettext("Credit"), yen_text(credit), yen_text(credit - wanted.amount))
    account = account_text(
        wanted.bank_code, wanted.branch_code, wanted.account_kind, wanted.account_number, wanted.holder
    )
    yield Line(gettext("To the account"), "", account)


def _pay_out(wanted: PayoutData, approval: Proposal, at: datetime) -> str:
    account = wanted.model_dump(exclude={"balance", "amount"})
    payout = pay_out(_balance(wanted), wanted.amount, account, approval.proposed_by, at, approval=approval)
    return gettext("%(amount)s will be paid out; it waits for a file of transfers.") % {
        "amount": yen_text(payout.amount)
    }


PAYOUT = Kind(
    key=PAYOUT_KEY,
    label=_("Payout"),
    data=PayoutData,
    right="billing.change_payout",
    subject=_payout_subject,
    lines=_payout_lines,
    carry_out=_pay_out,
    form=lambda wanted: reverse("admin:billing_creditbalance_pay_out", args=[wanted.balance]),
)


def _account(wanted: TransfersData) -> BankAccount:
    return BankAccount.objects.select_related("provider").get(pk=wanted.account)


def _transfers_subject(wanted: TransfersData) -> Subject:
    account = _account(wanted)
    return Subject(about=account, name=str(account), provider=account.provider.kept_by.code)


def _transfers_lines(wanted: TransfersData) -> Iterator[Line]:
    return _lines_of(waiting_payouts(_account(wanted)), wanted.pay_on)


def _lines_of(found: QuerySet[Payout], pay_on: date) -> Iterator[Line]:
    payouts = list(found.select_related("balance__organisation").order_by("pk"))
    yield Line(gettext("Transfer day"), "", day_text(pay_on))
    yield Line(gettext("Payouts"), "", str(len(payouts)))
    yield Line(gettext("Total"), "", yen_text(sum(payout.amount for payout in payouts)))
    for payout in payouts:
        account = account_text(
            payout.bank_code, payout.branch_code, payout.account_kind, payout.account_number, payout.holder
        )
        yield Line(payout.balance.organisation.name, "", f"{yen_text(payout.amount)} {account}")


def _make(wanted: TransfersData, approval: Proposal, at: datetime) -> str:
    batch = make_transfers(_account(wanted), wanted.pay_on, approval.proposed_by, approval=approval)
    with override("ja"):
        held = [asdict(line) for line in _lines_of(batch.payouts.all(), wanted.pay_on)]
    if held != approval.lines:
        raise ValidationError(gettext("Another payout was decided at the same moment. Please try again."))
    count = batch.payouts.count()
    text = ngettext(
        "The file for %(day)s holds %(count)s payout. Download it and send it to the bank.",
        "The file for %(day)s holds %(count)s payouts. Download it and send it to the bank.",
        count,
    )
    return text % {"day": day_text(batch.pay_on), "count": count}


TRANSFERS = Kind(
    key=TRANSFERS_KEY,
    label=_("Transfer file"),
    data=TransfersData,
    right="billing.change_payoutbatch",
    subject=_transfers_subject,
    lines=_transfers_lines,
    carry_out=_make,
    form=lambda wanted: reverse("admin:billing_payoutbatch_make_transfers"),
)

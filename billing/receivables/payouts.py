"""Paying out what customers have to their credit: decided, put into a file of transfers, and perhaps back."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.calculation.bank_days import banks_are_open
from billing.documents.bank_files.accounts import Account
from billing.documents.bank_files.charset import ENCODING
from billing.documents.bank_files.problems import BankFileError
from billing.documents.bank_files.transfers import Transfer, TransferFile, write_transfers
from billing.models import BankAccount, CreditBalance, CreditEntry, Payout, PayoutBatch
from billing.models.bank import AccountFields
from billing.pricing.deciding import ensure_positive
from billing.receivables.bank.accounts import fill_account
from billing.receivables.bank.file_texts import file_problems
from billing.receivables.credits import book, locked_balance
from billing.receivables.held import free_of
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User

PAYOUT, TRANSFERS = "payout", "transfers"
"""The kinds of proposals that these operations carry out."""


@transaction.atomic
def pay_out(
    balance: CreditBalance,
    amount: int,
    to_account: Mapping[str, Any],
    staff: User | None,
    now: datetime | None = None,
    *,
    approval: Proposal | None = None,
) -> Payout:
    """Decide to pay an amount of a customer's credit, in yen, to an account; it waits for a transfer file.

    ValidationError without the approval of a second person (`second_person`), for more than the credit, for
    staff's own organisation (`own_request`), or names each field of the account that is wrong.
    """
    ensure_second_person(approval, PAYOUT)
    ensure_no_own_cause(staff, balance.organisation)
    ensure_positive(amount, "amount")
    locked = locked_balance(balance.provider, balance.organisation)
    if amount > free_of(locked):
        text = _("The customer has less than that to its credit that is kept for no invoice.")
        raise ValidationError({"amount": text})
    moment = now or timezone.now()
    payout = Payout(balance=locked, amount=amount, decided_at=moment, decided_by=staff)
    fill_account(payout, to_account, exclude=("entry",))
    reference = f"payout-{locked.pk}-{locked.payouts.count() + 1}"
    payout.entry = book(locked, CreditEntry.Kind.PAID_OUT, -amount, localdate(moment), reference)
    payout.save()
    record("payout.decided", staff, locked, payout=payout.pk, amount=amount)
    return payout


@transaction.atomic
def make_transfers(
    account: BankAccount, pay_on: date, staff: User | None = None, *, approval: Proposal | None = None
) -> PayoutBatch:
    """Make the file of transfers for a day, of all payouts of the account's provider that wait.

    ValidationError without the approval of a second person (`second_person`), for a day that is past or on
    which banks are closed, an account without a client code, when nothing waits, or when something can't be
    written in a bank file.
    """
    ensure_second_person(approval, TRANSFERS)
    locked = BankAccount.objects.select_for_update().get(pk=account.pk)
    if pay_on <= localdate():
        raise ValidationError({"pay_on": _("The bank needs the file before the day: choose a later one.")})
    if not banks_are_open(pay_on):
        raise ValidationError({"pay_on": _("Banks are closed on that day: choose another one.")})
    if not locked.transfer_code:
        raise ValidationError(_("The account has no client code: the bank gives one for transfers."))
    payouts = list(waiting_payouts(locked).select_for_update(of=("self",)))
    if not payouts:
        raise ValidationError(_("No payout waits for a file of transfers."))
    content = _file(locked, pay_on, payouts)
    batch = PayoutBatch.objects.create(
        account=locked,
        pay_on=pay_on,
        request=content.decode(ENCODING),
        made_at=timezone.now(),
        made_by=staff,
    )
    Payout.objects.filter(pk__in=[payout.pk for payout in payouts]).update(batch=batch)
    record(
        "payouts.requested",
        staff,
        batch,
        account=locked.pk,
        pay_on=pay_on,
        count=len(payouts),
        total=sum(payout.amount for payout in payouts),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return batch


def waiting_payouts(account: BankAccount) -> QuerySet[Payout]:
    """What the next file of transfers from an account will hold."""
    waiting = Payout.objects.filter(batch__isnull=True, balance__provider=account.provider_id)
    return waiting.order_by("pk")


def transfer_file(batch: PayoutBatch) -> bytes:
    """The file as it goes to the bank."""
    return batch.request.encode(ENCODING)


@transaction.atomic
def take_payout_back(payout: Payout, on: date, reason: str, staff: User | None = None) -> Payout:
    """Store that the bank could not make a transfer: the amount is the customer's credit again.

    ValidationError without a reason, for a payout that no file holds, or twice.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    locked = (
        Payout.objects.select_for_update(of=("self",)).select_related("balance", "batch").get(pk=payout.pk)
    )
    ensure_no_own_cause(staff, locked.balance.organisation)
    if locked.batch is None or locked.returned_on:
        raise ValidationError(_("This payout is in no file of transfers, or came back already."))
    if on > localdate() or on < locked.batch.pay_on:
        raise ValidationError({"on": _("Give a day from the transfer day on, up to today.")})
    balance = locked_balance(locked.balance.provider, locked.balance.organisation)
    book(balance, CreditEntry.Kind.TAKEN_BACK, locked.amount, on, f"payout-back-{locked.pk}")
    locked.returned_on, locked.return_reason = on, reason.strip()
    locked.save(update_fields=["returned_on", "return_reason"])
    record(
        "payout.came_back",
        staff,
        balance,
        payout=locked.pk,
        amount=locked.amount,
        personal={"reason": locked.return_reason},
    )
    return locked


def _file(account: BankAccount, pay_on: date, payouts: list[Payout]) -> bytes:
    file = TransferFile(
        consignor_code=account.transfer_code,
        consignor_name=account.holder,
        transfer_day=f"{pay_on:%m%d}",
        account=_account(account),
        transfers=tuple(
            Transfer(
                account=_account(payout), holder=payout.holder, amount=payout.amount, reference=str(payout.pk)
            )
            for payout in payouts
        ),
    )
    try:
        return write_transfers(file)
    except BankFileError as error:
        raise ValidationError(file_problems(error)) from error


def _account(stored: AccountFields) -> Account:
    return Account(
        bank_code=stored.bank_code,
        bank_name=stored.bank_name,
        branch_code=stored.branch_code,
        branch_name=stored.branch_name,
        kind=stored.account_kind,
        number=stored.account_number,
    )

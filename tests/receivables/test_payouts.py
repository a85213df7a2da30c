"""Payouts of credit: used once, in one file, back when the bank could not make the transfer."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from billing.documents.bank_files.transfers import read_transfers
from billing.models import CreditBalance, CreditEntry, Payout
from billing.receivables.credits import book, locked_balance
from billing.receivables.open_items import payouts_to_transfer
from billing.receivables.payouts import make_transfers, pay_out, take_payout_back, transfer_file
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.receivables_scene import bank_account
from tests.scenes import at, staff_member

PAY_ON = date(2026, 11, 24)
TO = {
    "bank_code": "9995",
    "bank_name": "ミナトギンコウ",
    "branch_code": "12",
    "branch_name": "シバ",
    "account_kind": "1",
    "account_number": "765432",
    "holder": "カ）ミナトシヨウジ",
}


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def account():
    return bank_account(load_priced_service("ct-e1").provider, transfer_code="1122334455")


@pytest.fixture
def balance(account, organisation) -> CreditBalance:
    locked = locked_balance(account.provider, organisation)
    book(locked, CreditEntry.Kind.OVERPAID, 10_000, date(2026, 11, 1), "overpaid-1")
    return locked


@pytest.fixture
def staff():
    return staff_member()


def test_a_payout_uses_the_credit_at_once_and_never_more(balance, staff):
    pay_out(balance, 7_000, TO, staff, approval=approved("payout"))
    balance.refresh_from_db()
    assert balance.amount == 3_000
    assert [entry.amount for entry in balance.entries.all()] == [10_000, -7_000]
    for amount in (3_001, 0):
        with pytest.raises(ValidationError) as refused:
            pay_out(balance, amount, TO, staff, approval=approved("payout"))
        assert "amount" in refused.value.message_dict
    assert Payout.objects.count() == 1


def test_an_account_that_cannot_be_is_refused_and_nothing_is_booked(balance, staff):
    with pytest.raises(ValidationError) as refused:
        pay_out(
            balance, 100, {**TO, "holder": "港商事", "bank_code": "99x5"}, staff, approval=approved("payout")
        )
    assert set(refused.value.message_dict) == {"holder", "bank_code"}
    balance.refresh_from_db()
    assert balance.amount == 10_000


def test_the_file_holds_what_waits_once(account, balance, staff):
    pay_out(balance, 7_000, TO, staff, approval=approved("payout"))
    pay_out(balance, 3_000, TO, staff, approval=approved("payout"))
    assert payouts_to_transfer().count() == 2
    batch = make_transfers(account, PAY_ON, staff, approval=approved("transfers"))
    content = transfer_file(batch)
    assert not payouts_to_transfer().exists()
    assert (len(content), len(content) % 120, content[1:3]) == (5 * 120, 0, b"21")
    file = read_transfers(content)
    assert (file.consignor_code, file.transfer_day) == ("1122334455", "1124")
    assert [transfer.amount for transfer in file.transfers] == [7_000, 3_000]
    first = file.transfers[0]
    assert (first.account.bank_code, first.account.branch_code, first.account.number) == (
        "9995",
        "012",
        "0765432",
    )
    with pytest.raises(ValidationError):
        make_transfers(account, PAY_ON, staff, approval=approved("transfers"))


def test_a_file_needs_a_client_code_and_a_day_on_which_banks_are_open(account, balance, staff):
    pay_out(balance, 7_000, TO, staff, approval=approved("payout"))
    for day in (date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 28)):
        with pytest.raises(ValidationError) as refused:
            make_transfers(account, day, staff, approval=approved("transfers"))
        assert "pay_on" in refused.value.message_dict
    account.transfer_code = ""
    account.save()
    with pytest.raises(ValidationError):
        make_transfers(account, PAY_ON, staff, approval=approved("transfers"))


def test_a_transfer_that_failed_is_credit_again_once(account, balance, staff, now):
    payout = pay_out(balance, 7_000, TO, staff, approval=approved("payout"))
    with pytest.raises(ValidationError):
        take_payout_back(payout, date(2026, 11, 20), "口座なし", staff)
    make_transfers(account, PAY_ON, staff, approval=approved("transfers"))
    now.move_to(at("2026-11-26"))
    take_payout_back(payout, date(2026, 11, 25), "口座なし", staff)
    balance.refresh_from_db()
    assert balance.amount == 10_000
    with pytest.raises(ValidationError):
        take_payout_back(payout, date(2026, 11, 25), "口座なし", staff)

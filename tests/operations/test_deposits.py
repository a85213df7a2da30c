"""Deposits: asked where the terms allow it, received once, set against what is unpaid, the rest returned."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from billing.models import Invoice
from billing.operations.deposits import ask_deposit, left_of, receive_deposit, return_deposit, use_deposit
from billing.operations.runs import bill
from billing.operations.special_prices import set_special_price
from billing.receivables import with_paid
from contracts.rules.period import Month
from tests.billing_scene import load_priced_service, make_contract
from tests.scenes import at, staff_member


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def service(db):
    return load_priced_service("simpleconnect")


@pytest.fixture
def contract(service, organisation, user):
    return make_contract(
        service, organisation, user, "C26-000001", {"id": 1, "recording": 1}, billed_from=date(2026, 10, 1)
    )


@pytest.fixture
def staff():
    return staff_member()


@pytest.fixture
def dear(contract, staff):
    """The contract at 30,001 yen a month for its ID."""
    set_special_price(contract, "id", 29_001, date(2026, 10, 1), "特注", staff)
    return contract


def test_below_the_limit_nothing_may_be_asked(contract, staff):
    with pytest.raises(ValidationError):
        ask_deposit(contract, 30_000, date(2026, 11, 30), staff)


def test_a_service_without_deposits_asks_for_none(organisation, user, staff):
    other = make_contract(load_priced_service("ct-e1"), organisation, user, "C26-000002", {"line": 20})
    with pytest.raises(ValidationError):
        ask_deposit(other, 30_000, date(2026, 11, 30), staff)


def test_above_the_limit_one_deposit_at_a_time_is_asked(dear, staff):
    asked = ask_deposit(dear, 40_000, date(2026, 11, 30), staff)
    assert asked.decision["may_ask"] is True
    assert asked.decision["steps"][0]["given"]["monthly_total"] == 30_001
    assert left_of(asked) == 0
    with pytest.raises(ValidationError):
        ask_deposit(dear, 40_000, date(2026, 11, 30), staff)
    with pytest.raises(ValidationError):
        ask_deposit(dear, 0, date(2026, 11, 30), staff)


def test_it_is_set_against_overdue_invoices_and_the_rest_returned(service, dear, staff, now):
    deposit = receive_deposit(
        ask_deposit(dear, 40_000, date(2026, 11, 30), staff), date(2026, 11, 20), "bank-1", staff
    )
    with pytest.raises(ValidationError):
        receive_deposit(deposit, date(2026, 11, 20), "bank-2", staff)
    for month in (Month(2026, 10), Month(2026, 11)):
        bill(service.provider, month, date(2026, 11, 20))
    october, november = Invoice.objects.order_by("month")
    assert october.gross == 33_002
    with pytest.raises(ValidationError):
        use_deposit(deposit, october, staff)

    now.move_to(at("2027-02-10"))
    use_deposit(deposit, october, staff)
    assert left_of(deposit) == 6_998
    assert use_deposit(deposit, november, staff).payment.amount == 6_998
    assert [invoice.open_amount for invoice in with_paid(Invoice.objects.order_by("month"))] == [0, 26_004]
    with pytest.raises(ValidationError):
        use_deposit(deposit, november, staff)

    returned = return_deposit(deposit, date(2027, 2, 10), staff)
    assert returned.returned_amount == 0
    with pytest.raises(ValidationError):
        return_deposit(deposit, date(2027, 2, 10), staff)

"""What the ledger knows of grounds is not left to what staff state."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from billing.pricing.special_prices import set_special_price
from billing.receivables.deposits import ask_deposit
from billing.runs.bill import bill
from contracts.lifecycle.provider_ends.terminations import terminate
from contracts.lifecycle.suspensions import suspend
from contracts.rules.calendar.period import Month
from tests.approving import approved
from tests.billing_scene import load_priced_service, make_contract
from tests.scenes import at, day, staff_member


@pytest.fixture
def contract(organisation, user):
    """Three IDs from November 2026; December's fee is due on January 29."""
    service = load_priced_service("simpleconnect")
    return make_contract(service, organisation, user, "C26-000001", {"id": 3}, billed_from=date(2026, 12, 1))


def test_a_contract_is_terminated_for_a_debt_only_once_that_is_overdue(contract):
    bill(contract.service.provider, Month(2026, 12), date(2027, 1, 5))
    due_on = contract.invoices.get().due_on
    with pytest.raises(ValidationError) as early:
        terminate(contract, staff_member(), "unpaid", None, at(f"{due_on}"))
    assert early.value.error_dict["ground"][0].code == "not_so"
    terminate(contract, staff_member(), "unpaid", None, at("2027-01-30"))
    contract.refresh_from_db()
    assert contract.ends_on == day("2027-01-30")


def test_a_service_is_stopped_for_a_deposit_only_after_the_day_named(contract):
    set_special_price(
        contract, "id", 30_001, date(2027, 1, 1), "見積", staff_member(), approval=approved("special_price")
    )
    ask_deposit(
        contract,
        100_000,
        day("2027-01-20"),
        staff_member(),
        at("2027-01-05"),
        approval=approved("deposit_request"),
    )
    with pytest.raises(ValidationError) as early:
        suspend(
            contract,
            staff_member(),
            "deposit_unpaid",
            day("2027-01-20"),
            None,
            "",
            until_paid=True,
            at=at("2027-01-20"),
        )
    assert early.value.error_dict["reason"][0].code == "not_so"
    stop = suspend(
        contract,
        staff_member(),
        "deposit_unpaid",
        day("2027-01-21"),
        None,
        "",
        until_paid=True,
        at=at("2027-01-21"),
    )
    assert stop.kind == "until_paid"

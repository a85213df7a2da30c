"""Grounds on which the provider may act, as the ledger knows them."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from billing.models import Invoice
from billing.receivables.grounds import is_overdue, is_underpaid
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.lifecycle.provider_ends.terminations import terminate
from contracts.models import Contract
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.scenes import at, day, staff_member


def invoiced(slug: str, organisation, user) -> Contract:
    """October's fees are invoiced and due at the end of November."""
    service = load_priced_service(slug)
    product = service.price_lists.get().prices.prices[0].product
    contract = make_contract(service, organisation, user, "C26-000001", {product: 1})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return contract


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel(at("2026-11-20"), tick=False):
        yield


def test_three_months_count_from_a_day_on_which_something_was_due(organisation, user):
    contract = invoiced("partner-cloud-e", organisation, user)
    due_on = Invoice.objects.get().due_on
    assert due_on == day("2026-11-30")
    with pytest.raises(ValidationError) as typed:
        terminate(contract, staff_member(), "unpaid", day("2026-10-31"), at("2027-02-10"))
    assert typed.value.error_dict["ground"][0].code == "not_so"
    terminate(contract, staff_member(), "unpaid", due_on, at("2027-03-01"))
    contract.refresh_from_db()
    assert contract.ends_on == day("2027-03-01")


def test_overdue_is_what_is_open_past_its_day_and_since_a_day_what_was_due_by_it(organisation, user):
    contract = invoiced("partner-cloud-e", organisation, user)
    assert not is_overdue(contract, date(2026, 11, 30), None)
    assert is_overdue(contract, date(2026, 12, 1), None)
    assert is_overdue(contract, date(2026, 12, 1), date(2026, 11, 30))
    assert not is_overdue(contract, date(2026, 12, 1), date(2026, 11, 29))


def test_less_than_was_invoiced_is_kept_and_known(organisation, user):
    contract = invoiced("simpleconnect", organisation, user)
    invoice = Invoice.objects.get()
    assert not is_underpaid(contract, date(2026, 11, 20), None)
    record_payment(invoice, date(2026, 11, 20), invoice.gross - 440, "part", staff_member())
    assert is_underpaid(contract, date(2026, 11, 20), None)
    record_payment(invoice, date(2026, 11, 20), 440, "rest", staff_member())
    assert not is_underpaid(contract, date(2026, 11, 20), None)

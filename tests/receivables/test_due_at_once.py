"""Debts that the end of a contract makes due before their day (partner-cloud-e 15-3)."""

from datetime import date

import pytest
import time_machine

from billing.models import Invoice
from billing.receivables.balances import late_charge_on, overdue_on
from billing.receivables.late.ageing import Ageing
from billing.runs.bill import bill
from billing.statements.content import statement
from contracts.applications.acceptance import deliver_acceptance
from contracts.lifecycle.endings import go_on
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day

ARRIVES = "2026-12-10 15:00"


@pytest.fixture
def contract(db) -> Contract:
    """Two servers; October's and November's fees are invoiced and open, October's late in December."""
    with time_machine.travel(at("2026-09-10"), tick=False):
        contract = scenes.running(load_priced_service("partner-cloud-e"), {"base": 2}, scenes.yamada())
        deliver_acceptance(contract, at("2026-09-10"))
    for number, issued_on in ((10, "2026-11-05"), (11, "2026-12-03")):
        bill(contract.service.provider, Month(2026, number), day(issued_on))
    contract.refresh_from_db()
    return contract


def ended(contract: Contract) -> None:
    """The cancellation arrives, and counts by that (15-1)."""
    with time_machine.travel(at(ARRIVES), tick=False):
        scenes.cancel(contract, None, at(ARRIVES))


def november() -> Invoice:
    return Invoice.objects.get(month=day("2026-11-01"))


def test_what_is_open_is_due_when_the_cancellation_arrives(contract):
    due_on = november().due_on
    assert due_on > day("2026-12-10")
    ended(contract)
    invoice = november()
    assert (invoice.due_on, invoice.open_due_on) == (due_on, day("2026-12-10"))
    assert invoice in overdue_on(day("2026-12-11"))
    late = late_charge_on(invoice, day("2026-12-21"))
    assert [decision.days for decision in late.decisions] == [10]
    (row,) = Ageing(day("2026-12-11"))
    assert row.total == sum(one.open_amount for one in Invoice.objects.all())


def test_what_was_due_before_keeps_its_day(contract):
    october = Invoice.objects.get(month=day("2026-10-01"))
    ended(contract)
    october.refresh_from_db()
    assert october.due_on < day("2026-12-10")
    assert (october.due_at_once_on, october.open_due_on) == (None, october.due_on)


def test_a_statement_of_an_earlier_day_stays_as_it_was(contract):
    def stated(on: date):
        provider, organisation = contract.service.provider, contract.organisation
        return statement(provider, organisation, day("2026-11-01"), on)["open_items"]

    before = stated(day("2026-12-09"))
    ended(contract)
    assert stated(day("2026-12-09")) == before
    assert {one["due_on"] for one in stated(day("2026-12-11"))} == {"2026-11-30", "2026-12-10"}


def test_a_contract_that_goes_on_owes_on_the_own_days_again(contract):
    ended(contract)
    current = Contract.objects.get(pk=contract.pk)
    asked = current.requests.get()
    go_on(current, asked.replaced)
    assert november().open_due_on == november().due_on

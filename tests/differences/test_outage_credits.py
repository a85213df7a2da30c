"""Credits for outages follow the fees that they lower, whenever a fact of the month comes.

31 seats of ct-e1 are 155,000 yen a month: four whole days of October are worth 155,000 × 4/31 = 20,000 yen,
of 62 seats 40,000 yen.
"""

import pytest
import time_machine

from billing.adjustments.outages import OutageReport, record_outage
from billing.differences.deciding import waive_differences
from billing.differences.listing import list_changed
from billing.differences.marks import fact_changed
from billing.documents.einvoice import einvoice
from billing.models import Adjustment, ChargeDifference, Invoice
from billing.runs.preview import preview
from contracts.lifecycle.items import end_contract
from contracts.models import Contract, ContractItem
from contracts.requests.decide import accept_request
from contracts.requests.product_forms import ProductChangeData
from contracts.rules.calendar.period import Month
from tests import scenes
from tests.approving import approved
from tests.differences.months import bill_months, ct_e1, stated
from tests.documents.jp_pint import problems
from tests.scenes import accept, apply, at, day, staff_member

__all__ = ["ct_e1"]


@pytest.fixture
def seats(ct_e1) -> Contract:
    application = apply(ct_e1, {"seat": 31}, at("2026-07-10"), wanted_start_on=day("2026-09-01"))
    return accept(application, at("2026-07-12"))


def outage(contract: Contract) -> None:
    """Four days of October."""
    report = OutageReport(at("2026-10-05 00:00"), at("2026-10-09 00:00"), "ordinary")
    with time_machine.travel(at("2026-11-03"), tick=False):
        record_outage(contract, report, "停電", staff_member(), approval=approved("outage"))


def asked_for(contract: Contract, quantity: int):
    kind, wanted_on = ("quantity_up", "2026-10-30") if quantity > 31 else ("quantity_down", "2026-10-01")
    data = ProductChangeData(product="seat", quantity=quantity, wanted_on=day(wanted_on))
    return scenes.ask(contract, kind, data, at("2026-08-28"))


def credited() -> list[int]:
    return list(Adjustment.objects.order_by("pk").values_list("amount", flat=True))


def test_a_credit_follows_a_quantity_that_is_accepted_later(ct_e1, seats):
    request = asked_for(seats, 62)
    bill_months(ct_e1, 9, 10)
    outage(seats)
    accept_request(request, staff_member(), at("2026-11-05"))
    found = {one.product: one.amount for one in preview(ct_e1.provider, Month(2026, 11)).corrections}
    assert found == {"seat": 155_000, "outage-credit": -20_000}
    list_changed()

    bill_months(ct_e1, 11)
    october = Invoice.objects.get(month=day("2026-10-01"), kind="invoice")
    assert [one.net for one in october.returns.order_by("pk")] == [-20_000, -20_000]
    returned = october.returns.latest("pk")
    assert returned.document["lines"][0]["name"]["ja"] == "障害時の減額"
    assert problems(einvoice(returned.document)) == []
    assert stated(11) == [("seat", 62, 310_000, None), ("seat", 31, 155_000, "2026-10-01")]
    assert credited() == [-20_000, -20_000]
    settled = ChargeDifference.objects.get(product="outage-credit")
    assert (settled.state, settled.document) == ("settled", returned)
    bill_months(ct_e1, 12)
    assert credited() == [-20_000, -20_000]


def test_the_months_own_invoice_states_the_credit_as_it_is_by_then(ct_e1, seats):
    request = asked_for(seats, 62)
    bill_months(ct_e1, 9)
    outage(seats)
    accept_request(request, staff_member(), at("2026-11-05"))
    bill_months(ct_e1, 10)
    assert Invoice.objects.get(month=day("2026-10-01")).net == 310_000 - 40_000


def test_a_credit_of_a_fee_that_became_less_is_taken_back_with_the_return_of_the_fee(ct_e1, seats):
    """From 31 seats to 1: the fee of four days is 5,000 × 4/31 = 645 yen."""
    request = asked_for(seats, 1)
    bill_months(ct_e1, 9, 10)
    outage(seats)
    accept_request(request, staff_member(), at("2026-11-05"))
    bill_months(ct_e1, 11)
    october = Invoice.objects.get(month=day("2026-10-01"), kind="invoice")
    returned = october.returns.latest("pk")
    assert [line["amount"] for line in returned.document["lines"]] == [-150_000, 19_355]
    assert problems(einvoice(returned.document)) == []
    october.refresh_from_db()
    assert october.open_amount == 4_355 + 435
    assert sum(credited()) == -645


def test_nothing_is_credited_for_days_after_the_end(ct_e1, seats):
    bill_months(ct_e1, 9, 10)
    outage(seats)
    end_contract(Contract.objects.get(), day("2026-09-30"), day("2026-09-30"), Contract.EndKind.CANCELLED)
    bill_months(ct_e1, 11)
    october = Invoice.objects.get(month=day("2026-10-01"), kind="invoice")
    assert (october.open_amount, sum(credited())) == (0, 0)
    assert not Invoice.objects.filter(month=day("2026-11-01")).exists()


def test_what_was_waived_of_a_credit_is_not_taken_back_later(ct_e1, seats):
    bill_months(ct_e1, 9, 10)
    outage(seats)
    ContractItem.objects.update(quantity=1)
    fact_changed(seats.pk)
    list_changed()
    credit = ChargeDifference.objects.filter(product="outage-credit")
    waive_differences(credit, "確認済み", staff_member(), approval=approved("difference_waiver"))
    bill_months(ct_e1, 11)
    assert credited() == [-20_000]

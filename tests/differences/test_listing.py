"""Differences are listed for staff as soon as a fact changes, and staff decide about them."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from billing.differences.deciding import accept_differences, decide_for_customers, waive_differences
from billing.differences.listing import list_changed
from billing.models import ChargeDifference, Invoice
from contracts.models import ContractItem
from contracts.requests.decide import accept_request
from tests.differences.months import (
    as_before_the_upgrade,
    bill_months,
    contract,
    ct_e1,
    sixth_seat,
    stated,
)
from tests.scenes import at, staff_member

__all__ = ["contract", "ct_e1"]


def listed() -> list[tuple[str, str, int, str]]:
    list_changed()
    return [
        (f"{one.month:%Y-%m}", one.product, one.amount, one.state)
        for one in ChargeDifference.objects.order_by("month")
    ]


def test_a_difference_is_listed_until_a_billing_settles_it(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    assert listed() == []
    accept_request(request, staff_member(), at("2026-11-05"))
    assert listed() == [("2026-10", "seat", 5_000, "found")]
    assert listed() == [("2026-10", "seat", 5_000, "found")]
    bill_months(ct_e1, 11)
    assert listed() == []


def test_what_was_waived_is_never_charged(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    accept_request(request, staff_member(), at("2026-11-05"))
    list_changed()
    waive_differences(ChargeDifference.objects.all(), "当社の遅れによるため", staff_member())
    bill_months(ct_e1, 11)
    assert stated(11) == [("seat", 6, 30_000, None)]
    assert listed() == [("2026-10", "seat", 5_000, "waived")]


def test_the_first_comparison_only_lists_until_each_difference_is_decided(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    ContractItem.objects.update(quantity=7)
    as_before_the_upgrade()
    bill_months(ct_e1, 11)
    assert stated(11) == [("seat", 7, 35_000, None)]
    assert listed() == [("2026-09", "seat", 10_000, "listed"), ("2026-10", "seat", 10_000, "listed")]
    bill_months(ct_e1, 12)
    assert stated(12) == [("seat", 7, 35_000, None)]

    accept_differences(ChargeDifference.objects.filter(month="2026-10-01"), "確認済み", staff_member())
    bill_months(ct_e1, 13)
    assert stated(13) == [("seat", 7, 35_000, None), ("seat", 2, 10_000, "2026-10-01")]


def test_what_is_to_the_customers_disadvantage_is_waived_unless_it_is_chosen(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    ContractItem.objects.update(quantity=4)
    october = Invoice.objects.get(month="2026-10-01")
    as_before_the_upgrade()
    list_changed()
    assert decide_for_customers(ChargeDifference.objects.all(), "初回の比較", staff_member()) == (2, 0)
    bill_months(ct_e1, 11)
    assert [one.net for one in october.returns.all()] == [-5_000]


def test_a_decision_needs_a_reason(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    accept_request(request, staff_member(), at("2026-11-05"))
    list_changed()
    with pytest.raises(ValidationError) as refused:
        waive_differences(ChargeDifference.objects.all(), " ", staff_member())
    assert "reason" in refused.value.message_dict
    assert ChargeDifference.objects.get().state == "found"


def test_the_monthly_comparison_finds_nothing_that_no_mark_says(ct_e1, contract, capsys):
    bill_months(ct_e1, 9, 10)
    call_command("compare_charges")
    ContractItem.objects.update(quantity=6)  # behind the operations' back
    with pytest.raises(SystemExit) as found:
        call_command("compare_charges")
    assert found.value.code == 1
    assert f"{contract.number}、2026-10、seat：25,000 → 30,000" in capsys.readouterr().out
    assert ChargeDifference.objects.count() == 2
    call_command("compare_charges")

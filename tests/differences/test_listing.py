"""Differences are listed for staff as soon as a fact changes, and staff decide about them."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from billing.differences.deciding import accept_differences, waive_differences
from billing.differences.listing import list_changed
from billing.differences.marks import fact_changed
from billing.models import ChargeDifference, Invoice
from contracts.models import ContractItem
from contracts.requests.decide import accept_request
from tests.approving import approved
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


def waive(reason: str, **narrowed) -> None:
    rows = ChargeDifference.objects.filter(**narrowed)
    waive_differences(rows, reason, staff_member(), approval=approved("difference_waiver"))


def test_a_difference_is_listed_until_a_billing_settles_it(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    assert listed() == []
    accept_request(request, staff_member(), at("2026-11-05"))
    assert listed() == [("2026-10", "seat", 5_000, "found")]
    assert listed() == [("2026-10", "seat", 5_000, "found")]
    bill_months(ct_e1, 11)
    assert listed() == [("2026-10", "seat", 5_000, "settled")]
    november = Invoice.objects.get(month="2026-11-01")
    assert ChargeDifference.objects.get().document == november


def test_what_was_waived_is_never_charged(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    accept_request(request, staff_member(), at("2026-11-05"))
    list_changed()
    waive("当社の遅れによるため")
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


def test_what_is_accepted_of_the_first_comparison_is_returned(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    ContractItem.objects.update(quantity=4)
    october = Invoice.objects.get(month="2026-10-01")
    as_before_the_upgrade()
    list_changed()
    accept_differences(ChargeDifference.objects.all(), "初回の比較", staff_member())
    assert {state for _month, _product, _amount, state in listed()} == {"accepted"}
    bill_months(ct_e1, 11)
    returned = october.returns.get()
    assert returned.net == -5_000
    settled = ChargeDifference.objects.get(month="2026-10-01")
    assert (settled.state, settled.document, settled.reason) == ("settled", returned, "初回の比較")


def test_what_waits_for_a_decision_is_listed_once_however_often_facts_change(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    ContractItem.objects.update(quantity=7)
    as_before_the_upgrade()
    list_changed()
    ContractItem.objects.update(quantity=8)
    fact_changed(contract.pk)
    assert listed() == [("2026-09", "seat", 15_000, "listed"), ("2026-10", "seat", 15_000, "listed")]
    ContractItem.objects.update(quantity=5)
    fact_changed(contract.pk)
    assert listed() == []


def test_what_was_waived_is_not_taken_back_as_facts_change_again(ct_e1, contract):
    bill_months(ct_e1, 9, 10)
    for quantity in (6, 4):
        ContractItem.objects.update(quantity=quantity)
        fact_changed(contract.pk)
        list_changed()
        waive("確認済み", state="found")
    ContractItem.objects.update(quantity=5)
    fact_changed(contract.pk)
    bill_months(ct_e1, 11)
    assert stated(11) == [("seat", 5, 25_000, None)]
    assert not Invoice.objects.filter(kind="return").exists()


def test_a_waiver_takes_a_second_person(ct_e1, contract):
    bill_months(ct_e1, 9)
    ContractItem.objects.update(quantity=6)
    fact_changed(contract.pk)
    list_changed()
    with pytest.raises(ValidationError) as refused:
        waive_differences(ChargeDifference.objects.all(), "確認済み", staff_member())
    assert refused.value.code == "second_person"


def test_a_decision_needs_a_reason(ct_e1, contract):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    accept_request(request, staff_member(), at("2026-11-05"))
    list_changed()
    with pytest.raises(ValidationError) as refused:
        waive(" ")
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

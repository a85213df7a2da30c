"""Tiers, special prices and the notice of price changes."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db.models import Q

from billing.calculation.charges import charge_lines
from billing.calculation.prices import PriceListError, read_price_list
from billing.models import Invoice, PriceListVersion, SpecialPrice
from billing.pricing.price_changes import change_prices
from billing.pricing.price_lists import publish_price_list
from billing.pricing.price_notices import ToldOtherwise
from billing.pricing.quoted_prices import prices_to_enter
from billing.pricing.special_prices import end_special_price, set_special_price
from billing.runs.bill import bill
from billing.runs.preview import preview
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract, price_list_source
from tests.scenes import at, staff_member

TIERED = """
effective_on = 2026-10-01
[[prices]]
article = "list-3"
product = "line"
tiers = [{ from = 1, unit_price = 380 }, { from = 2, unit_price = 100 }, { from = 11, unit_price = 0 }]
tax = "standard"
"""


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-10"), tick=False):
        yield


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service, organisation, user):
    return make_contract(service, organisation, user, "C26-000001", {"line": 3})


@pytest.fixture
def staff():
    return staff_member()


@pytest.mark.parametrize(
    ("units", "amounts"),
    [(1, [380]), (2, [380, 100]), (10, [380, 900]), (12, [380, 900, 0])],
)
def test_each_unit_costs_what_its_tier_says(service, units, amounts):
    policy = service.versions.get().policy
    lines = charge_lines(policy, read_price_list(TIERED), {"line": units})
    assert [line.amount for line in lines] == amounts
    assert sum(line.quantity for line in lines) == units


@pytest.mark.parametrize(
    "wrong",
    [
        TIERED.replace("from = 1,", "from = 2,"),
        TIERED.replace("from = 11,", "from = 2,"),
        TIERED.replace('tax = "standard"', 'unit_price = 1\ntax = "standard"'),
        TIERED.replace("tiers = [", "tiers = [] # ["),
    ],
)
def test_tiers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(PriceListError):
        read_price_list(wrong)


def test_each_tier_has_its_line_on_the_invoice(service, contract):
    publish_price_list(service, TIERED, approval=approved("price_list"))
    bill(service.provider, OCTOBER, ISSUE_DAY)
    document = Invoice.objects.get().document
    assert [(line["quantity"], line["unit_price"]) for line in document["lines"]] == [(1, 380), (2, 100)]
    for line in document["lines"]:
        (place,) = line["reasons"]
        assert document["steps"][place]["result"] == line["amount"]


def test_a_special_price_takes_the_place_of_the_lists_and_says_so(service, contract, staff):
    set_special_price(
        contract,
        "line",
        4_000,
        date(2026, 10, 31),
        "3年契約の値引き",
        staff,
        approval=approved("special_price"),
    )
    bill(service.provider, OCTOBER, ISSUE_DAY)
    document = Invoice.objects.get().document
    (line,) = document["lines"]
    assert (line["special"], line["amount"]) == (True, 12_000)
    step = document["steps"][line["reasons"][0]]
    assert (step["rule"], step["given"]["list_price"]) == ("charge.special", 5_000)


def test_a_new_special_price_ends_the_one_before(contract, staff):
    first = set_special_price(
        contract, "line", 4_000, date(2026, 10, 1), "値引き", staff, approval=approved("special_price")
    )
    set_special_price(
        contract,
        "line",
        3_000,
        date(2026, 12, 1),
        "値引きの見直し",
        staff,
        approval=approved("special_price"),
    )
    first.refresh_from_db()
    assert first.ends_on == date(2026, 11, 30)
    with pytest.raises(ValidationError):
        set_special_price(
            contract,
            "line",
            3_500,
            date(2026, 11, 1),
            "割込み",
            staff,
            ends_on=date(2026, 11, 30),
            approval=approved("special_price"),
        )
    with pytest.raises(ValidationError):
        end_special_price(first, date(2026, 12, 31), staff, approval=approved("special_price_end"))


@pytest.mark.parametrize(
    "changed",
    [{"product": "nothing"}, {"unit_price": -1}, {"reason": " "}, {"ends_on": date(2026, 9, 30)}],
)
def test_a_wrong_special_price_is_refused(contract, staff, changed):
    values = {
        "product": "line",
        "unit_price": 4_000,
        "starts_on": date(2026, 10, 1),
        "reason": "値引き",
        **changed,
    }
    with pytest.raises(ValidationError) as refused:
        set_special_price(contract, staff=staff, **values, approval=approved("special_price"))
    assert set(refused.value.message_dict) == set(changed)
    assert not SpecialPrice.objects.exists()


def test_invoiced_months_keep_their_price(service, contract, staff):
    price = set_special_price(
        contract, "line", 4_000, date(2026, 10, 1), "値引き", staff, approval=approved("special_price")
    )
    bill(service.provider, OCTOBER, ISSUE_DAY)
    with pytest.raises(ValidationError):
        set_special_price(
            contract, "seat", 4_000, date(2026, 10, 1), "値引き", staff, approval=approved("special_price")
        )
    with pytest.raises(ValidationError):
        end_special_price(price, date(2026, 9, 30), staff, approval=approved("special_price_end"))
    assert end_special_price(
        price, date(2026, 10, 31), staff, approval=approved("special_price_end")
    ).ends_on == date(2026, 10, 31)


def told(moment):
    return ToldOtherwise("email", moment, moment, evidence="配達記録 17")


def changed_list(effective_on: str) -> str:
    source = price_list_source("ct-e1").replace("2015-04-01", effective_on)
    return source.replace("unit_price = 5000", "unit_price = 5500", 1)


def test_a_price_change_told_in_time_is_published_with_the_decision(service, staff):
    notice = told(at("2026-10-01 23:59"))
    stored = change_prices(
        service, changed_list("2027-01-01"), notice, staff, approval=approved("price_list")
    )
    assert stored.notice["in_time"] is True
    assert [step["articles"] for step in stored.notice["steps"]][-1] == ["21-3"]


def test_a_price_change_told_too_late_names_the_earliest_day(service, staff):
    notice = told(at("2026-10-02 00:00"))
    with pytest.raises(ValidationError) as refused:
        change_prices(service, changed_list("2027-01-01"), notice, staff, approval=approved("price_list"))
    assert "2027年1月2日" in str(refused.value)
    assert PriceListVersion.objects.count() == 1


def test_a_list_dated_within_a_month_changes_no_price_of_a_contract(service, contract, staff):
    notice = told(at("2026-10-01"))
    with pytest.raises(ValidationError) as refused:
        change_prices(service, changed_list("2027-06-15"), notice, staff, approval=approved("price_list"))
    assert "source" in refused.value.message_dict
    assert PriceListVersion.objects.count() == 1


def test_a_late_notice_is_overridden_by_two_people_and_with_a_reason(service, contract, staff):
    notice, late = told(at("2026-12-01")), changed_list("2027-01-01")
    with pytest.raises(ValidationError) as alone:
        change_prices(service, late, notice, staff, "値下げのため")
    assert alone.value.code == "second_person"
    stored = change_prices(service, late, notice, staff, "値下げのため", approval=approved("price_list"))
    assert (stored.override_reason, stored.notice["in_time"]) == ("値下げのため", False)


def test_services_that_promise_no_time_need_none(staff):
    service = load_priced_service("progoffice")
    source = price_list_source("progoffice").replace("2016-03-01", "2026-12-01")
    stored = change_prices(service, source, told(at("2026-12-01")), staff, approval=approved("price_list"))
    assert stored.notice["in_time"] is True


def test_what_needs_a_quotation_is_billed_at_its_own_price_or_not_at_all(service, organisation, user, staff):
    """The standard set-up covers 5 lines; with 6 its list price of 300,000 yen does not hold."""
    contract = make_contract(service, organisation, user, "C26-000002", {"line": 6, "setup-standard": 1})
    looked = preview(service.provider, OCTOBER)
    assert [problem.contract for problem in looked.problems] == ["C26-000002"]
    assert "初期導入設定" in str(looked.problems[0].reason)
    assert [waiting.products for waiting in prices_to_enter(Q())] == [["setup-standard"]]
    bill(service.provider, OCTOBER, ISSUE_DAY)
    assert not Invoice.objects.filter(contract=contract).exists()

    set_special_price(
        contract,
        "setup-standard",
        420_000,
        date(2026, 10, 1),
        "見積書 Q-17",
        staff,
        approval=approved("special_price"),
    )
    assert not list(prices_to_enter(Q()))
    bill(service.provider, OCTOBER, ISSUE_DAY)
    assert Invoice.objects.get(contract=contract).net == 420_000 + 6 * 5_000


def test_a_standard_order_and_what_is_invoiced_already_wait_for_no_price(service, organisation, user):
    make_contract(service, organisation, user, "C26-000002", {"line": 5, "setup-standard": 1})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    assert Invoice.objects.get(contract__number="C26-000002").net == 300_000 + 5 * 5_000
    assert not list(prices_to_enter(Q()))


def test_a_price_by_quotation_may_be_entered_after_later_months_were_invoiced(
    service, organisation, user, staff
):
    contract = make_contract(service, organisation, user, "C26-000002", {"line": 6, "setup-standard": 1})
    contract.items.filter(product="setup-standard").update(billed_through_on=OCTOBER.last)
    bill(service.provider, OCTOBER, ISSUE_DAY)
    bill(service.provider, OCTOBER + 1, date(2026, 12, 10))
    (waiting,) = prices_to_enter(Q())
    assert (waiting.month, waiting.ends_on) == (OCTOBER, OCTOBER.last)
    values = (contract, "setup-standard", 420_000, date(2026, 10, 1), "見積書 Q-17", staff)
    with pytest.raises(ValidationError):
        set_special_price(*values, approval=approved("special_price"))
    with pytest.raises(ValidationError):
        set_special_price(*values, ends_on=date(2026, 11, 1), approval=approved("special_price"))
    set_special_price(*values, ends_on=OCTOBER.last, approval=approved("special_price"))
    bill(service.provider, OCTOBER, ISSUE_DAY)
    assert Invoice.objects.get(contract=contract, month=OCTOBER.first).net == 420_000 + 6 * 5_000


def test_a_price_does_not_end_the_one_of_invoiced_months(service, contract, staff):
    set_special_price(
        contract, "line", 4_000, date(2026, 9, 1), "値引き", staff, approval=approved("special_price")
    )
    bill(service.provider, OCTOBER + 1, date(2026, 12, 10))
    with pytest.raises(ValidationError) as refused:
        set_special_price(
            contract,
            "line",
            3_000,
            date(2026, 10, 1),
            "値引き",
            staff,
            ends_on=OCTOBER.last,
            approval=approved("special_price"),
        )
    assert list(refused.value.message_dict) == ["starts_on"]

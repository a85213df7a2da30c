"""Damages that the provider owes, up to the limits of the terms; claims that it waives."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from billing.adjustments.charges_and_credits import give_as_credit, withdraw_adjustment
from billing.adjustments.damages import DamageReport, book_damages
from billing.models import CreditBalance
from billing.pricing.claims import waive_claim
from billing.pricing.fees import monthly_fee_of
from billing.runs.bill import bill
from contracts.lifecycle.items import end_contract
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from tests.approving import approved
from tests.billing_scene import (
    OCTOBER,
    add_price_list,
    billed,
    claim,
    load_priced_service,
    make_contract,
)
from tests.scenes import at, staff_member

NOVEMBER = Month(2026, 11)


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def service(db):
    return load_priced_service("simpleconnect")


@pytest.fixture
def contract(service, organisation, user) -> Contract:
    return make_contract(service, organisation, user, "C26-000001", {"id": 2}, billed_from=date(2026, 10, 1))


@pytest.fixture
def staff():
    return staff_member()


def monthly(contract) -> int:
    return monthly_fee_of(contract, NOVEMBER)


def damage(amount: int, fault="ordinary", on: date = date(2026, 11, 10)) -> DamageReport:
    return DamageReport(on, amount, fault)


def test_damages_go_up_to_one_monthly_fee_and_stand_on_the_next_invoice(service, contract, staff):
    fee = monthly(contract)
    booked = book_damages(contract, damage(500_000), "データの消失", staff, approval=approved("damages"))
    assert (booked.amount, booked.tax) == (-fee, "outside")
    assert "32-1" in booked.articles
    invoice = billed(service, NOVEMBER)
    assert (invoice.net, invoice.document["rates"][-1]) == (
        0,
        {"rate": None, "reduced": False, "net": -fee, "tax": 0},
    )
    assert invoice.document["lines"][-1]["name"]["ja"] == "損害賠償金"


def test_less_than_the_limit_is_owed_as_it_is_and_gross_negligence_knows_none(contract, staff):
    assert book_damages(contract, damage(100), "誤設定", staff, approval=approved("damages")).amount == -100
    with pytest.raises(ValidationError):
        book_damages(contract, damage(200), "誤設定", staff, approval=approved("damages"))
    gross = book_damages(
        contract, damage(500_000, "gross", date(2026, 11, 11)), "放置", staff, approval=approved("damages")
    )
    assert gross.amount == -500_000


def test_where_something_held_has_no_price_it_is_named(organisation, user):
    seats = load_priced_service("ct-e1")
    contract = make_contract(seats, organisation, user, "C26-000001", {"line": 1, "seat": 1})
    add_price_list(seats, date(2026, 11, 1), {"line": 5_000})
    with pytest.raises(ValidationError) as refused:
        monthly(contract)
    assert refused.value.messages == ["2026-11-01からの料金表に「seat」の料金がありません"]


@pytest.mark.parametrize(
    "report",
    [damage(0), damage(100, on=date(2026, 9, 30)), damage(100, on=date(2026, 11, 21))],
)
def test_impossible_damages_are_refused(contract, staff, report):
    with pytest.raises(ValidationError):
        book_damages(contract, report, "理由", staff, approval=approved("damages"))


def test_the_average_of_the_months_before_is_the_limit_where_the_terms_say_so(organisation, user, staff):
    other = make_contract(
        load_priced_service("partner-cloud-e"),
        organisation,
        user,
        "C26-000002",
        {"base": 1},
        billed_from=date(2026, 8, 1),
    )
    # August to October at 50,000 yen each: 150,000 / 3
    assert (
        book_damages(other, damage(60_000), "設定の誤り", staff, approval=approved("damages")).amount
        == -50_000
    )


def test_what_no_invoice_will_state_becomes_credit_once(contract, organisation, staff):
    booked = book_damages(contract, damage(1_000), "誤設定", staff, approval=approved("damages"))
    give_as_credit(booked, staff, approval=approved("adjustment_credit"))
    balance = CreditBalance.objects.get()
    assert (balance.organisation, balance.amount) == (organisation, 1_000)
    assert not contract.adjustments.pending().exists()
    for again in (
        lambda: give_as_credit(booked, staff, approval=approved("adjustment_credit")),
        lambda: withdraw_adjustment(booked, "誤り", staff, approval=approved("adjustment_withdrawal")),
    ):
        with pytest.raises(ValidationError):
            again()


def test_damages_after_the_last_invoice_of_a_contract_are_credit_at_once(service, contract, staff):
    end_contract(contract, date(2026, 10, 31), date(2026, 10, 31), Contract.EndKind.CANCELLED)
    billed(service, OCTOBER)
    contract.refresh_from_db()
    book_damages(
        contract, damage(1_000, on=date(2026, 10, 20)), "誤設定", staff, approval=approved("damages")
    )
    assert CreditBalance.objects.get().amount == 1_000
    assert not contract.adjustments.pending().exists()


def test_damages_beyond_an_invoice_are_credit_with_its_issue(service, contract, staff):
    for day in (9, 10):
        report = damage(500_000, on=date(2026, 11, day))
        book_damages(contract, report, "データの消失", staff, approval=approved("damages"))
    fee = monthly(contract)
    invoice = billed(service, NOVEMBER)
    assert (invoice.net, invoice.gross) == (0, fee // 10)
    assert CreditBalance.objects.get().amount == fee
    assert not contract.adjustments.pending().exists()


def test_damages_that_wait_when_the_last_invoice_is_issued_are_credit_then(service, contract, staff):
    end_contract(contract, date(2026, 10, 31), date(2026, 10, 31), Contract.EndKind.CANCELLED)
    contract.refresh_from_db()
    report = damage(1_000, on=date(2026, 10, 20))
    book_damages(contract, report, "誤設定", staff, approval=approved("damages"))
    assert not CreditBalance.objects.exists()
    assert billed(service, OCTOBER).net == monthly_fee_of(contract, OCTOBER)
    assert CreditBalance.objects.get().amount == 1_000
    assert not contract.adjustments.pending().exists()


def test_a_month_that_is_not_charged_yet_is_limited_by_the_first_fee(service, organisation, user, staff):
    early = make_contract(service, organisation, user, "C26-000002", {"id": 2}, billed_from=date(2026, 12, 1))
    Contract.objects.filter(pk=early.pk).update(service_starts_on=date(2026, 11, 5))
    early.refresh_from_db()
    booked = book_damages(early, damage(500_000), "データの消失", staff, approval=approved("damages"))
    assert booked.amount == -16_000


def test_a_claim_can_be_waived_with_a_reason_before_it_is_billed(service, contract, staff):
    claimed = claim(contract)
    with pytest.raises(ValidationError):
        waive_claim(claimed, " ", staff, approval=approved("claim_waiver"))
    waived = waive_claim(claimed, "お客様の移転のため", staff, approval=approved("claim_waiver"))
    assert (waived.withdrawn_at is not None, waived.withdrawal_reason) == (True, "お客様の移転のため")
    entry = AuditEntry.objects.get(action="claim.waived")
    assert (entry.actor, entry.data["net"]) == (staff, 12_000)
    with pytest.raises(ValidationError):
        waive_claim(claimed, "もう一度", staff, approval=approved("claim_waiver"))
    assert billed(service, OCTOBER).net == monthly(contract)


def test_a_claim_on_an_invoice_is_not_waived(service, contract, staff):
    claimed = claim(contract)
    bill(service.provider, OCTOBER, date(2026, 11, 10))
    with pytest.raises(ValidationError):
        waive_claim(claimed, "遅すぎる", staff, approval=approved("claim_waiver"))


def test_terms_that_owe_certain_damages_owe_no_others(organisation, user, staff):
    """ct-e1 47-6: beside outages only accidents with personal information (47-12)."""
    seats = make_contract(load_priced_service("ct-e1"), organisation, user, "C26-000009", {"line": 2})
    with pytest.raises(ValidationError) as refused:
        book_damages(seats, damage(5_000), "業務の遅れ", staff, approval=approved("damages"))
    assert refused.value.message_dict.keys() == {"ground"}
    assert "個人情報" in str(refused.value)
    report = DamageReport(date(2026, 11, 10), 50_000, "ordinary", "personal_information")
    booked = book_damages(seats, report, "誤送信", staff, approval=approved("damages"))
    assert (booked.amount, booked.articles[0]) == (-10_000, "47-6")


def test_a_month_of_service_may_be_given_free_instead_of_money(service, contract, staff):
    """simpleconnect 32-2."""
    fee = monthly(contract)
    report = DamageReport(date(2026, 11, 10), 5_000, "ordinary", as_service=True)
    given = book_damages(contract, report, "障害のお詫び", staff, approval=approved("damages"))
    assert (given.amount, given.tax) == (-fee, "standard")
    assert given.articles == ["32-2"]
    invoice = billed(service, NOVEMBER)
    assert (invoice.net, invoice.tax, invoice.gross) == (0, 0, 0)


def test_service_is_given_only_where_the_terms_know_that_and_while_it_is_charged(
    service, contract, staff, organisation, user
):
    report = DamageReport(date(2026, 11, 10), 5_000, "ordinary", as_service=True)
    other = make_contract(
        load_priced_service("partner-cloud-e"), organisation, user, "C26-000002", {"base": 1}
    )
    with pytest.raises(ValidationError) as unknown:
        book_damages(other, report, "障害", staff, approval=approved("damages"))
    assert "as_service" in unknown.value.message_dict
    end_contract(contract, date(2026, 11, 12), date(2026, 10, 31), Contract.EndKind.TERMINATED)
    bill(service.provider, OCTOBER, date(2026, 11, 15))
    with pytest.raises(ValidationError) as over:
        book_damages(
            Contract.objects.get(pk=contract.pk), report, "障害", staff, approval=approved("damages")
        )
    assert "as_service" in over.value.message_dict

"""Outages that add up within a month: recorded one by one, credited once."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils.translation import override

from billing.adjustments.charges_and_credits import withdraw_adjustment
from billing.adjustments.outages import OutageReport, record_outage, withdraw_outage
from billing.models import Adjustment, Invoice, RecordedOutage
from billing.pricing.fees import monthly_fee_of
from billing.runs.bill import bill
from contracts.lifecycle.items import end_contract
from contracts.rules.calendar.period import Month
from tests.approving import approved
from tests.billing_scene import hold, load_priced_service, make_contract
from tests.scenes import at, staff_member

FEE = 10 * 400
"""What ten accounts cost a month by the sample price list."""


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-10-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def service(db):
    return load_priced_service("progoffice")


@pytest.fixture
def contract(service, organisation, user):
    return make_contract(
        service, organisation, user, "C26-000001", {"user": 10}, billed_from=date(2026, 8, 1)
    )


@pytest.fixture
def staff():
    return staff_member()


@pytest.fixture
def outage(contract, staff):
    def record(known: str, restored: str, fault: str = "ordinary", damage: int = FEE) -> RecordedOutage:
        report = OutageReport(at(known), at(restored), fault, damage=damage)
        return record_outage(contract, report, "停電", staff, approval=approved("outage"))

    return record


def test_what_brings_nothing_by_itself_counts_with_the_next_within_the_month(outage, service):
    first = outage("2026-09-03 09:00", "2026-09-13 09:00")  # 240 hours
    assert first.credit is None
    second = outage("2026-09-20 00:00", "2026-09-25 00:00")  # 120 hours more: 360

    credit = second.credit
    assert (credit.amount, credit.tax, credit.month) == (-FEE, "outside", date(2026, 9, 1))
    assert credit.names == {"ja": "損害賠償金", "en": "Damages"}
    with override("ja"):
        assert credit.names["ja"] == credit.get_kind_display()
    first.refresh_from_db()
    assert first.credit == credit
    assert credit.decision["steps"][1]["given"]["hours"] == 360
    assert "38-1" in credit.articles

    bill(service.provider, Month(2026, 9), date(2026, 10, 20))
    invoice = Invoice.objects.get()
    assert (invoice.net, invoice.tax) == (FEE - FEE, 400)


def test_an_hour_less_is_too_little_and_the_month_ends(outage):
    outage("2026-09-03 09:00", "2026-09-13 09:00")
    assert outage("2026-09-20 00:00", "2026-09-24 23:00").credit is None  # 359 hours
    # The month from 3 September, 9:00 is over with 3 October; from 20 September on only these two count.
    assert outage("2026-10-04 00:00", "2026-10-05 00:00").credit is None
    assert outage("2026-10-03 12:00", "2026-10-03 13:00").credit is not None


def test_outages_can_be_recorded_in_any_order(outage):
    outage("2026-09-20 00:00", "2026-09-25 00:00")
    early = outage("2026-09-03 09:00", "2026-09-13 09:00")
    assert early.credit.amount == -FEE
    assert RecordedOutage.objects.filter(credit=early.credit).count() == 2


def test_what_was_credited_counts_no_more(outage):
    assert outage("2026-09-01 00:00", "2026-09-16 00:00").credit
    # 16 days, of which the month that was credited takes the first; the next one has 15 of them.
    assert outage("2026-09-20 00:00", "2026-09-30 00:00").credit is None
    assert outage("2026-09-30 00:00", "2026-10-15 00:00").credit is None  # 336 hours from 1 October on
    assert outage("2026-10-16 00:00", "2026-10-17 00:00").credit is not None
    assert Adjustment.objects.count() == 2


def test_the_customers_fault_is_a_fact_that_does_not_count(outage):
    outage("2026-09-03 09:00", "2026-09-13 09:00")
    assert outage("2026-09-20 00:00", "2026-09-25 00:00", "customer").credit is None
    assert not Adjustment.objects.exists()


def test_the_actual_damage_is_owed_up_to_the_limit(outage):
    credit = outage("2026-09-01 00:00", "2026-09-16 00:00", damage=1_200).credit
    assert (credit.kind, credit.amount, credit.tax) == ("damages", -1_200, "outside")
    assert credit.decided.steps[-1].rule == "damages.amount"


def test_damages_of_outages_that_count_together_add_up(outage):
    outage("2026-09-03 09:00", "2026-09-13 09:00", damage=1_000)
    assert outage("2026-09-20 00:00", "2026-09-25 00:00", damage=500).credit.amount == -1_500


def test_without_the_damage_that_the_terms_owe_nothing_is_recorded(contract, staff):
    report = OutageReport(at("2026-09-01 00:00"), at("2026-09-16 00:00"), "ordinary")
    with pytest.raises(ValidationError) as missing:
        record_outage(contract, report, "", staff, approval=approved("outage"))
    assert "damage" in missing.value.message_dict
    assert not RecordedOutage.objects.exists()


def test_a_claim_that_the_customer_made_in_time_counts_however_late_it_is_recorded(contract, staff, now):
    now.move_to(at("2027-03-01"))
    known, restored = at("2026-08-01 00:00"), at("2026-08-20 00:00")
    for claimed_at, counts in ((at("2026-11-17"), False), (at("2026-11-16"), True)):
        report = OutageReport(known, restored, "ordinary", damage=100, claimed_at=claimed_at)
        if counts:
            assert record_outage(contract, report, "", staff, approval=approved("outage")).credit
        else:
            with pytest.raises(ValidationError, match="2026"):
                record_outage(contract, report, "", staff, approval=approved("outage"))


def test_the_claim_lapses_three_months_after_the_hours_were_reached(contract, staff, now):
    record_outage(
        contract,
        OutageReport(at("2026-08-03"), at("2026-08-13"), "ordinary", damage=FEE),
        "",
        staff,
        approval=approved("outage"),
    )
    second = OutageReport(at("2026-08-20 00:00"), at("2026-08-26 00:00"), "ordinary", damage=FEE)
    now.move_to(at("2026-11-26"))  # 360 hours were reached at 0:00 on 25 August
    with pytest.raises(ValidationError, match="2026"):
        record_outage(contract, second, "", staff, approval=approved("outage"))
    assert RecordedOutage.objects.count() == 1
    now.move_to(at("2026-11-25"))
    assert record_outage(contract, second, "", staff, approval=approved("outage")).credit


def test_the_same_time_is_recorded_once_and_mistakes_are_taken_back(outage, staff):
    wrong = outage("2026-09-03 09:00", "2026-09-13 09:00")
    with pytest.raises(ValidationError):
        outage("2026-09-12 09:00", "2026-09-14 09:00")
    with pytest.raises(ValidationError):
        withdraw_outage(wrong, " ", staff)
    withdraw_outage(wrong, "日付の誤り", staff)
    assert outage("2026-09-20 00:00", "2026-09-25 00:00").credit is None

    credit = outage("2026-09-25 00:00", "2026-10-05 00:00").credit
    with pytest.raises(ValidationError):
        withdraw_outage(credit.outages.first(), "誤り", staff)
    withdraw_adjustment(credit, "誤り", staff, approval=approved("adjustment_withdrawal"))
    assert not RecordedOutage.objects.standing().exists()


@pytest.fixture
def seats(organisation, user):
    """A contract that costs 40,000 a month, with an option of 6,000 in it, from August 2026 on."""
    service = load_priced_service("ct-e1")
    held = {"line": 2, "seat": 2, "user": 2, "recording-16h": 3}
    return make_contract(service, organisation, user, "C26-000002", held, billed_from=date(2026, 8, 1))


def credited(contract, known: str, restored: str, fault: str = "ordinary", **more) -> int:
    report = OutageReport(at(known), at(restored), fault, **more)
    stored = record_outage(contract, report, "停電", staff_member(), approval=approved("outage"))
    return -stored.credit.amount if stored.credit else 0


def test_an_outage_that_gives_nothing_is_a_fact_all_the_same(seats):
    assert credited(seats, "2026-09-03 09:00", "2026-09-03 12:00") == 0
    assert RecordedOutage.objects.get().credit is None


def test_each_day_is_worth_the_fee_of_its_own_month(seats):
    hold(seats, "admin", 1, date(2026, 10, 1))
    august = credited(seats, "2026-08-30 00:00", "2026-09-01 00:00")
    both = credited(seats, "2026-09-30 00:00", "2026-10-02 00:00")
    september, october = (monthly_fee_of(seats, Month(2026, month)) for month in (9, 10))
    assert august == september * 2 // 31
    assert october > september
    assert both == int(september / 30 + october / 31)


def test_what_is_booked_is_not_limited_by_what_was_paid_before(seats):
    assert not seats.invoices.exists()
    assert (
        credited(seats, "2026-09-03 00:00", "2026-09-06 00:00") == monthly_fee_of(seats, Month(2026, 9)) // 10
    )


def test_an_outage_of_one_option_is_worth_its_fee_alone(seats):
    fee = monthly_fee_of(seats, Month(2026, 9), "recording-16h")
    assert 0 < fee < monthly_fee_of(seats, Month(2026, 9))
    assert credited(seats, "2026-09-03 00:00", "2026-09-08 00:00", product="recording-16h") == fee * 5 // 30
    with pytest.raises(ValidationError) as unknown:
        credited(seats, "2026-09-10 00:00", "2026-09-12 00:00", product="admin")
    assert "product" in unknown.value.message_dict
    with pytest.raises(ValidationError):
        credited(seats, "2026-09-04 00:00", "2026-09-05 00:00")


def test_an_outage_counts_up_to_the_end_of_the_contract(seats):
    end_contract(seats, date(2026, 9, 30), date(2026, 9, 30), seats.EndKind.CANCELLED)
    fee = monthly_fee_of(seats, Month(2026, 9))
    assert credited(seats, "2026-09-29 00:00", "2026-10-05 00:00") == fee * 2 // 30
    assert credited(seats, "2026-10-06 00:00", "2026-10-09 00:00") == 0

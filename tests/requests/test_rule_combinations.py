"""Rules that meet in one contract: dates from one, amounts from another, computed by hand from the terms."""

from billing.calculation.invoice import Invoice as Calculation
from billing.invoicing.drafts import MonthlyCharges
from billing.pricing.price_lists import publish_price_list
from billing.runs.preview import preview
from contracts.lifecycle.suspensions import suspend
from contracts.models import Claim, Contract
from contracts.requests.decide import accept_request, complete_request
from contracts.requests.kinds.interruptions import InterruptionData
from contracts.requests.product_forms import ProductChangeData
from contracts.rules.calendar.period import Month
from tests import scenes
from tests.billing_scene import price_list_source
from tests.scenes import accept, activated, apply, at, cancel, day, registered, staff_member


def charged(contract: Contract, month: str) -> Calculation | None:
    """What the contract is charged for a month; None for nothing."""
    charges = MonthlyCharges(Month.parse(month))
    fresh = Contract.objects.get(pk=contract.pk)
    charges.prepare([fresh])
    draft = charges.draft(fresh)
    return draft.calculation if draft else None


def net(contract: Contract, *months: str) -> list[int]:
    return [amounts.net if (amounts := charged(contract, month)) else 0 for month in months]


def change_seats(contract: Contract, quantity: int, wanted_on: str, asked: str) -> None:
    kind = "quantity_up" if quantity > contract.items_on(day(wanted_on))["seat"] else "quantity_down"
    data = ProductChangeData(product="seat", quantity=quantity, wanted_on=day(wanted_on))
    accept_request(scenes.ask(contract, kind, data, at(asked)), staff_member(), at(asked))


def test_the_first_charged_month_is_charged_in_full_though_the_service_is_suspended(simpleconnect):
    """Registered on 15 October: charged from 1 November, with the set-up (9-2, 9-3), stops or not (24-2)."""
    publish_price_list(simpleconnect, price_list_source("simpleconnect"))
    application = apply(simpleconnect, {"id": 3, "setup": 1}, at("2026-10-10"))
    contract = registered(accept(application, at("2026-10-14")), at("2026-10-15"))
    suspend(
        contract,
        staff_member(),
        "operation_hindered",
        day("2026-11-05"),
        day("2026-11-20"),
        "",
        at=at("2026-11-05"),
    )

    assert charged(contract, "2026-10") is None
    november = charged(contract, "2026-11")
    assert november is not None
    assert (november.net, november.tax, november.gross) == (44_000, 4_400, 48_400)
    assert november.due_on == day("2026-12-30"), "banks are closed on 31 December"
    assert net(contract, "2026-12") == [24_000]


def test_fewer_seats_within_a_month_count_from_the_next_one_and_an_interruption_changes_nothing(ct_e1):
    """5 seats and 2 lines; 3 seats from 15 October (12-1, 21-4); interrupted from 20 September (22-5)."""
    publish_price_list(ct_e1, price_list_source("ct-e1"))
    application = apply(ct_e1, {"seat": 5, "line": 2}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    contract = accept(application, at("2025-11-12"))
    change_seats(contract, 3, "2026-10-15", "2026-09-14")
    interruption = InterruptionData(wanted_on=day("2026-09-20"), until=day("2026-12-10"))
    asked = scenes.ask(contract, "interruption", interruption, at("2026-09-18"))
    accept_request(asked, staff_member(), at("2026-09-18"))

    assert net(contract, "2026-09", "2026-10", "2026-11", "2026-12") == [35_000, 35_000, 25_000, 25_000]


def test_a_seat_for_the_last_days_of_a_month_is_charged_for_all_of_it(ct_e1):
    """Wanted on 30 October, so asked for by 30 September, and charged from 1 October (11-2, 12-3)."""
    publish_price_list(ct_e1, price_list_source("ct-e1"))
    application = apply(ct_e1, {"seat": 5}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    contract = accept(application, at("2025-11-12"))
    change_seats(contract, 6, "2026-10-30", "2026-09-30 23:59")

    assert net(contract, "2026-09", "2026-10") == [25_000, 30_000]


def test_what_is_left_of_the_minimum_term_is_charged_at_the_number_that_is_left(progoffice):
    """10 users from 1 January, 4 from 1 April; cancelled for the end of June: six months of 4 users."""
    publish_price_list(progoffice, price_list_source("progoffice"))
    contract = accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12"))
    contract = activated(contract, day("2026-01-01"), at("2025-12-01"))
    data = ProductChangeData(product="user", quantity=4, wanted_on=day("2026-04-01"), user_ids_deleted=True)
    request = scenes.ask(contract, "quantity_down", data, at("2026-03-10"))
    accept_request(request, staff_member(), at("2026-03-11"))
    complete_request(request, staff_member(), at("2026-04-01"))
    ending = cancel(contract, day("2026-06-30"), at("2026-05-29"))
    accept_request(ending, staff_member(), at("2026-06-01"))

    claim = Claim.objects.get(contract=contract)
    assert (claim.kind, claim.net, claim.tax) == ("minimum_term", 6 * 4 * 400, "standard")
    assert net(contract, "2026-03", "2026-06") == [4_000, 1_600 + 9_600]


def test_invoices_that_the_terms_want_earlier_are_named(simpleconnect):
    """October's by 15 November (10-2)."""
    publish_price_list(simpleconnect, price_list_source("simpleconnect"))
    provider, october = simpleconnect.provider, Month(2026, 10)
    assert preview(provider, october, day("2026-11-15")).issued_late == []
    (late,) = preview(provider, october, day("2026-11-16")).issued_late
    assert late.issue_by == day("2026-11-15")

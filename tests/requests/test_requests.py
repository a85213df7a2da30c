"""Cancellation and changes: what the rules decide, and what staff's decision does to the contract."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from contracts.lifecycle.items import NewQuantity, set_quantity
from contracts.models import Contract, ContractRequest
from contracts.policies.rulebooks import version_in_force
from contracts.requests.decide import accept_request, complete_request, refuse_request
from contracts.requests.product_forms import ProductChangeData
from contracts.rules.calendar.period import Month
from contracts.wording.reasons import NOT_POSSIBLE
from tests import scenes
from tests.scenes import accept, activated, apply, at, day, registered, staff_member


@pytest.fixture
def seats(ct_e1) -> Contract:
    """5 seats and 2 lines, from 1 January 2026."""
    application = apply(ct_e1, {"seat": 5, "line": 2}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


@pytest.fixture
def users(progoffice) -> Contract:
    """10 users, from 1 January 2026."""
    contract = accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12"))
    return activated(contract, day("2026-01-01"), at("2025-12-01"))


def ask(contract: Contract, kind: str, product: str, wanted_on: str, moment: str, **data) -> ContractRequest:
    change = ProductChangeData(product=product, wanted_on=day(wanted_on), **data)
    return scenes.ask(contract, kind, change, at(moment))


def cancel(contract: Contract, wanted_on: str | None, moment: str) -> ContractRequest:
    return scenes.cancel(contract, day(wanted_on) if wanted_on else None, at(moment))


def decide(request: ContractRequest, moment: str, accept: bool = True) -> ContractRequest:
    if accept:
        return accept_request(request, staff_member(), at(moment))
    return refuse_request(request, staff_member(), NOT_POSSIBLE, "", at(moment))


def complete(request: ContractRequest, moment: str) -> ContractRequest:
    return complete_request(request, staff_member(), at(moment))


def rows(contract: Contract, product: str) -> list[tuple]:
    return [
        (
            item.quantity,
            str(item.starts_on),
            str(item.ends_on),
            str(item.billed_from_on),
            str(item.billed_through_on),
        )
        for item in contract.items.filter(product=product).order_by("pk")
    ]


def charged(contract: Contract, *months: str) -> list[int]:
    """How many units are charged in each month, over all products."""
    fresh = Contract.objects.get(pk=contract.pk)
    return [sum(fresh.items_charged_in(Month.parse(month)).values()) for month in months]


# Cancellation


def test_a_cancellation_in_time_ends_the_contract_and_all_its_products(seats):
    request = cancel(seats, "2026-06-10", "2026-05-31 23:59")
    assert (request.status, request.number) == ("submitted", "R26-000001")
    assert request.terms_version == version_in_force(seats.service, day("2026-05-31"))
    seats.refresh_from_db()
    assert seats.ends_on == day("2026-06-30"), "its receipt counts, whether or not anybody decides"

    assert decide(request, "2026-06-02").status == "accepted"

    seats.refresh_from_db()
    assert (seats.ends_on, seats.billed_through_on) == (day("2026-06-30"), day("2026-06-30"))
    assert seats.end_kind == "cancelled"
    assert rows(seats, "seat") == [(5, "2026-01-01", "2026-06-30", "2026-01-01", "2026-06-30")]
    assert charged(seats, "2026-06", "2026-07") == [7, 0]


@pytest.mark.usefixtures("committing")
def test_a_late_cancellation_is_recorded_as_refused_and_changes_nothing(seats):
    request = cancel(seats, "2026-06-30", "2026-06-01 00:00")

    assert (request.status, request.decision["earliest_ends_on"]) == ("refused", "2026-07-31")
    assert request.decided_by is None
    seats.refresh_from_db()
    assert seats.ends_on is None
    assert "2026年7月31日（第19条第1項" in mail.outbox[-1].body
    assert "第19条第1項" in mail.outbox[-1].body
    assert cancel(seats, "2026-07-31", "2026-06-01").status == "submitted", "another try is free"


def test_a_cancellation_with_too_little_time_is_deemed_where_the_terms_say_so(partner_cloud, committing):
    application = apply(partner_cloud, {"base": 1}, at("2025-12-01"), wanted_start_on=day("2026-01-05"))
    contract = accept(application, at("2025-12-02"))

    request = cancel(contract, "2026-06-05", "2026-06-01")
    decide(request, "2026-06-02")

    contract.refresh_from_db()
    assert request.decision["outcome"] == "deemed"
    assert (contract.ends_on, contract.billed_through_on) == (day("2026-06-29"), day("2026-06-30"))


def test_a_contract_is_cancelled_once(seats):
    first = cancel(seats, "2026-06-30", "2026-05-01")
    with pytest.raises(ValidationError) as asked:
        cancel(seats, "2026-07-31", "2026-05-01")
    assert asked.value.code == "asked_already"

    decide(first, "2026-05-02")
    with pytest.raises(ValidationError) as ends:
        cancel(seats, "2026-07-31", "2026-05-03")
    assert ends.value.code == "ends_already"


def test_a_refused_cancellation_leaves_the_contract_and_may_be_asked_for_again(users):
    decide(cancel(users, "2026-06-30", "2026-05-01"), "2026-05-02", accept=False)

    users.refresh_from_db()
    assert users.ends_on is None
    assert cancel(users, "2026-06-30", "2026-05-03").status == "submitted"


def test_only_one_of_two_staff_decides_on_a_request(users):
    request = cancel(users, "2026-06-30", "2026-05-01")
    decide(request, "2026-05-02", accept=False)

    with pytest.raises(ValidationError, match=request.number):
        decide(request, "2026-05-02")

    users.refresh_from_db()
    assert users.ends_on is None


def test_a_contract_cancelled_before_its_start_is_never_charged(ct_e1):
    application = apply(ct_e1, {"seat": 5}, at("2026-01-10"), wanted_start_on=day("2026-06-01"))
    contract = accept(application, at("2026-01-12"))

    decide(cancel(contract, "2026-03-31", "2026-02-10"), "2026-02-11")

    contract.refresh_from_db()
    assert (contract.ends_on, contract.billed_from_on) == (day("2026-03-31"), None)
    assert not contract.items.exists()
    assert charged(contract, "2026-03", "2026-06") == [0, 0]


def test_a_contract_that_is_not_formed_is_not_cancelled(simpleconnect):
    contract = accept(apply(simpleconnect, {"id": 3}, at("2026-03-10")), at("2026-03-11"))

    with pytest.raises(ValidationError) as excinfo:
        cancel(contract, None, "2026-03-12")
    assert excinfo.value.code == "not_formed"


# Changes


def test_more_seats_count_from_the_wanted_day_and_are_charged_from_the_first(seats):
    request = ask(seats, "quantity_up", "seat", "2026-04-15", "2026-03-15", quantity=8)

    decide(request, "2026-03-16")

    assert rows(seats, "seat") == [
        (5, "2026-01-01", "2026-04-14", "2026-01-01", "2026-03-31"),
        (8, "2026-04-15", "None", "2026-04-01", "None"),
    ]
    assert charged(seats, "2026-03", "2026-04", "2026-05") == [7, 10, 10]
    fresh = Contract.objects.get(pk=seats.pk)
    assert fresh.items_on(day("2026-04-14"))["seat"] == 5
    assert fresh.items_on(day("2026-04-15"))["seat"] == 8
    assert fresh.state_on(day("2026-04-14")) == Contract.State.CHANGING
    assert fresh.state_on(day("2026-04-15")) == Contract.State.RUNNING


def test_two_changes_in_one_month_charge_the_last_quantity_once(seats):
    decide(ask(seats, "quantity_up", "seat", "2026-04-10", "2026-03-01", quantity=8), "2026-03-02")
    decide(ask(seats, "quantity_up", "seat", "2026-04-20", "2026-03-01", quantity=9), "2026-03-02")

    assert charged(seats, "2026-03", "2026-04", "2026-05") == [7, 11, 11]
    fresh = Contract.objects.get(pk=seats.pk)
    assert [fresh.items_on(day(f"2026-04-{number}"))["seat"] for number in ("09", "10", "19", "20")] == [
        5,
        8,
        8,
        9,
    ]


def test_fewer_users_are_charged_from_the_next_month(users):
    request = ask(
        users, "quantity_down", "user", "2026-04-15", "2026-04-01", quantity=6, user_ids_deleted=True
    )

    decide(request, "2026-04-02")
    assert charged(users, "2026-05") == [10], "only the notice of completion changes the number"
    complete(request, "2026-04-15")

    assert rows(users, "user") == [
        (10, "2026-01-01", "2026-04-14", "2026-01-01", "2026-04-30"),
        (6, "2026-04-15", "None", "2026-05-01", "None"),
    ]
    assert charged(users, "2026-04", "2026-05") == [10, 6]


def test_fewer_then_more_users_in_one_month_neither_overlap_nor_leave_a_gap(users):
    fewer = ask(users, "quantity_down", "user", "2026-04-10", "2026-04-01", quantity=6, user_ids_deleted=True)
    complete(decide(fewer, "2026-04-02"), "2026-04-10")
    more = ask(users, "quantity_up", "user", "2026-04-20", "2026-04-13", quantity=12)
    complete(decide(more, "2026-04-14"), "2026-04-20")

    assert charged(users, "2026-03", "2026-04", "2026-05") == [10, 12, 12]


def test_fewer_then_somewhat_more_in_one_month_charge_the_number_before_to_its_end(users):
    fewer = ask(users, "quantity_down", "user", "2026-04-10", "2026-04-01", quantity=6, user_ids_deleted=True)
    complete(decide(fewer, "2026-04-02"), "2026-04-10")
    more = ask(users, "quantity_up", "user", "2026-04-20", "2026-04-13", quantity=8)
    complete(decide(more, "2026-04-14"), "2026-04-20")

    assert rows(users, "user") == [
        (10, "2026-01-01", "2026-04-09", "2026-01-01", "2026-04-30"),
        (6, "2026-04-10", "2026-04-19", "2026-05-01", "2026-04-30"),
        (8, "2026-04-20", "None", "2026-05-01", "None"),
    ]
    assert charged(users, "2026-03", "2026-04", "2026-05") == [10, 10, 8]


def test_fewer_then_somewhat_more_seats_charge_the_larger_number_for_the_month(seats):
    decide(ask(seats, "quantity_down", "seat", "2026-06-10", "2026-05-01", quantity=2), "2026-05-02")
    decide(ask(seats, "quantity_up", "seat", "2026-06-20", "2026-05-10", quantity=4), "2026-05-11")

    assert charged(seats, "2026-05", "2026-06", "2026-07") == [7, 7, 6]


def test_users_whose_ids_remain_can_not_be_given_up(users):
    request = ask(users, "quantity_down", "user", "2026-04-15", "2026-04-01", quantity=6)

    assert (request.status, request.decision["reason"]) == ("refused", "user_ids_remain")
    assert rows(users, "user") == [(10, "2026-01-01", "None", "2026-01-01", "None")]


def test_a_dropped_product_ends_with_the_month(seats):
    decide(ask(seats, "drop_item", "line", "2026-06-05", "2026-05-31"), "2026-06-01")

    assert rows(seats, "line") == [(2, "2026-01-01", "2026-06-30", "2026-01-01", "2026-06-30")]
    assert charged(seats, "2026-06", "2026-07") == [7, 5]


def test_a_part_of_a_product_is_dropped(seats):
    decide(ask(seats, "drop_item", "seat", "2026-06-30", "2026-05-31", quantity=2), "2026-06-01")

    assert rows(seats, "seat") == [
        (5, "2026-01-01", "2026-06-30", "2026-01-01", "2026-06-30"),
        (3, "2026-07-01", "None", "2026-07-01", "None"),
    ]


def test_the_last_product_is_not_dropped_even_when_both_were_asked_for_at_once(seats):
    lines = ask(seats, "drop_item", "line", "2026-06-30", "2026-05-01")
    seat = ask(seats, "drop_item", "seat", "2026-06-30", "2026-05-01")
    decide(lines, "2026-05-02")

    # The other row still runs until the end of June; in July nothing would be left.
    later = ask(seats, "drop_item", "seat", "2026-07-31", "2026-05-02")
    assert (later.status, later.decision["reason"]) == ("refused", "last_item")
    assert seat.status == "submitted"


def test_an_option_is_added_dropped_and_not_taken_again(seats):
    decide(ask(seats, "add_option", "recording-16h", "2026-03-10", "2026-02-10", quantity=2), "2026-02-11")
    assert rows(seats, "recording-16h") == [(2, "2026-03-10", "None", "2026-03-01", "None")]

    decide(ask(seats, "drop_option", "recording-16h", "2026-04-30", "2026-03-31"), "2026-04-01")
    again = ask(seats, "add_option", "recording-16h", "2026-07-01", "2026-05-01", quantity=1)

    assert (again.status, again.decision["reason"]) == ("refused", "not_retakable")


def needs_error(contract: Contract, *asked: str, **data) -> str:
    """Why a change can't be asked for because of what a product needs."""
    with pytest.raises(ValidationError) as refused:
        ask(contract, *asked, **data)
    assert list(refused.value.message_dict) == ["product"]
    return refused.value.message_dict["product"][0]


def test_what_needs_another_product_is_added_after_it(seats):
    wanted = ("add_option", "delivery-seat", "2026-03-10", "2026-02-05")
    assert "通話録音情報配送サービス 基本料" in needs_error(seats, *wanted, quantity=5)
    assert not seats.requests.exists()

    decide(ask(seats, "add_option", "delivery-base", "2026-03-10", "2026-02-05", quantity=1), "2026-02-06")
    # From the day on which the other is there, not before.
    assert needs_error(seats, "add_option", "delivery-seat", "2026-03-09", "2026-02-06", quantity=5)
    decide(ask(seats, *wanted, quantity=5), "2026-02-06")
    assert seats.items_on(day("2026-03-10"))["delivery-seat"] == 5


def test_what_another_product_needs_is_dropped_after_it(ct_e1):
    held = {"seat": 5, "line": 2, "delivery-base": 1, "delivery-seat": 5}
    application = apply(ct_e1, held, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    contract = accept(application, at("2025-11-12"))
    drop = ("drop_option", "delivery-base", "2026-04-30", "2026-03-10")
    assert "通話録音情報配送サービス シートライセンス" in needs_error(contract, *drop)

    decide(ask(contract, "drop_option", "delivery-seat", "2026-05-31", "2026-03-10"), "2026-03-11")
    assert needs_error(contract, *drop)
    assert ask(contract, "drop_option", "delivery-base", "2026-05-31", "2026-03-11").status == "submitted"


def test_what_is_added_needs_the_other_as_long_as_it_lasts(ct_e1):
    held = {"seat": 5, "line": 2, "delivery-base": 1}
    application = apply(ct_e1, held, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    contract = accept(application, at("2025-11-12"))
    decide(ask(contract, "drop_option", "delivery-base", "2026-05-31", "2026-03-10"), "2026-03-11")

    said = needs_error(contract, "add_option", "delivery-seat", "2026-05-01", "2026-03-11", quantity=5)
    assert "2026年6月1日" in said


def test_what_was_settled_since_counts_at_acceptance(ct_e1):
    held = {"seat": 5, "line": 2, "delivery-base": 1}
    application = apply(ct_e1, held, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    contract = accept(application, at("2025-11-12"))
    added = ask(contract, "add_option", "delivery-seat", "2026-05-01", "2026-03-10", quantity=5)
    decide(ask(contract, "drop_option", "delivery-base", "2026-04-30", "2026-03-10"), "2026-03-11")

    with pytest.raises(ValidationError, match="基本料"):
        decide(added, "2026-03-12")
    added.refresh_from_db()
    assert added.status == "submitted"


def test_units_of_what_another_product_needs_may_become_fewer_but_not_none(ct_e1):
    held = {"seat": 5, "line": 2, "number-first": 1, "number-additional": 3}
    application = apply(ct_e1, held, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    contract = accept(application, at("2025-11-12"))
    assert needs_error(contract, "drop_item", "number-first", "2026-04-30", "2026-03-10")
    fewer = ask(contract, "quantity_down", "number-additional", "2026-04-30", "2026-03-10", quantity=1)
    assert fewer.status == "submitted"


def test_a_one_time_product_is_charged_in_one_month(seats):
    decide(ask(seats, "add_item", "number-issue", "2026-03-10", "2026-02-10", quantity=3), "2026-02-11")

    assert rows(seats, "number-issue") == [(3, "2026-03-10", "2026-03-10", "2026-03-01", "2026-03-31")]
    assert charged(seats, "2026-02", "2026-03", "2026-04") == [7, 10, 7]


def test_a_late_change_is_refused_naming_the_earliest_day(seats):
    request = ask(seats, "quantity_up", "seat", "2026-04-15", "2026-03-16", quantity=8)

    assert (request.status, request.decision["reason"]) == ("refused", "late")
    assert request.decision["earliest_effective_on"] == "2026-04-16"


def test_a_change_before_a_settled_later_one_must_wait(seats):
    decide(ask(seats, "quantity_up", "seat", "2026-06-01", "2026-02-01", quantity=8), "2026-02-02")

    with pytest.raises(ValidationError) as excinfo:
        ask(seats, "quantity_up", "seat", "2026-05-01", "2026-02-03", quantity=6)
    assert "wanted_on" in excinfo.value.message_dict


def test_a_change_and_a_cancellation_end_together(seats):
    decide(ask(seats, "quantity_up", "seat", "2026-04-15", "2026-02-01", quantity=8), "2026-02-02")
    decide(ask(seats, "quantity_up", "seat", "2026-09-01", "2026-02-01", quantity=9), "2026-02-02")

    decide(cancel(seats, "2026-06-30", "2026-05-01"), "2026-05-02")

    assert [row[:3] for row in rows(seats, "seat")] == [
        (5, "2026-01-01", "2026-04-14"),
        (8, "2026-04-15", "2026-06-30"),
    ]
    assert charged(seats, "2026-06", "2026-07", "2026-09") == [10, 0, 0]
    with pytest.raises(ValidationError):
        ask(seats, "quantity_up", "seat", "2026-07-15", "2026-05-03", quantity=8)


def test_a_change_within_a_cancelled_contract_ends_with_it(seats):
    decide(cancel(seats, "2026-06-30", "2026-02-01"), "2026-02-02")

    decide(ask(seats, "quantity_up", "seat", "2026-05-15", "2026-02-03", quantity=8), "2026-02-04")

    assert rows(seats, "seat")[-1] == (8, "2026-05-15", "2026-06-30", "2026-05-01", "2026-06-30")


def test_a_change_before_charging_starts_is_not_charged_earlier(simpleconnect):
    contract = accept(apply(simpleconnect, {"id": 3}, at("2026-03-02")), at("2026-03-03"))
    contract = registered(contract, at("2026-03-05"))

    started = NewQuantity(
        product="id", quantity=5, starts_on=day("2026-03-20"), billed_from=day("2026-03-01")
    )
    set_quantity(contract, started)

    assert charged(contract, "2026-03", "2026-04") == [0, 5]


@pytest.mark.parametrize(
    ("kind", "product", "wanted_on", "quantity", "field"),
    [
        ("particulars", "seat", "2026-06-01", 1, "kind"),
        ("cancellation", "seat", "2026-06-01", 1, "kind"),
        ("quantity_up", "unheard-of", "2026-06-01", 9, "product"),
        ("add_option", "seat", "2026-06-01", 1, "product"),
        ("quantity_up", "admin", "2026-06-01", 1, "product"),
        ("quantity_up", "seat", "2026-06-01", 5, "quantity"),
        ("quantity_down", "seat", "2026-06-01", 0, "quantity"),
        ("drop_item", "seat", "2026-06-30", 6, "quantity"),
        ("add_item", "line", "2026-06-01", 0, "quantity"),
        ("quantity_up", "seat", "2026-02-28", 6, "wanted_on"),
    ],
)
def test_what_can_not_be_asked_for_is_named_by_its_field(seats, kind, product, wanted_on, quantity, field):
    with pytest.raises(ValidationError) as excinfo:
        ask(seats, kind, product, wanted_on, "2026-03-01", quantity=quantity)

    assert field in excinfo.value.message_dict
    assert not ContractRequest.objects.exists()


@pytest.mark.usefixtures("committing")
def test_both_mails_of_a_request_state_its_number_and_dates(seats):
    mail.outbox.clear()
    decide(ask(seats, "quantity_up", "seat", "2026-04-15", "2026-03-15", quantity=8), "2026-03-16")

    received, decided = mail.outbox
    assert received.to == decided.to == ["hanako@yamada.example"]
    for message in (received, decided):
        assert "R26-000001" in message.subject
        assert "2026年4月15日" in message.body
        assert "/requests/R26-000001/" in message.body


@pytest.mark.usefixtures("committing")
def test_the_mail_of_a_refusal_by_staff_states_no_date_that_does_not_come(users):
    decide(cancel(users, "2026-06-30", "2026-05-01"), "2026-05-02", accept=False)

    received, decided = mail.outbox[-2:]
    assert "2026年5月29日 17:00" in received.body, "the deadline, a Sunday, ends on the Friday before"
    assert "2026年5月29日" not in decided.body

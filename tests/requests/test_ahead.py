"""What is possible, what would follow, what is coming, what was: without storing anything."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override
from icalendar import Calendar

from contracts.lifecycle import agenda
from contracts.lifecycle.suspensions import suspend
from contracts.lifecycle.timeline import timeline
from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request
from contracts.requests.kinds.endings import CancellationData
from contracts.requests.kinds.interruptions import InterruptionData
from contracts.requests.offer import Possibility
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.registry import kind_of, offers
from contracts.requests.what_if import asking as what_if
from contracts.rules.calendar.period import Month, end_of
from contracts.wording.formats import until_text
from tests import scenes
from tests.scenes import accept, activated, apply, at, day, registered, staff_member, suzuki, yamada


@pytest.fixture
def seats(ct_e1) -> Contract:
    """5 seats and 2 lines, from 1 January 2026."""
    application = apply(ct_e1, {"seat": 5, "line": 2}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


@pytest.fixture
def running(ct_e1, progoffice, partner_cloud, simpleconnect, committing) -> list[Contract]:
    """A running contract of each of four services."""
    started = day("2026-01-01")
    servers = apply(partner_cloud, {"base": 2}, at("2025-12-01"), wanted_start_on=started)
    users = accept(apply(progoffice, {"user": 10}, at("2025-11-10")), at("2025-11-12"))
    ids = accept(apply(simpleconnect, {"id": 3}, at("2025-12-05")), at("2025-12-06"))
    return [
        accept(apply(ct_e1, {"seat": 5}, at("2025-11-10"), wanted_start_on=started), at("2025-11-12")),
        activated(users, started, at("2025-12-01")),
        accept(servers, at("2025-12-02")),
        registered(ids, at("2025-12-07")),
    ]


def settle(request: ContractRequest, moment: str) -> None:
    accept_request(request, staff_member(), at(moment))


def possibilities(contract: Contract, moment: str) -> list[Possibility]:
    return [offer.possibility for offer in offers(contract, at(moment))]


def possible(contract: Contract, moment: str) -> dict[str, tuple[str, str | None]]:
    return {
        one.kind: (str(one.earliest_on), until_text(one.in_time_until) if one.in_time_until else None)
        for one in possibilities(contract, moment)
    }


def test_every_kind_that_the_terms_know_says_its_earliest_day_and_its_deadline(seats):
    answers = possible(seats, "2026-02-10")
    assert answers["cancellation"] == ("2026-03-31", "2026年2月28日")
    assert answers["quantity_up"] == ("2026-03-10", "2026年2月10日")
    assert answers["drop_item"] == ("2026-03-31", "2026年2月28日")
    assert answers["particulars"] == ("2026-02-11", "2026年2月10日")
    assert answers["name"] == ("2026-02-10", None)
    assert "authorised_user" not in answers
    assert "non_renewal" not in answers


def test_what_must_be_proved_says_so_ahead(seats):
    asked = {one.kind: one for one in possibilities(seats, "2026-02-10")}
    assert (asked["name"].proof, asked["quantity_up"].proof) == ("required", "none")
    assert asked["cancellation"].explanation.articles[0].label


def test_the_earliest_end_and_change_that_are_offered_are_accepted_when_sent_at_once(running):
    for contract in running:
        for moment in ("2026-02-27 09:00", "2026-04-30 16:59", "2026-12-30 23:59"):
            for one in possibilities(contract, moment):
                if one.kind in ("cancellation", "non_renewal"):
                    answer = what_if.ask(
                        contract, one.kind, kind_of(one.kind).data(wanted_on=one.earliest_on), at(moment)
                    )
                    assert (answer.outcome, answer.ends_on) == ("accepted", one.earliest_on)
                else:
                    assert one.decision.facts()["outcome"] == "accepted"
                last = one.in_time_until
                assert last is None or (at(moment) <= last <= end_of(one.earliest_on))
    assert not ContractRequest.objects.exists(), "nothing is stored"


def test_more_seats_from_january(seats):
    data = ProductChangeData(product="seat", wanted_on=day("2027-01-01"), quantity=15)
    answer = what_if.ask(seats, "quantity_up", data, at("2026-11-20"))
    assert (answer.outcome, answer.decision.deadline_on) == ("accepted", day("2026-12-01"))
    assert answer.items == {"seat": 15, "line": 2}
    late = what_if.ask(seats, "quantity_up", data, at("2026-12-02"))
    assert (late.outcome, late.items) == ("refused", None)
    assert late.decision.earliest_effective_on == day("2027-01-02")
    with pytest.raises(ValidationError):
        what_if.ask(seats, "quantity_up", data.model_copy(update={"quantity": 5}), at("2026-11-20"))


@pytest.mark.parametrize(
    ("kind", "product", "quantity", "items"),
    [
        ("add_item", "line", 1, {"seat": 5, "line": 3}),
        ("drop_item", "line", 0, {"seat": 5}),
        ("drop_item", "line", 1, {"seat": 5, "line": 1}),
        ("quantity_down", "seat", 4, {"seat": 4, "line": 2}),
    ],
)
def test_the_contents_after_a_change(seats, kind, product, quantity, items):
    data = ProductChangeData(product=product, wanted_on=day("2026-08-31"), quantity=quantity)
    assert what_if.ask(seats, kind, data, at("2026-03-01")).items == items


@pytest.mark.parametrize(
    ("kind", "product", "quantity"),
    [
        ("add_item", "line", 1),
        ("drop_item", "line", 0),
        ("drop_item", "line", 1),
        ("quantity_up", "seat", 15),
        ("quantity_down", "seat", 4),
        ("cancellation", "", 0),
    ],
)
def test_the_months_ahead_are_charged_as_they_will_be_once_it_is_carried_out(seats, kind, product, quantity):
    wanted_on = day("2026-08-31")
    data = (
        ProductChangeData(product=product, wanted_on=wanted_on, quantity=quantity)
        if product
        else CancellationData(wanted_on=wanted_on)
    )
    months = [Month(2026, 7) + ahead for ahead in range(5)]
    answer = what_if.ask(seats, kind, data, at("2026-03-01"))
    foretold = [what_if.charged_in(seats, answer, month) for month in months]
    settle(scenes.ask(seats, kind, data, at("2026-03-01")), "2026-03-02")
    carried_out = Contract.objects.get(pk=seats.pk)
    assert foretold == [carried_out.items_charged_in(month) for month in months]
    assert foretold[0] != foretold[-1]


def test_if_i_cancel_now(seats):
    answer = what_if.ask(seats, "cancellation", CancellationData(), at("2026-11-20"), monthly_fee=35000)
    assert answer.ends_on == day("2026-12-31")
    assert what_if.months_charged(seats, answer, day("2026-11-20")) == [Month(2026, 11), Month(2026, 12)]


def test_an_ended_contract_offers_nothing_and_an_ending_one_no_further_end(seats):
    accept_request(
        scenes.cancel(seats, day("2026-06-30"), at("2026-03-01")), staff_member(), at("2026-03-02")
    )
    seats.refresh_from_db()
    answers = possible(seats, "2026-05-10")
    assert "cancellation" not in answers
    assert answers["quantity_up"] == ("2026-06-10", "2026年5月10日")
    assert "quantity_up" not in possible(seats, "2026-06-10"), "it would begin after the end"
    assert possible(seats, "2026-07-01") == {}


# The calendar


def test_the_calendar_holds_all_contracts_of_the_organisation_and_no_other(seats, simpleconnect):
    theirs = apply(simpleconnect, {"id": 1}, at("2025-12-05"), organisation=suzuki())
    registered(accept(theirs, at("2025-12-06")), at("2025-12-07"))
    data = ProductChangeData(product="seat", wanted_on=day("2026-04-15"), quantity=8)
    settle(scenes.ask(seats, "quantity_up", data, at("2026-02-01")), "2026-02-02")
    suspend(seats, staff_member(), "breach", day("2026-03-05"), day("2026-03-20"), "", at=at("2026-03-05"))

    entries = agenda.agenda(yamada().memberships.get(), day("2026-02-10"))

    assert {entry.contract for entry in entries} == {seats}
    assert [(str(entry.on), entry.kind) for entry in entries] == [
        ("2026-02-28", "cancel_by"),
        ("2026-03-05", "suspension"),
        ("2026-03-20", "suspension_end"),
        ("2026-03-31", "cancel_by"),
        ("2026-04-15", "change"),
    ]
    assert "8 席" in entries[-1].label, "a quantity is told with its unit"


def test_the_calendar_file_is_read_by_calendars_and_keeps_its_events(seats):
    with override("en"):
        entries = agenda.agenda(yamada().memberships.get(), day("2026-02-10"))
        content = agenda.as_ics(entries, at("2026-02-10"))
    again = agenda.as_ics(agenda.agenda(yamada().memberships.get(), day("2026-02-11")), at("2026-02-11"))

    events = Calendar.from_ical(content).walk("VEVENT")
    first = events[0]
    assert first.decoded("dtstart") == date(2026, 2, 28)
    assert first.decoded("dtend") - first.decoded("dtstart") == timedelta(days=1)
    assert "Last day to cancel" in first["summary"]
    assert "Art. 19 para. 1" in first["description"]
    assert first["url"].endswith(f"/{seats.number}/")
    uids = [event["uid"] for event in events]
    assert uids == [event["uid"] for event in Calendar.from_ical(again).walk("VEVENT")]
    assert len(set(uids)) == len(uids)


# The timeline


def test_the_timeline_tells_a_contract_s_life_from_application_to_erasure(seats):
    data = ProductChangeData(product="seat", wanted_on=day("2026-04-15"), quantity=8)
    settle(scenes.ask(seats, "quantity_up", data, at("2026-02-01")), "2026-02-02")
    stop = InterruptionData(wanted_on=day("2026-05-01"), until=day("2026-05-31"))
    accept_request(
        scenes.ask(seats, "interruption", stop, at("2026-03-01")), staff_member(), at("2026-03-02")
    )
    accept_request(
        scenes.cancel(seats, day("2026-09-30"), at("2026-04-01")), staff_member(), at("2026-04-02")
    )
    seats.refresh_from_db()

    told = timeline(seats, day("2026-05-01"))

    assert [entry.on for entry in told] == sorted(entry.on for entry in told)
    kinds = [(entry.kind, entry.when) for entry in told]
    for expected in (
        ("applied", "past"),
        ("formed", "past"),
        ("service_start", "past"),
        ("request", "past"),
        ("item", "past"),
        ("letter", "past"),
        ("interruption", "today"),
        ("interruption_end", "coming"),
        ("contract_end", "coming"),
        ("data_erasure", "coming"),
    ):
        assert expected in kinds
    end = next(entry for entry in told if entry.kind == "contract_end")
    assert end.explanation.articles, "an end says by which articles"
    afterwards = [(entry.kind, entry.when) for entry in timeline(seats, day("2026-11-01"))]
    assert ("contract_end", "past") in afterwards
    assert not [kind for kind, when in afterwards if when == "coming"]

"""Deadlines on pages, in the calendar and in letters: by the last moment in time, and only until then."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar, Event

from contracts.lifecycle.deadlines import next_deadlines
from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request
from contracts.requests.registry import offers
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.web.conftest import ALL_SERVICES
from tests.web.request_pages import address, confirmed, request_address, sent, text_of

LAST = "2026-12-28 17:00"
TOO_LATE = "2026-12-28 17:00:01"


@pytest.fixture
def at_moment(yamada, signed_in, now) -> Callable[[str], Client]:
    """山田商事's person, signed in at a moment."""

    def move(moment: str) -> Client:
        now.move_to(scenes.at(moment))
        return signed_in(scenes.owner_of(yamada))

    return move


@pytest.fixture
def users(progoffice, yamada) -> Contract:
    """Runs since October under terms whose receipt counts in business hours, closed from 29 December."""
    return scenes.running(progoffice, {"user": 10}, yamada)


@pytest.fixture
def seats(ct_e1, yamada) -> Contract:
    return scenes.running(ct_e1, {"line": 2, "seat": 5}, yamada)


def pages(client: Client, contract: Contract) -> dict[str, str]:
    """What the pages say that show the deadlines of a contract, by name."""
    return {
        "home": text_of(client.get(reverse("home"))),
        "contract": text_of(client.get(reverse("contracts:contract-detail", args=[contract.number]))),
        "calendar": text_of(client.get(reverse("contracts:calendar"))),
        "form": text_of(client.get(address(contract, "cancellation"))),
        "what if": text_of(client.get(reverse("contracts:contract-what-if", args=[contract.number]))),
    }


def events(client: Client) -> list[Event]:
    content = client.get(reverse("contracts:calendar-file")).content
    return list(Calendar.from_ical(content).walk("VEVENT"))


def summaries(client: Client) -> list[str]:
    return [str(event["summary"]) for event in events(client)]


def test_every_page_names_the_hour_where_receipt_counts_in_business_hours(users, at_moment):
    as_yamada = at_moment(LAST)
    told = pages(as_yamada, users)
    assert [name for name, text in told.items() if "2026年12月28日（月）17:00まで" not in text] == []
    assert [name for name, text in told.items() if "2026年12月31日（木）" in text] == []
    assert "解約する場合 2026年12月28日" in told["home"]
    assert "本日" not in told["home"], "a day to cancel that comes again next month is no alarm"
    first = events(as_yamada)[0]
    assert str(first.decoded("dtstart")) == "2026-12-28"
    assert first["summary"].startswith("2027年1月31日に終了する場合の解約期限 17:00まで")


def test_a_second_later_that_deadline_is_open_nowhere(users, at_moment):
    as_yamada = at_moment(TOO_LATE)
    told = pages(as_yamada, users)
    assert [name for name, text in told.items() if "2026年12月28日（月）17:00まで" in text] == []
    assert [name for name, text in told.items() if "2027年1月29日（金）17:00まで" not in text] == []
    assert [name for name, text in told.items() if "2027年1月31日に終了する場合の解約期限" in text] == []
    assert not [summary for summary in summaries(as_yamada) if "2027年1月31日に終了" in summary]


def test_where_days_run_to_their_end_the_day_stands_alone(seats, at_moment):
    as_yamada = at_moment("2026-12-31 23:59:59")
    told = pages(as_yamada, seats)
    assert [name for name, text in told.items() if "2026年12月31日（木）まで" not in text] == []
    assert summaries(as_yamada)[0].startswith("2027年1月31日に終了する場合の解約期限 (")
    assert "2026年12月31日（木）まで" not in pages(at_moment("2027-01-01 00:00"), seats)["home"]


def test_the_form_the_check_page_and_the_letter_name_the_last_moment(committing, users, at_moment):
    as_yamada = at_moment(LAST)
    checked = as_yamada.post(address(users, "cancellation"), {"wanted_on": "2027-01-31", "action": "check"})
    assert "解約希望日 2027年1月31日：2026年12月28日 17:00までの申請が必要です" in text_of(checked)
    confirmed(as_yamada, users, "cancellation", wanted_on="2027-01-31")
    request = sent(as_yamada, users, "cancellation", wanted_on="2027-01-31")
    page = text_of(as_yamada.get(request_address(request)))
    assert re.search(r"期限 2026年12月28日 17:00 第13条第1項、[^/]*第2条第1項第9号", page), page
    accept_request(request, scenes.staff_member(), scenes.at("2027-01-04 11:00"))
    letter = request.letters.get().document
    assert ("期限", "2026年12月28日 17:00") in [(fact["label"], fact["value"]) for fact in letter["facts"]]


def test_a_second_later_the_same_request_is_refused_with_the_moment_that_it_missed(users, at_moment):
    as_yamada = at_moment(TOO_LATE)
    typed = {"wanted_on": "2027-01-31", "action": "confirm"}
    answer = text_of(as_yamada.post(address(users, "cancellation"), typed))
    assert "2026年12月28日 17:00までの申請が必要です" in answer
    assert "2027年2月28日" in answer
    assert not ContractRequest.objects.exists()


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_whatever_is_shown_as_open_is_still_in_time(slug, committing, yamada):
    contract = scenes.running(load_priced_service(slug), _some(slug), yamada)
    for moment in (
        "2026-11-30 17:00",
        "2026-11-30 17:00:01",
        "2026-12-28 17:00:01",
        "2026-12-30 12:00",
        "2027-01-31 23:59:59",
    ):
        at = scenes.at(moment)
        shown = [one.until for one in next_deadlines(contract, at) if one.until]
        asked = [one.in_time_until for one in offers(contract, at) if one.in_time_until]
        assert shown and asked
        assert min(shown + asked) >= at


def _some(slug: str) -> dict[str, int]:
    return {
        "ct-e1": {"line": 2, "seat": 5},
        "desknets": {"user": 10},
        "partner-cloud-e": {"base": 2},
        "progoffice": {"user": 10},
        "simpleconnect": {"id": 2},
    }[slug]


def test_a_customer_sees_that_what_counts_by_its_receipt_needs_no_acceptance(committing, seats, as_yamada):
    request = sent(as_yamada, seats, "cancellation", wanted_on="2026-12-31")
    page = text_of(as_yamada.get(request_address(request)))
    assert "契約は2026年12月31日に終了します。" in page
    assert "この申請は受付の時から効力を持ち、承諾を必要としません。" in page
    assert "第19条第2項" in page
    assert "承諾された場合の日付" not in page
    assert "変わりません" not in page

"""The end of an interruption: asked for while it lasts, and what was interrupted stays on record."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request
from contracts.requests.kinds.interruptions import InterruptionData
from contracts.requests.kinds.resumptions import ResumptionData
from contracts.requests.registry import offer_of
from contracts.requests.withdrawal import withdraw_request
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day, owner_of, staff_member
from tests.web.request_pages import address, request_address, sent, text_of

KIND = "resumption"


@pytest.fixture
def seats(committing, yamada) -> Contract:
    """2 lines and 5 seats with recording, since October."""
    quantities = {"line": 2, "seat": 5, "recording-16h": 5}
    return scenes.running(load_priced_service("ct-e1"), quantities, yamada)


def interrupted(
    contract: Contract, first: str, until: str | None = None, product: str = ""
) -> ContractRequest:
    """An interruption that was accepted in October."""
    data = InterruptionData(wanted_on=day(first), until=day(until) if until else None, product=product)
    kind = "option_interruption" if product else "interruption"
    asked = scenes.ask(contract, kind, data, at("2026-10-20"))
    return accept_request(asked, staff_member(), at("2026-10-20"))


def test_it_is_offered_while_an_interruption_lasts(seats):
    assert offer_of(seats, KIND, at("2026-11-20")) is None
    interrupted(seats, "2026-11-10", "2026-11-25")
    offered = [moment for moment in ("11-09", "11-10", "11-11", "11-25", "11-26") if offer_at(seats, moment)]
    assert offered == ["11-11", "11-25"]


def offer_at(contract: Contract, moment: str) -> bool:
    fresh = Contract.objects.get(pk=contract.pk)
    return offer_of(fresh, KIND, at(f"2026-{moment}")) is not None


def test_use_goes_on_and_the_interruption_stays_on_record(seats, as_yamada):
    stopped = interrupted(seats, "2026-11-10")
    request = sent(as_yamada, seats, KIND, wanted_on="2026-12-01")
    accept_request(request, staff_member(), at("2026-11-21 11:00"))

    stop = seats.suspensions.get()
    assert (stop.starts_on, stop.ends_on) == (day("2026-11-10"), day("2026-11-30"))
    fresh = Contract.objects.get(pk=seats.pk)
    states = [fresh.state_on(day(on)) for on in ("2026-11-30", "2026-12-01")]
    assert states == [Contract.State.INTERRUPTED, Contract.State.RUNNING]
    before = (stopped.status, stopped.decision)
    stopped.refresh_from_db()
    assert (stopped.status, stopped.decision) == before
    page = text_of(as_yamada.get(request_address(request)))
    for shown in ("一時中断の終了", "サービスの利用", "2026年12月1日", "第18条", "第36条"):
        assert shown in page
    assert "第22条" not in page


def test_one_that_is_accepted_late_counts_from_its_acceptance(seats, as_yamada):
    interrupted(seats, "2026-11-10")
    request = sent(as_yamada, seats, KIND, wanted_on="2026-11-21")
    accept_request(request, staff_member(), at("2026-11-24 11:00"))
    assert seats.suspensions.get().ends_on == day("2026-11-23")


def test_one_of_two_interruptions_is_chosen(seats, as_yamada):
    interrupted(seats, "2026-11-10", product="recording-16h")
    interrupted(seats, "2026-11-12")
    form = as_yamada.get(address(seats, KIND)).context["form"]
    assert {key for key, _name in form.fields["product"].choices} == {"", "recording-16h"}
    request = sent(as_yamada, seats, KIND, wanted_on="2026-12-01", product="recording-16h")
    accept_request(request, staff_member(), at("2026-11-21 11:00"))
    ends = dict(seats.suspensions.values_list("product", "ends_on"))
    assert ends == {"recording-16h": day("2026-11-30"), "": None}


@pytest.mark.parametrize(
    ("wanted_on", "product", "field"),
    [
        ("2026-11-19", "", "wanted_on"),
        ("2026-12-25", "", "wanted_on"),
        ("2026-12-01", "recording-16h", "product"),
    ],
)
def test_what_is_not_interrupted_can_t_be_resumed(seats, wanted_on, product, field):
    interrupted(seats, "2026-11-10", "2026-12-20")
    data = ResumptionData(wanted_on=day(wanted_on), product=product)
    with pytest.raises(ValidationError) as raised:
        scenes.ask(seats, KIND, data, at("2026-11-20"))
    assert list(raised.value.message_dict) == [field]


def test_an_interruption_that_has_begun_is_not_taken_back_where_its_end_can_be_asked_for(seats, as_yamada):
    stopped = interrupted(seats, "2026-11-10")
    page = as_yamada.get(request_address(stopped)).content.decode()
    assert reverse("contracts:contract-request-withdraw", args=[stopped.number]) not in page
    with pytest.raises(ValidationError) as raised:
        withdraw_request(stopped, owner_of(seats.organisation), at("2026-11-20"))
    assert raised.value.code == "already_decided"
    assert seats.suspensions.get().ends_on is None


@pytest.fixture
def without(seats) -> Contract:
    """The same, by terms of an earlier reading that knows no such request."""
    source = seats.contracted_version.policy_source
    rules = re.search(r"\[changes\.resumption\].*?(?=\[changes\.line_change\])", source, re.DOTALL)
    assert rules
    scenes.next_version(seats.service, day("2026-10-15"), at("2026-10-14"), (rules[0], ""))
    return seats


def test_where_the_terms_know_no_such_request_the_interruption_is_still_taken_back(without, as_yamada):
    stopped = interrupted(without, "2026-11-10")
    assert as_yamada.get(address(without, KIND)).status_code == 302, "it is not offered"
    withdraw_request(stopped, owner_of(without.organisation), at("2026-11-20"))
    assert without.suspensions.get().ends_on == day("2026-11-19")


def test_an_interruption_that_is_over_is_not_taken_back(without):
    stopped = interrupted(without, "2026-11-10", "2026-11-15")
    with pytest.raises(ValidationError):
        withdraw_request(stopped, owner_of(without.organisation), at("2026-11-20"))
    assert without.suspensions.get().ends_on == day("2026-11-15")

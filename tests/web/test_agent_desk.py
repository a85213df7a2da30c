"""The desk of a sales agent: its customers' applications, contracts and requests, and nobody else's."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contracts.lifecycle.documents import attach_document
from contracts.lifecycle.selling.agents import change_agent
from contracts.models import SalesAgent
from contracts.requests.product_forms import ProductChangeData
from portal.organisations.members.changing import change_member
from portal.organisations.members.rights import Given
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.agent_scene import desk_of, sold_service, with_second_factor
from tests.member_scene import BOTH, join
from tests.scenes import at, day, suzuki, yamada

PAGES = ("desk", "desk-applications", "desk-contracts", "desk-requests")
TODAY = "2026-11-10"


@pytest.fixture
def service(db):
    return sold_service()


@pytest.fixture
def minato(service) -> SalesAgent:
    agent = service.agents.get(key="minato")
    desk_of(agent)
    return agent


@pytest.fixture
def clock():
    with time_machine.travel(at(TODAY), tick=False):
        yield


@pytest.fixture
def desk(clock, minato, signed_in) -> Client:
    return signed_in(scenes.owner_of(minato.organisation))


@pytest.fixture
def contract(service):
    return scenes.running(service, {"user": 3}, yamada(), agent="minato")


@pytest.fixture
def others(service):
    """A contract of the other agent."""
    return scenes.running(service, {"user": 2}, suzuki(), agent="aozora")


def text(response) -> str:
    return response.content.decode()


def page(name: str, *args: object) -> str:
    return reverse(f"contracts:{name}", args=args)


def test_it_shows_its_own_customers_things_and_nobody_elses(desk, contract, others):
    asked = scenes.cancel(contract, day("2027-09-30"), at(TODAY))
    not_theirs = scenes.cancel(others, day("2027-09-30"), at(TODAY))
    document = attach_document(asked, scenes.owner_of(yamada()), "a.pdf", scenes.PDF, at(TODAY))
    hidden = attach_document(not_theirs, scenes.owner_of(suzuki()), "b.pdf", scenes.PDF, at(TODAY))
    for name in PAGES[1:]:
        shown = text(desk.get(page(name)))
        assert "山田商事株式会社" in shown
        assert "鈴木製作所" not in shown
    own = {
        "desk-application": contract.application.number,
        "desk-application-pdf": contract.application.number,
        "desk-contract": contract.number,
        "desk-request": asked.number,
        "desk-document": document.pk,
    }
    foreign = {
        "desk-application": others.application.number,
        "desk-application-pdf": others.application.number,
        "desk-contract": others.number,
        "desk-request": not_theirs.number,
        "desk-document": hidden.pk,
    }
    assert {name: desk.get(page(name, key)).status_code for name, key in own.items()} == dict.fromkeys(
        own, 200
    )
    for name, key in foreign.items():
        assert desk.get(page(name, key)).status_code == 404, name
        assert desk.post(page(name, key), {"action": "accept"}).status_code == 404, name


def test_only_who_works_for_the_agent_comes_to_it(clock, minato, contract, signed_in, staff):
    reader = with_second_factor(join(minato.organisation, BOTH, "reader@agent.example").user)
    customer = with_second_factor(scenes.owner_of(yamada()))
    for person in (reader, customer, staff(StaffRole.MANAGER)):
        client = signed_in(person)
        assert {client.get(page(name)).status_code for name in PAGES} == {404}
        assert page("desk") not in text(client.get(reverse("home"), follow=True))
    assert page("desk") in text(signed_in(scenes.owner_of(minato.organisation)).get(reverse("home")))


def test_without_a_second_factor_it_is_set_up_first(clock, minato, signed_in):
    member = join(minato.organisation, Given(handles_sales=True), "seller@agent.example").user
    led = signed_in(member).get(page("desk"))
    assert led.url == reverse("mfa_activate_totp")
    with_second_factor(member)
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(page("desk")).url == reverse("account_login")


def test_a_right_that_was_taken_away_closes_the_desk_to_who_is_signed_in(clock, minato, contract, signed_in):
    member = join(minato.organisation, Given(handles_sales=True), "seller@agent.example")
    client = signed_in(with_second_factor(member.user))
    assert client.get(page("desk-contract", contract.number)).status_code == 200
    change_member(member, scenes.owner_of(minato.organisation), BOTH)
    assert client.get(page("desk-contract", contract.number)).status_code == 404


def test_after_a_change_of_agent_the_new_one_sees_the_contract(minato, service, contract, signed_in):
    aozora = service.agents.get(key="aozora")
    desk_of(aozora, "青空販売株式会社")
    change_agent(contract, aozora, day("2026-12-01"), scenes.staff_member(), at(TODAY))
    seen = {}
    for moment in ("2026-11-30", "2026-12-01"):
        with time_machine.travel(at(moment), tick=False):
            seen[moment] = [
                signed_in(scenes.owner_of(agent.organisation))
                .get(page("desk-contract", contract.number))
                .status_code
                for agent in (minato, aozora)
            ]
    assert seen == {"2026-11-30": [200, 404], "2026-12-01": [404, 200]}


def test_an_application_is_accepted_at_the_desk_and_not_refused(desk, service, minato):
    applied = scenes.apply(service, {"user": 3}, at("2026-11-09"), agent="minato")
    address = page("desk-application", applied.number)
    assert 'value="accept"' in text(desk.get(address))
    assert 'value="refuse"' not in text(desk.get(address))
    refused = desk.post(address, {"action": "refuse", "refusal_reason": "false_application"})
    assert refused.status_code == 200
    applied.refresh_from_db()
    assert applied.is_open
    assert desk.post(address, {"action": "accept"}).url == address
    applied.refresh_from_db()
    assert applied.decided_for == minato
    assert minato.name in text(desk.get(address))


def test_a_cancellation_is_decided_with_words_where_something_objects(desk, contract):
    asked = scenes.cancel(contract, day("2027-09-30"), at(TODAY))
    address = page("desk-request", asked.number)
    assert "質問を入力してください" in text(desk.post(address, {"action": "ask", "question": " "}))
    assert desk.post(address, {"action": "refuse"}).status_code == 200
    assert desk.post(address, {"action": "accept"}).url == address
    again = text(desk.post(address, {"action": "accept"}))
    assert "すでに" in again or "決" in again
    asked.refresh_from_db()
    assert asked.status == "accepted"


def test_what_the_provider_decides_is_shown_alone(desk, contract):
    data = ProductChangeData(wanted_on=day("2026-12-01"), product="user", quantity=5)
    asked = scenes.ask(contract, "quantity_up", data, at(TODAY))
    shown = text(desk.get(page("desk-request", asked.number)))
    assert 'value="accept"' not in shown
    assert contract.service.provider.name in shown


def test_lists_take_no_more_queries_for_more_rows(desk, contract, service):
    def counted() -> list[int]:
        found = []
        for name in PAGES:
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(page(name)).status_code == 200
            found.append(len(queries))
        return found

    scenes.cancel(contract, day("2027-09-30"), at(TODAY))
    scenes.apply(service, {"user": 1}, at(TODAY), agent="minato")
    one = counted()
    for organisation in (suzuki(), yamada()):
        more = scenes.running(service, {"user": 1}, organisation, agent="minato")
        scenes.cancel(more, day("2027-09-30"), at(TODAY))
        scenes.apply(service, {"user": 1}, at(TODAY), organisation=organisation, agent="minato")
    assert counted() == one

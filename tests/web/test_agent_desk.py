"""The desk of a sales agent: its customers' applications, contracts and requests, and nobody else's."""

import html
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contracts.lifecycle.documents import attach_document
from contracts.lifecycle.selling.agents import change_agent
from contracts.models import Application, SalesAgent
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
    assert refused.context["deciding"].problems
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
    again = desk.post(address, {"action": "accept"})
    assert again.context["deciding"].problems
    assert again.context["deciding"].problems[0] in text(again)
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


SCAN = {
    "receipt-channel": "fax",
    "receipt-at_0": "2026-11-09",
    "receipt-at_1": "15:00",
    "receipt-sender": "佐藤 次郎",
}


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("申込書.pdf", scenes.PDF, "application/pdf")


def hidden_in(response) -> dict[str, str]:
    """What the page of a step sends again with its form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', text(response))
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def _typed_in(name: str) -> str:
    if name.endswith(("phone", "fax")):
        return "06-0000-0000"
    return "jiro@satou.example" if name.endswith("email") else "佐藤 次郎"


def test_an_application_on_paper_of_a_new_customer_is_taken_in_at_the_desk(desk, minato, others):
    address = page("desk-enter-application")
    begun = {**SCAN, "receipt-agent": minato.pk}
    first = desk.get(address)
    assert "鈴木製作所" not in text(first)
    details = desk.post(address, {**begun, "step": "begin"})
    assert details.context["version"].seller == minato
    stated = {
        "customer-name": "佐藤商店",
        "customer-organisation_phone": "06-0000-0000",
        "kana": "サトウショウテン",
        "postal_code": "530-0001",
        "address": "大阪府大阪市北区梅田1-1-1",
        "quantity_user": "3",
        "payment_method": "transfer",
        "consent": "on",
        "version": details.context["version"].name,
    }
    for form in details.context["statement"].forms:
        for field in form:
            if field.html_name.startswith("particular_"):
                stated[field.html_name] = _typed_in(field.html_name)
    checked = desk.post(address, {**begun, **stated, "step": "check"})
    assert checked.context["step"] == "send", [form.errors for form in checked.context["statement"].all_forms]
    without_paper = desk.post(address, {**hidden_in(checked), "step": "send"})
    assert without_paper.context["papers"].errors["paper"]
    stored = desk.post(address, {**hidden_in(checked), "step": "send", "paper": scan()})
    application = Application.objects.exclude(pk=others.application_id).get()
    assert stored.url == page("desk-application", application.number)
    assert (application.agent, application.organisation.name) == (minato, "佐藤商店")
    receipt = application.receipt
    assert (receipt.entered_for, receipt.channel, receipt.received_at) == (
        minato,
        "fax",
        at("2026-11-09 15:00"),
    )
    assert minato.name in text(desk.get(stored.url))


def test_a_request_on_paper_is_taken_in_at_the_desk(desk, contract, minato):
    address = page("desk-enter-request", contract.number)
    begun = {**SCAN, "receipt-kind": "cancellation"}
    assert desk.post(address, {**begun, "step": "begin"}).context["step"] == "details"
    checked = desk.post(address, {**begun, "wanted_on": "2027-09-30", "step": "check"})
    assert checked.context["step"] == "send"
    stored = desk.post(address, {**hidden_in(checked), "step": "send", "paper": scan()})
    asked = contract.requests.get()
    assert stored.url == page("desk-request", asked.number)
    assert (asked.receipt.entered_for, asked.receipt.entered_by) == (
        minato,
        scenes.owner_of(minato.organisation),
    )
    paper = asked.documents.get()
    assert desk.get(page("desk-document", paper.pk)).status_code == 200


def test_what_came_on_a_way_that_the_agent_does_not_name_needs_a_reason(desk, contract):
    begun = {
        **SCAN,
        "receipt-kind": "cancellation",
        "receipt-channel": "phone",
        "receipt-note": "解約したい。",
    }
    answered = desk.post(page("desk-enter-request", contract.number), {**begun, "step": "begin"})
    assert answered.context["beginning"].errors["exception"]


def test_nothing_is_taken_in_for_others(desk, minato, others, service):
    assert desk.get(page("desk-enter-request", others.number)).status_code == 404
    address, aozora = page("desk-enter-application"), service.agents.get(key="aozora")
    for wrong in (
        {"receipt-agent": aozora.pk},
        {"receipt-agent": minato.pk, "receipt-organisation": suzuki().pk},
    ):
        answered = desk.post(address, {**SCAN, **wrong, "step": "begin"})
        assert answered.context["step"] == "begin"
        assert answered.context["beginning"].errors

"""Who acts for a sales agent decides what the terms leave to it, on what is its customers' today."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from contracts.applications.decide import accept_application, refuse_application
from contracts.deciding.agents import applications_of, contracts_of, customers_of
from contracts.lifecycle.selling.agents import change_agent
from contracts.models import SalesAgent
from contracts.publishing.agents import name_organisation
from contracts.requests.decide import accept_request, refuse_request
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.questions import ask_back
from portal.audit.models import AuditEntry
from portal.organisations.members.changing import change_member, remove_member
from portal.organisations.members.rights import Given
from tests import scenes
from tests.agent_scene import desk_of, sold_service
from tests.member_scene import BOTH, join
from tests.scenes import at, day, staff_member, suzuki, yamada

TODAY = "2026-11-10"
SALES = Given(handles_sales=True)


@pytest.fixture
def service(db):
    return sold_service()


@pytest.fixture
def minato(service) -> SalesAgent:
    agent = service.agents.get(key="minato")
    desk_of(agent)
    return agent


@pytest.fixture
def seller(minato):
    return scenes.owner_of(minato.organisation)


@pytest.fixture
def applied(service):
    return scenes.apply(service, {"user": 3}, at("2026-11-09"), agent="minato")


@pytest.fixture
def contract(service):
    return scenes.running(service, {"user": 3}, yamada(), agent="minato")


def code_of(error: ValidationError) -> str:
    return error.error_list[0].code if hasattr(error, "error_list") else ""


def test_the_agent_accepts_an_application_and_it_is_kept_for_whom(applied, minato, seller):
    contract = accept_application(applied, seller, at(TODAY))
    applied.refresh_from_db()
    assert (applied.status, applied.decided_by, applied.decided_for) == ("accepted", seller, minato)
    entry = AuditEntry.objects.filter(action="application.accepted").get()
    assert entry.actor_id == seller.pk
    assert entry.data["for_agent"] == minato.names["ja"]
    assert contract.accepted_at == at(TODAY)


def test_to_refuse_an_application_is_the_providers(applied, seller):
    with pytest.raises(ValidationError) as refused:
        refuse_application(applied, seller, "false_application", "", at(TODAY))
    assert code_of(refused.value) == "provider_decides"
    applied.refresh_from_db()
    assert applied.is_open


def test_another_agent_decides_nothing(applied, service):
    aozora = service.agents.get(key="aozora")
    other = scenes.owner_of(desk_of(aozora, "青空販売株式会社"))
    with pytest.raises(ValidationError) as refused:
        accept_application(applied, other, at(TODAY))
    assert code_of(refused.value) == "not_agent"


def test_a_customer_does_not_decide_on_its_own_application(applied):
    with pytest.raises(ValidationError) as refused:
        accept_application(applied, scenes.owner_of(applied.organisation), at(TODAY))
    assert code_of(refused.value) == "own_request"


def test_a_member_without_the_right_decides_nothing_nor_one_who_lost_it(applied, minato, seller):
    without = join(minato.organisation, BOTH, "without@agent.example")
    having = join(minato.organisation, SALES, "having@agent.example")
    change_member(having, seller, Given(handles_contracts=True))
    for person in (without.user, having.user):
        with pytest.raises(ValidationError) as refused:
            accept_application(applied, person, at(TODAY))
        assert code_of(refused.value) == "not_agent"
    change_member(having, seller, SALES)
    accept_application(applied, having.user, at(TODAY))


def test_who_left_and_who_may_not_sign_in_decides_nothing(applied, minato, seller):
    gone = join(minato.organisation, SALES, "gone@agent.example")
    closed = join(minato.organisation, SALES, "closed@agent.example")
    remove_member(gone, seller)
    closed.user.is_active = False
    closed.user.save()
    for person in (gone.user, closed.user):
        with pytest.raises(ValidationError) as refused:
            accept_application(applied, person, at(TODAY))
        assert code_of(refused.value) == "not_agent"


def test_an_agent_whose_desk_is_closed_decides_nothing_and_staff_do(applied, minato, seller):
    name_organisation(minato, None, staff_member())
    with pytest.raises(ValidationError) as refused:
        accept_application(applied, seller, at(TODAY))
    assert code_of(refused.value) == "not_agent"
    accept_application(applied, staff_member(), at(TODAY))
    applied.refresh_from_db()
    assert applied.decided_for is None


def test_an_organisation_that_was_united_is_not_chosen(minato):
    gone = suzuki()
    gone.united_into = yamada()
    gone.save()
    with pytest.raises(ValidationError) as refused:
        name_organisation(minato, gone, staff_member())
    assert refused.value.error_dict["organisation"][0].code == "united"


def test_the_agent_decides_on_cancellations_and_the_provider_on_quantities(contract, minato, seller):
    with time_machine.travel(at(TODAY), tick=False):
        ending = scenes.cancel(contract, day("2027-09-30"), at(TODAY))
        more = scenes.ask(
            contract,
            "quantity_up",
            ProductChangeData(wanted_on=day("2026-12-01"), product="user", quantity=5),
            at(TODAY),
        )
        accepted = accept_request(ending, seller, at(TODAY))
        assert accepted.decided_for == minato
        for decide in (
            lambda: accept_request(more, seller, at(TODAY)),
            lambda: refuse_request(more, seller, "technically_difficult", "", at(TODAY)),
            lambda: ask_back(more, seller, "なぜですか。", at(TODAY)),
        ):
            with pytest.raises(ValidationError) as refused:
                decide()
            assert code_of(refused.value) == "provider_decides"
    more.refresh_from_db()
    assert (more.is_open, more.messages.count()) == (True, 0)


def test_whoever_is_the_agent_today_sees_a_contract(service, contract, minato):
    aozora = service.agents.get(key="aozora")
    change_agent(contract, aozora, day("2026-12-01"), staff_member(), at(TODAY))
    of_minato, of_aozora = (SalesAgent.objects.filter(pk=agent.pk) for agent in (minato, aozora))
    before, after = date(2026, 11, 30), date(2026, 12, 1)
    assert list(contracts_of(of_minato, before)) == [contract]
    assert list(applications_of(of_minato, before)) == [contract.application]
    assert list(customers_of(of_minato, before)) == [contract.organisation]
    assert not contracts_of(of_minato, after).exists()
    assert not applications_of(of_minato, after).exists()
    assert not customers_of(of_minato, after).exists()
    assert list(contracts_of(of_aozora, after)) == [contract]


def test_without_a_choice_the_services_first_agent_is_the_agent(service, minato):
    contract = scenes.running(service, {"user": 1}, yamada())
    aozora = SalesAgent.objects.filter(service=service, key="aozora")
    assert list(contracts_of(aozora, date(2026, 11, 10))) == [contract]
    assert not contracts_of(SalesAgent.objects.filter(pk=minato.pk), date(2026, 11, 10)).exists()


def test_what_is_asked_for_stays_open_when_the_agent_is_to_change(service, contract):
    scenes.cancel(contract, day("2027-09-30"), at(TODAY))
    aozora = service.agents.get(key="aozora")
    with pytest.raises(ValidationError) as refused:
        change_agent(contract, aozora, day("2026-12-01"), staff_member(), at(TODAY))
    assert refused.value.error_list[0].code == "open_items"


def test_what_was_told_of_the_data_is_kept_with_the_application(applied):
    assert "販売代理店" in applied.data_statement

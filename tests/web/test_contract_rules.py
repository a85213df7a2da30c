"""Where the rules of a contract come from, the texts of agents, and the choice of one when applying."""

import pytest
from django.urls import reverse

from contracts.lifecycle.selling.agents import change_agent
from contracts.models import ApplicationDraft
from tests import scenes
from tests.agent_scene import sold_service
from tests.scenes import at, day, staff_member
from tests.web.request_pages import text_of


@pytest.fixture
def service(db):
    return sold_service()


@pytest.fixture
def contract(service):
    return scenes.running(service, {"user": 10}, scenes.yamada(), agent="minato")


def rules_of(client, contract, **query) -> str:
    return text_of(client.get(reverse("contracts:contract-rules", args=[contract.number]), query))


def test_the_page_lists_each_rule_below_the_layer_that_decided_it(as_yamada, contract):
    shown = rules_of(as_yamada, contract, on="2026-11-20")
    layers = as_yamada.get(reverse("contracts:contract-rules", args=[contract.number])).context["layers"]
    assert [layer.kind for layer in layers] == ["agent", "terms"]
    of_agent, of_terms = ({part for part, _rules in layer.rules} for layer in layers)
    assert {"最低利用期間", "更新", "解約"} <= of_agent
    assert "変更と届出" in of_agent
    assert {"変更と届出", "不承諾の理由", "料金"} <= of_terms
    assert "" not in of_agent | of_terms
    assert "みなとビジネスサービス 販売代理店規定" in shown
    assert "第2項" in shown
    assert "販売代理店規定（見本）第" not in shown
    assert "3か月" in shown


def test_staff_see_it_and_others_do_not(as_suzuki, as_reception, contract):
    address = reverse("contracts:contract-rules", args=[contract.number])
    assert as_suzuki.get(address).status_code == 404
    assert as_reception.get(address).status_code == 200


def test_of_a_later_day_it_shows_the_agent_of_that_day(as_yamada, service, contract):
    aozora = service.agents.get(key="aozora")
    change_agent(contract, aozora, day("2027-02-01"), staff_member(), at("2026-11-10"))
    assert "みなとビジネスサービス" in rules_of(as_yamada, contract, on="2027-01-31")
    assert "あおぞらシステム販売" in rules_of(as_yamada, contract, on="2027-02-01")


def test_the_text_of_an_agents_rules_is_public_and_leads_to_its_other_versions(client, service):
    page = client.get(reverse("contracts:agent-rules", args=["progoffice", "minato", "2024-04-01"]))
    shown = page.content.decode()
    assert 'id="article-agent-8"' in shown
    assert reverse("contracts:agent-rules", args=["progoffice", "minato", "2018-04-01"]) in shown
    missing = reverse("contracts:agent-rules", args=["progoffice", "minato", "1999-01-01"])
    assert client.get(missing).status_code == 404


def test_a_link_names_the_agent_of_an_application(as_yamada, service):
    reply = as_yamada.get(reverse("contracts:application-new", args=["progoffice"]), {"agent": "minato"})
    assert reply.status_code == 302
    assert ApplicationDraft.objects.get().fields["agent"] == "minato"
    step = reverse("contracts:application-step", args=["progoffice", "company"])
    assert '<option value="minato" selected>' in as_yamada.get(step).content.decode()
    products = reverse("contracts:application-step", args=["progoffice", "products"])
    assert "455" in text_of(as_yamada.get(products))


def test_a_link_with_an_unknown_agent_begins_as_without(as_yamada, service):
    as_yamada.get(reverse("contracts:application-new", args=["progoffice"]), {"agent": "nobody"})
    assert not ApplicationDraft.objects.exists()

"""Staff propose an agent's next rules on its page; a second person publishes them."""

import pytest
import time_machine
from django.urls import reverse

from billing.pricing.price_lists import publish_price_list
from contracts.models import SalesAgent
from portal.approvals.models import Proposal
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_service
from tests.catalog_policies import price_files
from tests.scenes import at


@pytest.fixture
def minato(db) -> SalesAgent:
    """One that has a customer, whom its rules bind."""
    service = load_service("progoffice")
    for file in price_files("progoffice"):
        publish_price_list(service, file.read_text(encoding="utf-8"))
    scenes.running(service, {"user": 10}, scenes.yamada(), agent="minato")
    return service.agents.get(key="minato")


def next_rules(agent: SalesAgent) -> dict[str, str]:
    last = agent.rules.last()
    source = last.source.replace(f'"{last.version}"', '"2027-04-01"', 1)
    source = source.replace(f"effective_on = {last.effective_on}", "effective_on = 2027-04-01", 1)
    return {"source": source.replace('percent_a_year = "8.5"', 'percent_a_year = "7.0"'), "text": last.text}


def test_the_next_rules_of_an_agent_are_published_by_two_people(minato, staff, signed_in):
    page = reverse("admin:contracts_salesagent_publish", args=[minato.pk])
    with time_machine.travel(at("2026-11-10"), tick=False):
        proposed = signed_in(staff(StaffRole.TERMS)).post(page, next_rules(minato), follow=True)
        assert proposed.status_code == 200
        assert minato.rules.count() == 2
        proposal = Proposal.objects.get()
        manager = signed_in(staff(StaffRole.MANAGER))
        decide = reverse("admin:approvals_proposal_change", args=[proposal.pk])
        seen = manager.get(decide).context["digest"]
        manager.post(decide, {"approve": "1", "seen": seen})
    published = minato.rules.last()
    assert (published.version, minato.rules.count()) == ("2027-04-01", 3)


def test_rules_that_the_terms_do_not_leave_to_an_agent_are_refused_on_the_page(minato, staff, signed_in):
    typed = next_rules(minato)
    typed["source"] += "\n[data_erasure]\nwithin = { days = 3 }\n"
    page = reverse("admin:contracts_salesagent_publish", args=[minato.pk])
    refused = signed_in(staff(StaffRole.TERMS)).post(page, typed)
    assert refused.context["form"].errors
    assert refused.context["form"]["text"].value() == typed["text"]
    assert not Proposal.objects.exists()

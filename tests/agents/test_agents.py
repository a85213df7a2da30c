"""Sales agents in the database: their rules, their contracts, another agent from a day on."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.differences.known_facts import KnownFacts
from billing.models import PriceListVersion
from contracts.lifecycle.selling.agents import change_agent
from contracts.models import AgentRules, ContractAgent, SalesAgent
from contracts.policies.rulebooks import Rulebooks, governing_version
from contracts.publishing.agents import publish_agent_rules
from contracts.publishing.publish import PublicationRefused, publication_problems
from contracts.wording.explain import explain
from portal.audit.models import AuditEntry
from tests import scenes
from tests.agent_scene import sold_service
from tests.approving import approved
from tests.scenes import at, day, staff_member, yamada

NEW = "2027-04-01"


@pytest.fixture
def service(db):
    return sold_service()


@pytest.fixture
def minato(service):
    return service.agents.get(key="minato")


@pytest.fixture
def sold_by_minato(service):
    return scenes.running(service, {"user": 10}, yamada(), agent="minato")


def next_rules(agent: SalesAgent, *changes: tuple[str, str]) -> dict[str, str]:
    """The last rules of an agent as its next version, but for some changes."""
    last = agent.rules.last()
    source = last.source.replace(f'"{last.version}"', f'"{NEW}"', 1)
    source = source.replace(f"effective_on = {last.effective_on}", f"effective_on = {NEW}", 1)
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return {"source": source, "text": last.text}


def test_two_agents_sell_the_same_service_by_rules_of_their_own(service, sold_by_minato):
    other = scenes.running(service, {"user": 10}, scenes.suzuki())
    books = Rulebooks()
    on = day("2026-11-10")
    mine, theirs = (books.governing(one, on).policy for one in (sold_by_minato, other))
    assert (mine.minimum_term.months, theirs.minimum_term.months) == (3, 12)
    assert [one.charging.due["usage"]["transfer"].day for one in (mine, theirs)] == [25, None]
    assert sold_by_minato.billed_from_on == day("2026-11-01")
    assert other.billed_from_on == day("2026-10-01")


def test_a_decision_is_explained_by_the_rules_of_the_contracts_agent(sold_by_minato):
    asked = scenes.cancel(sold_by_minato, day("2026-12-31"), at("2026-11-10"))
    shown = explain(asked.decided, asked.governing_version)
    links = {link.label: link.url for link in shown.articles}
    assert links["みなとビジネスサービス　販売代理店規定（2024-04-01版）第4項"].endswith(
        "/agents/minato/2024-04-01/#article-agent-4"
    )
    assert not any(label.endswith("版）") for label in links)
    assert links["第13条第1項"].endswith("/terms/2020-08-14/#article-13-1")


def test_the_prices_of_a_contract_are_those_of_its_agent(service, sold_by_minato):
    other = scenes.running(service, {"user": 10}, scenes.suzuki())
    known = KnownFacts()
    lists = [known.price_lists(one)[-1] for one in (sold_by_minato, other)]
    assert [one.price("user").unit_price for one in lists] == [455, 400]
    on = day("2026-11-01")
    in_force = PriceListVersion.objects.in_force
    assert in_force(service, on).prices.agent == "aozora"
    assert in_force(service, on, sold_by_minato.agent_on(on)).prices.agent == "minato"


def test_rules_of_a_later_day_count_from_that_day_on(service, minato, sold_by_minato):
    changed = next_rules(minato, ('percent_a_year = "8.5"', 'percent_a_year = "7.0"'))
    publish_agent_rules(minato, **changed, at=at("2026-11-10"), staff=None, approval=approved("agent_rules"))
    rates = [
        str(governing_version(sold_by_minato, on).policy.charging.late_interest.percent_a_year)
        for on in (day("2027-03-31"), day("2027-04-01"))
    ]
    assert rates == ["8.5", "7.0"]
    assert AuditEntry.objects.filter(action="agent.rules_published", data__version=NEW).exists()


def test_rules_that_bind_customers_need_a_second_person(minato, sold_by_minato):
    changed = next_rules(minato, ('percent_a_year = "8.5"', 'percent_a_year = "7.0"'))
    with pytest.raises(ValidationError) as refused:
        publish_agent_rules(minato, **changed, at=at("2026-11-10"), staff=staff_member())
    assert refused.value.code == "second_person"
    assert minato.rules.count() == 2


def test_rules_that_contradict_the_terms_are_refused_with_line_and_article(minato):
    erasure = "[data_erasure]\nwithin = { days = 3 }\n\n[charging.proration]"
    changed = next_rules(minato, ("[charging.proration]", erasure))
    with pytest.raises(PublicationRefused) as refused:
        publish_agent_rules(minato, **changed, at=at("2026-11-10"), staff=staff_member())
    (problem,) = refused.value.problems
    assert problem.path == "data_erasure"
    assert "15-1, 15-2" in str(problem)
    line = problem.reason.values["line"]
    assert changed["source"].split("\n")[line - 1] == "[data_erasure]"
    assert minato.rules.count() == 2


def test_a_published_version_of_an_agents_rules_stays(minato):
    rules = minato.rules.last()
    with pytest.raises(PublicationRefused, match="never changes"):
        publish_agent_rules(
            minato, source=rules.source + "\n# other\n", text=rules.text, at=at("2026-11-10"), staff=None
        )
    with pytest.raises(Exception, match="never change"):
        AgentRules.objects.filter(pk=rules.pk).update(title="x")


def test_terms_are_checked_against_the_rules_of_every_agent_in_force(service, minato):
    last = service.versions.latest("effective_on")
    source = last.policy_source.replace('version = "2020-08-14"', 'version = "next"', 1)
    source = source.replace("on = 2020-08-14", "on = 2027-04-01", 1)
    taken_back = source.replace('[[agents.left]]\narticle = ["9-1", "9-2"]\nrules = ["minimum_term"]\n\n', "")
    assert publication_problems(service, name="next", text=last.text, policy_source=source) == []
    problems = publication_problems(service, name="next", text=last.text, policy_source=taken_back)
    assert {problem.path for problem in problems} == {"minimum_term"}
    assert [str(problem) for problem in problems if "みなとビジネスサービス" in str(problem)]


def test_another_agent_counts_from_the_first_of_the_month_on(service, minato):
    contract = scenes.running(service, {"user": 10}, yamada())
    change_agent(contract, minato, day("2027-01-01"), staff_member(), at("2026-11-10"))
    books = Rulebooks()
    days = (day("2026-12-31"), day("2027-01-01"))
    assert [books.governing(contract, on).policy.minimum_term.months for on in days] == [12, 3]
    lists = KnownFacts().price_lists(contract)
    assert [(one.agent, one.effective_on) for one in lists][-1] == ("minato", day("2027-01-01"))
    (entry,) = AuditEntry.objects.filter(action="contract.agent_changed")
    assert entry.data["agent"] == "minato"


@pytest.mark.parametrize(
    ("starts_on", "code"),
    [("2026-11-01", "no_first_day"), ("2027-01-02", "no_first_day")],
)
def test_an_agent_changes_with_a_month_to_come(service, minato, starts_on, code):
    contract = scenes.running(service, {"user": 10}, yamada())
    with pytest.raises(ValidationError) as refused:
        change_agent(contract, minato, day(starts_on), staff_member(), at("2026-11-10"))
    assert refused.value.error_dict["starts_on"][0].code == code
    assert not ContractAgent.objects.exists()


def test_the_same_agent_is_no_change(service, minato, sold_by_minato):
    with pytest.raises(ValidationError) as refused:
        change_agent(sold_by_minato, minato, day("2027-01-01"), staff_member(), at("2026-11-10"))
    assert refused.value.error_dict["agent"][0].code == "no_change"


def test_with_an_open_request_the_contract_stays_with_its_agent(service, minato):
    contract = scenes.running(service, {"user": 10}, yamada())
    asked = scenes.cancel(contract, day("2027-03-31"), at("2026-11-10"))
    with pytest.raises(ValidationError) as refused:
        change_agent(contract, minato, day("2027-01-01"), staff_member(), at("2026-11-11"))
    assert refused.value.code == "open_items"
    assert asked.number in refused.value.messages[0]
    assert not ContractAgent.objects.exists()


def test_an_agent_without_prices_sells_nothing(service, minato):
    PriceListVersion.objects.filter(agent=minato).delete()
    contract = scenes.running(service, {"user": 10}, yamada())
    with pytest.raises(ValidationError) as refused:
        change_agent(contract, minato, day("2027-01-01"), staff_member(), at("2026-11-10"))
    assert refused.value.error_dict["agent"][0].code == "agent_without_prices"
    with pytest.raises(ValidationError) as applied:
        scenes.apply(service, {"user": 1}, at("2026-11-10"), organisation=scenes.suzuki(), agent="minato")
    assert applied.value.error_dict["agent"][0].code == "agent_without_prices"


def test_an_application_names_an_agent_that_sells_the_service(service):
    with pytest.raises(ValidationError) as refused:
        scenes.apply(service, {"user": 1}, at("2026-11-10"), agent="nobody")
    assert "nobody" in refused.value.message_dict["agent"][0]
    applied = scenes.apply(service, {"user": 1}, at("2026-11-10"), agent="minato")
    assert applied.agent.key == "minato"
    assert applied.governing_version.policy.minimum_term.months == 3


def test_the_rules_of_many_contracts_take_no_more_queries_than_those_of_one(service, minato):
    contracts = [
        scenes.running(service, {"user": 1}, organisation, agent=agent)
        for organisation, agent in ((yamada(), "minato"), (scenes.suzuki(), ""))
    ]
    counts = []
    for asked in (contracts[:1], contracts):
        books = Rulebooks()
        with CaptureQueriesContext(connection) as queries:
            for contract in asked:
                books.of(books.governing(contract, date(2026, 11, 10)))
        counts.append(len(queries))
    assert counts[0] == counts[1]

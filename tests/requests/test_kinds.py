"""Kinds of requests: each says all of itself, and policies rule none that there is not."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override
from pydantic import ValidationError as DataRefused

from contracts.applications.withdrawal import withdraw_application
from contracts.extensions.kinds import kind_label
from contracts.lifecycle.items import end_contract
from contracts.models import Contract, ContractRequest
from contracts.policies.reading import read_known_policy
from contracts.publishing.drafts import DraftRefused, create_draft, edit_draft_policy
from contracts.publishing.publish import publication_problems
from contracts.requests.data import RequestData
from contracts.requests.form import RequestForm
from contracts.requests.kind import Group, Kind
from contracts.requests.kinds.calling_environments import CallingEnvironmentData
from contracts.requests.kinds.reported import NameData
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.registry import KINDS, offer_of, offers
from contracts.requests.what_if import asking as what_if
from contracts.rules.policy.schema import PolicyError
from contracts.rules.problems import explain
from contracts.wording.problems import problem_texts
from portal.catalog import CATALOG
from tests import scenes
from tests.catalog_policies import policy_of
from tests.scenes import at, day, yamada

POLICIES = sorted(file for file in CATALOG.glob("*/*.toml") if file.name != "service.toml")
FLY = '[changes.fly]\narticle = "12-1"\n\n[changes.add_item]'


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_kind_says_all_of_itself(kind):
    assert KINDS[kind.key] is kind
    assert len(kind.key) <= ContractRequest._meta.get_field("kind").max_length
    assert kind.group in Group
    assert issubclass(kind.form, RequestForm)
    assert type(kind).lines is not Kind.lines
    assert type(kind).take_effect is not Kind.take_effect
    with override("ja"):
        assert kind_label(kind.key) == str(kind.label)
        for text in (kind.label, kind.day_label, *([] if kind.ends_contract else [kind.sentence])):
            with override("en"):
                english = str(text)
            assert str(text) != english, f"{english} has no Japanese"


def test_no_two_kinds_stand_at_one_place():
    places = [(kind.group, kind.place) for kind in KINDS.values()]
    assert len(set(places)) == len(places)


def test_the_kinds_that_end_a_contract_are_those_of_which_there_is_one():
    (one_ending,) = (one for one in ContractRequest._meta.constraints if one.name == "request_one_ending")
    endings = {kind.key for kind in KINDS.values() if kind.ends_contract}
    assert ("kind__in", sorted(endings)) in one_ending.condition.children


@pytest.mark.parametrize("file", POLICIES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_policies_of_the_catalog_rule_kinds_that_there_are(file):
    policy = policy_of(file)
    assert set(policy.changes) <= set(KINDS)


def test_a_policy_that_rules_an_unknown_kind_is_refused_wherever_it_is_brought_in(ct_e1):
    published = ct_e1.versions.get()
    source = published.policy_source.replace("[changes.add_item]", FLY, 1)
    with pytest.raises(PolicyError) as read:
        read_known_policy(source)
    (problem,) = read.value.problems
    assert problem.path == "changes.fly"
    assert "'fly' is not allowed here; allowed: 'quantity_up', " in str(problem)
    assert "cancellation" not in str(problem)

    refused = publication_problems(ct_e1, name="next", text=published.text, policy_source=source)
    assert [found.path for found in refused] == ["changes.fly"]
    draft = create_draft(ct_e1, name="next", terms=published.terms, source="next.md", staff=None)
    with pytest.raises(DraftRefused, match=r"changes\.fly"):
        edit_draft_policy(draft, source, seen_hash=draft.content_hash, staff=None)


def test_what_is_charged_once_and_was_taken_can_t_be_asked_for_again(ct_e1):
    contract = scenes.running(ct_e1, {"line": 2, "setup-standard": 1}, yamada())
    moment = at("2026-11-20")
    offered = offer_of(contract, "add_item", moment)
    assert offered
    assert "setup-standard" not in {line.key for line in offered.products}
    data = ProductChangeData(wanted_on=day("2027-01-15"), product="setup-standard", quantity=1)
    with pytest.raises(ValidationError) as raised:
        scenes.ask(contract, "add_item", data, moment)
    assert raised.value.message_dict == {"quantity": ["1以下で入力してください。"]}
    assert not ContractRequest.objects.exists()


CALLS = CallingEnvironmentData(wanted_on=day("2026-10-15"), now="内線", then="外線")
NAME = NameData(wanted_on=day("2026-12-01"), name="新商号株式会社")


def refusals(contract: Contract, kind: str, data: RequestData, moment: str) -> list[str]:
    """Why neither an answer ahead nor a request sent at a moment gets one."""
    assert offer_of(contract, kind, at(moment)) is None
    codes = []
    for asked in (what_if.ask, scenes.ask):
        with pytest.raises(ValidationError) as raised:
            asked(contract, kind, data, at(moment))
        codes.append(raised.value.code)
    assert not ContractRequest.objects.exists()
    return codes


def test_of_an_ended_contract_nothing_is_asked_for_the_days_that_it_ran_either(ct_e1):
    contract = scenes.running(ct_e1, {"line": 2, "seat": 5}, yamada())
    end_contract(contract, day("2026-10-31"), day("2026-10-31"), Contract.EndKind.CANCELLED)
    assert refusals(contract, "calling_environment", CALLS, "2026-11-10") == ["ended", "ended"]
    assert refusals(contract, "name", NAME, "2026-11-10") == ["ended", "ended"]


def test_before_a_contract_is_formed_nothing_is_asked_for(simpleconnect):
    contract = scenes.accept(scenes.apply(simpleconnect, {"id": 1}, at("2026-11-02")), at("2026-11-04"))
    assert contract.formed_on is None
    assert refusals(contract, "name", NAME, "2026-11-10") == ["not_formed", "not_formed"]


def test_before_it_is_settled_when_service_starts_no_change_of_use_is_asked_for(progoffice):
    contract = scenes.accept(scenes.apply(progoffice, {"user": 1}, at("2026-11-02")), at("2026-11-04"))
    assert (contract.formed_on, contract.service_starts_on) == (day("2026-11-02"), None)
    more = ProductChangeData(wanted_on=day("2026-12-01"), product="user", quantity=2)
    assert refusals(contract, "quantity_up", more, "2026-11-10") == ["not_begun", "not_begun"]


def test_what_is_about_the_customer_is_asked_for_before_service_starts(progoffice):
    contract = scenes.accept(scenes.apply(progoffice, {"user": 1}, at("2026-11-02")), at("2026-11-04"))
    about = ["particulars", "name", "succession"]
    assert [one.kind for one in offers(contract, at("2026-11-10"))] == [*about, "cancellation", "rescission"]
    assert offer_of(contract, "name", at("2026-11-10")).possibility.earliest_on == day("2026-11-10")
    assert scenes.ask(contract, "name", NAME, at("2026-11-10")).status == "submitted"


def test_of_a_contract_that_came_to_nothing_nothing_is_asked_for_on_that_day_either(progoffice):
    application = scenes.apply(progoffice, {"user": 1}, at("2026-11-02"))
    withdraw_application(application, scenes.owner_of(yamada()), at("2026-11-10"))
    contract = Contract.objects.get(application=application)
    assert refusals(contract, "name", NAME, "2026-11-10") == ["ended", "ended"]


def test_a_representative_who_is_none_of_the_successors_is_refused_in_words():
    successor = {
        "name": "新山田商事株式会社",
        "postal_code": "100-0001",
        "address": "東京都",
        "phone": "03-0000-0000",
        "email": "soumu@successor.example",
    }
    with pytest.raises(DataRefused) as raised:
        SuccessionData.model_validate(
            {"wanted_on": "2026-11-01", "cause": "merger", "successors": [successor], "representative": 1}
        )
    with override("ja"):
        assert problem_texts(explain(raised.value)) == [
            "representative: 承継人の一覧に1番目の承継人はありません"
        ]

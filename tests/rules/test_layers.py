"""Law, terms, an agent's rules and individual agreements: what goes before what, and who may say what."""

from datetime import date

import pytest

from contracts.problems.reasons import UnknownError
from contracts.rules.policy.agents import beyond_what_is_left
from contracts.rules.policy.fitting import misfits
from contracts.rules.policy.law import law_on
from contracts.rules.policy.layer import Layer, agreement
from contracts.rules.policy.layers import layered_policy, written
from contracts.rules.policy.places import line_of
from contracts.rules.policy.reading import PolicyError
from contracts.rules.rulebook import Rulebook
from contracts.terms.markdown import parse
from portal.catalog import CATALOG, read_catalog
from tests.catalog_policies import agent_layers

TERMS = (CATALOG / "progoffice" / "2020-08-14.toml").read_text(encoding="utf-8")
TEXT = parse((CATALOG / "progoffice" / "2020-08-14.md").read_text(encoding="utf-8"))
AOZORA = agent_layers("progoffice", "aozora")[0]
MINATO = agent_layers("progoffice", "minato")[-1]
UP = "changes.quantity_up.notice_completes"
LAW = law_on(date(2026, 11, 1))


def policy(*layers: Layer):
    return layered_policy(TERMS, (LAW, *layers))


def stating(rules: str) -> Layer:
    header = 'version = "x"\ntitle = "見本規定"\neffective_on = 2026-11-01\n\n'
    return Layer(
        "agent", "見本規定", date(2026, 11, 1), header + rules, version="x", text=MINATO.text, seller="x"
    )


def test_what_the_terms_leave_to_an_agent_is_what_its_rules_say():
    first, second = policy(AOZORA), policy(MINATO)
    assert (first.minimum_term.months, second.minimum_term.months) == (12, 3)
    assert str(first.charging.late_interest.percent_a_year) == "14.6"
    assert str(second.charging.late_interest.percent_a_year) == "8.5"
    assert (first.cancellation.deadline.late, second.cancellation.deadline.late) == ("refuse", "move")
    assert first.suspension == second.suspension


def test_each_rule_names_the_layer_that_decided_it_and_those_of_the_terms_none():
    merged = policy(MINATO)
    origin = merged.minimum_term.origin
    assert (origin.kind, origin.title, origin.version) == ("agent", MINATO.title, "2024-04-01")
    assert merged.cancellation.deadline.origin == origin
    assert merged.changes["quantity_up"].billed_from.origin == origin
    assert merged.changes["quantity_up"].origin is None
    assert merged.suspension.origin is None


def test_a_step_of_a_decision_names_the_layer():
    rules = Rulebook(policy(MINATO))
    steps = rules.minimum_term(date(2026, 10, 15), date(2026, 11, 30), 4550).steps
    assert {taken.origin.seller for taken in steps} == {"minato"}
    assert steps[0].to_json()["origin"]["version"] == "2024-04-01"


def test_terms_that_leave_much_open_are_no_policy_without_an_agent():
    with pytest.raises(PolicyError) as refused:
        policy()
    paths = {problem.path for problem in refused.value.problems}
    assert {"cancellation", "charging.due", "formation.billing_start"} <= paths


def test_where_neither_terms_nor_agent_say_so_the_law_sets_the_interest():
    source, interest = MINATO.rules.split("[charging.late_interest]")
    assert "8.5" in interest
    silent = Layer("agent", MINATO.title, MINATO.effective_on, source, version="x", text=MINATO.text)
    merged = policy(silent)
    assert str(merged.charging.late_interest.percent_a_year) == "3"
    assert merged.charging.late_interest.origin.kind == "law"
    before = layered_policy(TERMS, (law_on(date(2020, 3, 31)), silent))
    assert str(before.charging.late_interest.percent_a_year) == "5"


def test_an_agent_goes_before_the_law_and_names_itself():
    assert policy(MINATO).charging.late_interest.origin.kind == "agent"


def test_an_individual_agreement_goes_before_an_agents_rules():
    source = TERMS + '\n[individual_agreements]\narticle = "46-1"\n'
    agreed = agreement("特約", date(2026, 11, 1), None, "minimum_term.months = 1")
    merged = layered_policy(source, (LAW, MINATO, agreed))
    assert (merged.minimum_term.months, merged.minimum_term.origin.kind) == (1, "agreement")
    assert merged.renewal.origin.kind == "agent"


def test_terms_that_leave_nothing_to_agents_are_not_changed_by_one():
    ct_e1 = (CATALOG / "ct-e1" / "2015-04-01.toml").read_text(encoding="utf-8")
    assert layered_policy(ct_e1, (LAW, MINATO)) == layered_policy(ct_e1, ())


@pytest.mark.parametrize(
    ("rules", "path", "line", "article"),
    [
        ('[data_erasure]\nwithin = { days = 30 }\n', "data_erasure", 5, "15-1, 15-2"),
        ("[suspension]\nmax_months = 3\n", "suspension", 5, "26-1"),
        ("changes.quantity_up.notice_completes = false\n", UP, 5, "5-2, 11-1, 11-3"),
        ('[[products]]\nkey = "user"\nmaximum = 3\n', "products", 5, "2-1-3, 2-1-11"),
        ("[nonsense]\nvalue = 1\n", "nonsense", 5, "2-1-3, 2-1-11"),
    ],
)  # fmt: skip
def test_what_the_terms_decide_themselves_is_refused_with_path_line_and_article(rules, path, line, article):
    (problem,) = beyond_what_is_left(written(TERMS), stating(rules).rules)
    assert (problem.path, problem.reason.values["line"], problem.reason.values["article"]) == (
        path,
        line,
        article,
    )
    assert f"line {line}: the terms decide this themselves ({article})" in str(problem)


def test_an_agents_rules_must_complete_the_terms():
    half = stating('[minimum_term]\narticle = "agent-2"\nmonths = 1\nstarts = "service_start"\n')
    paths = [problem.path for problem in misfits(TERMS, TEXT, half, date(2026, 11, 1))]
    assert "cancellation" in paths
    assert "charging.tax" in paths


def test_an_agents_citations_must_be_in_its_text_or_in_the_terms():
    wrong = Layer(**{**vars(MINATO), "rules": MINATO.rules.replace('"agent-8"', '"agent-12"')})
    (problem,) = misfits(TERMS, TEXT, wrong, date(2026, 11, 1))
    assert (problem.path, str(problem.reason)) == (
        "charging.late_interest.article",
        "the text has no 'agent-12'",
    )
    assert list(misfits(TERMS, TEXT, MINATO, date(2026, 11, 1))) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [("a.b.c", 2), ("a.d", 3), ("list.two.x", 9), ("list.one", 5), ("other", 1), ("a.b.missing", 1)],
)
def test_the_line_of_a_path_is_that_of_its_value_or_of_what_is_around_it(path, line):
    source = '[a]\nb.c = 1\nd = 2\n[[list]]\nkey = "one"\nx = 1\n[[list]]\nkey = "two"\nx = 2\n'
    assert line_of(source, path) == line


def test_an_agent_answers_by_the_rules_of_the_day_and_the_first_one_where_none_is_named():
    service = next(entry for entry in read_catalog() if entry.details.slug == "progoffice").loaded
    minato = service.sold_by("minato")
    assert (
        service.book_on(date(2026, 1, 1)).policy == service.sold_by("aozora").book_on(date(2026, 1, 1)).policy
    )
    assert [
        minato.book_on(day).policy.minimum_term.months for day in (date(2024, 3, 31), date(2024, 4, 1))
    ] == [6, 3]
    assert minato.book_on(date(2024, 4, 1)).policy.version == "2020-08-14"
    with pytest.raises(
        UnknownError, match="nobody called 'nobody' sells 'progoffice'; agents: aozora, minato"
    ):
        service.sold_by("nobody")


def test_no_sample_value_of_an_agent_stands_in_the_policy_of_the_provider():
    for version in ("2016-03-01", "2020-08-14"):
        source = (CATALOG / "progoffice" / f"{version}.toml").read_text(encoding="utf-8")
        assert "sample = true" not in source
        assert "agent-" not in source

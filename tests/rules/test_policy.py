"""What a policy may say, and how it is refused."""

import pytest

from contracts.rules.policy.governing import TransitionalProvision
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import policy_from, read_policy
from tests.rules.policies import POLICY, policy


def reasons(**changed) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        policy(**changed)
    return [str(problem) for problem in refused.value.problems]


def test_a_policy_cites_its_articles_with_their_paths():
    cited = dict(policy().cited())
    assert cited["charging.due.usage.transfer.article"] == "32"
    assert cited["products[2].article"] == "p-2"


def test_unknown_names_are_refused_with_their_path():
    assert reasons(charging__tax__roundig="floor") == [
        "charging.tax.roundig: unknown name; check the spelling, or take it out"
    ]


def test_every_problem_is_told_at_once():
    found = reasons(
        charging__tax__rounding="up", calendars__company={"article": "2", "closed_every_year": ["13-01"]}
    )
    assert any(reason.startswith("charging.tax.rounding: 'up' is not allowed here") for reason in found)
    assert any(reason.startswith("calendars.company.closed_every_year[0]") for reason in found)


def test_a_rate_written_as_a_number_is_refused():
    rule = {"article": "33", "percent_a_year": 14.6, "days_in_year": 365, "rounding": "floor"}
    assert 'write the rate as text, such as "14.6"' in reasons(charging__late_interest=rule)[0]


def test_a_calendar_that_is_not_there_is_named():
    due = {"article": "32", "months_after": 0, "adjust": "next_business_day", "calendars": ["banks"]}
    assert (
        "charging.due.usage.transfer.calendars: there is no calendar 'banks'"
        in reasons(charging__due__usage__transfer=due)[0]
    )


def test_an_adjusted_due_date_needs_a_calendar():
    due = {"article": "32", "months_after": 0, "adjust": "next_business_day"}
    assert "adjust and calendars belong together" in reasons(charging__due__usage__transfer=due)[0]


@pytest.mark.parametrize("missing", ["cancellation", "charging", "formation", "notices", "version"])
def test_what_every_policy_needs_is_asked_for(missing):
    with pytest.raises(PolicyError, match=f"{missing}: this value is missing"):
        policy_from({name: value for name, value in POLICY.items() if name != missing})


@pytest.mark.parametrize("article", ["0", "19-0", "general-1-2-3-4", "9" * 5000])
def test_an_article_that_no_text_can_have_is_refused(article):
    (problem,) = reasons(effective={"article": article, "on": "2026-04-01"})
    assert problem.startswith("effective.article[0]: ")


def test_broken_toml_is_refused_with_its_line():
    with pytest.raises(PolicyError, match=r"not valid TOML.*line 2"):
        read_policy('version = "1"\ntitle = \n')


@pytest.mark.parametrize(
    ("article", "concerned"),
    [("44-1", True), ("44-1-2", True), ("44", True), ("44-10", False), ("44-4", False), ("4", False)],
)
def test_a_transitional_provision_concerns_the_parts_that_it_names(article, concerned):
    provision = TransitionalProvision(article="44-4", articles=("44-1", "44-2"), contracts_from="2020-08-14")
    assert provision.concerns(article) is concerned

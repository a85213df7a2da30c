"""What a new version changes in its rules, in words."""

import typing
from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.utils import translation
from pydantic import BaseModel

from contracts.models import TermsVersion
from contracts.rules.policy.base import Rule
from contracts.rules.policy.schema import Policy
from contracts.rules.policy.service import layers_at_first
from contracts.wording.policies import ASPECTS, PARTS, VALUES
from contracts.wording.policy_changes import _PARTS_IN_WORDS, policy_changes
from portal.catalog import CATALOG
from tests.catalog_policies import agent_layers, sellers


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def version(name: str) -> TermsVersion:
    file = CATALOG / name
    policy = file.parent.joinpath(f"{file.name}.toml").read_text(encoding="utf-8")
    text = file.parent.joinpath(f"{file.name}.md").read_text(encoding="utf-8")
    slug = file.parent.name
    rules = agent_layers(slug, sellers(slug)[0]) if sellers(slug) else ()
    found = TermsVersion(name=file.name, text=text, policy_source=policy)
    found.layers = layers_at_first(policy, rules)
    return found


def sentences(name: str, old: str, new: str) -> list[str]:
    before, after = version(name), version(name)
    assert old in before.policy_source
    after.policy_source = before.policy_source.replace(old, new)
    return [str(change) for change in policy_changes(before, after)]


CT_E1 = "ct-e1/2015-04-01"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            CT_E1,
            'article = "19-1"\nanchor = "wanted_month_end"\nbefore = { months = 1 }',
            'article = "19-1"\nanchor = "wanted_date"\nbefore = { business_days = 20 }',
            "Cancellation, deadline for requests: 1 month before the end of the wanted month → "
            "20 business days before the wanted date (Art. 19 para. 1)",
        ),
        (
            CT_E1,
            'percent_a_year = "14.5"',
            'percent_a_year = "3"',
            "Late interest, rate a year: 14.5 % → 3 % (Art. 26, 別記 料金通則 para. 3)",
        ),
        (
            CT_E1,
            'rounding = "floor"\nrate_day',
            'rounding = "ceiling"\nrate_day',
            "Consumption tax, fractions: fractions are cut off → fractions are rounded up "
            "(別記 料金通則 para. 3, 別記 料金通則 para. 5)",
        ),
        (CT_E1, "max_months = 6", "max_months = 1", "Suspension, longest duration: 6 months → 1 month"),
        (
            "simpleconnect/2015-10-01",
            "above_per_id = 30000",
            "above_per_id = 50000",
            "Deposit, monthly fee per ID above which it is asked: ¥30,000 → ¥50,000",
        ),
    ],
)
def test_a_change_is_a_sentence_with_its_articles(name: str, old: str, new: str, said: str):
    [sentence] = sentences(name, old, new)
    assert sentence.startswith(said)


def test_a_due_date_says_day_month_and_calendar():
    [sentence] = [
        one
        for one in map(str, policy_changes(version(CT_E1), version("simpleconnect/2015-10-01")))
        if one.startswith("Usage fees by bank transfer")
    ]
    assert sentence.startswith(
        "Usage fees by bank transfer, due date: last day, the month of use → last day, 1 month after the "
        "month of use; on a closed day, the business day before (calendar: bank) (Art. 9 para. 7"
    )


def test_a_rule_that_is_gone_is_cited_in_the_words_of_the_old_version():
    gone = [
        change
        for change in policy_changes(version(CT_E1), version("simpleconnect/2015-10-01"))
        if change.difference.path == "charging.surcharge.multiple"
    ]
    assert [(one.old, one.new, one.articles) for one in gone] == [("2", "not provided for", ("Art. 25",))]


NAMES = sorted(f"{file.parent.name}/{file.stem}" for file in CATALOG.glob("*/*.md"))


@pytest.mark.parametrize(("old", "new"), list(pairwise([*NAMES, NAMES[0]])))
def test_every_difference_in_the_catalog_is_in_words(old: str, new: str):
    for change in policy_changes(version(old), version(new)):
        assert change.articles, change.difference.path
        names = change.difference.path.split(".")
        words = VALUES.get(".".join(names[-2:])) or VALUES.get(names[-1], {})
        for value in (change.difference.old, change.difference.new):
            assert not isinstance(value, str) or value in words, change.difference.path


SHOWN_WHOLE = tuple(_PARTS_IN_WORDS)
NOT_COMPARED = {
    "consent",
    "version",
    "title",
    "revised_on",
    "announced_on",
    "effective",
    "key",
    "faults",
    *Rule.model_fields,
}


def test_every_rule_of_the_schema_has_a_name():
    """A new rule needs its name in PARTS or ASPECTS of contracts/wording/policies.py."""
    named = {name for path in (*PARTS, *ASPECTS) for name in path.split(".")}
    assert sorted(_fields(Policy) - named) == []
    assert {name for name in VALUES if "." not in name} <= set(ASPECTS)


def _fields(model: type[BaseModel], above: tuple[type[BaseModel], ...] = ()) -> set[str]:
    """The names of all fields below a model, but for what is shown whole, and for itself again."""
    found = set()
    for name, field in model.model_fields.items():
        if name in NOT_COMPARED:
            continue
        found.add(name)
        for below in _models(field.annotation):
            if below not in above and not issubclass(below, SHOWN_WHOLE):
                found |= _fields(below, (*above, model))
    return found


def _models(annotation: typing.Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)

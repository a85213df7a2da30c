"""What changed between two policies, as data."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contracts.rules.policy.policy_diff import policy_differences
from contracts.rules.policy.schema import Policy, policy_from
from tests.catalog_policies import policy_of
from tests.rules.policies import POLICY

CATALOG = Path(__file__).parents[2] / "contracts" / "catalog"


def policy(**changes: Any) -> Policy:
    """The test policy with values set by their path: `cancellation__ends`."""
    data = deepcopy(POLICY)
    for path, value in changes.items():
        *parents, last = path.split("__")
        part = data
        for name in parents:
            part = part.setdefault(name, {})
        part[last] = value
    return policy_from(data)


def changed(**changes: Any) -> list[tuple[str, Any, Any, tuple[str, ...]]]:
    found = policy_differences(policy(), policy(**changes))
    return [(one.path, one.to_dict()["old"], one.to_dict()["new"], one.articles) for one in found]


def test_a_deadline_is_one_thing_with_its_articles():
    later = {"article": "19-1", "anchor": "wanted_date", "before": {"business_days": 20}}
    [(path, old, new, articles)] = changed(cancellation__deadline=later)
    assert (path, articles) == ("cancellation.deadline", ("19-1",))
    assert (old["anchor"], old["before"]) == ("wanted_month_end", {"months": 1})
    assert (new["anchor"], new["before"]) == ("wanted_date", {"business_days": 20})


def test_what_happens_after_a_deadline_is_another():
    late = POLICY["cancellation"]["deadline"] | {"late": "deem"}
    assert changed(cancellation__deadline=late) == [
        ("cancellation.deadline.late", "refuse", "deem", ("10-1",))
    ]


def test_rates_and_roundings_are_told_apart():
    interest = POLICY["charging"]["late_interest"] | {"percent_a_year": "3", "article": "26"}
    found = changed(charging__late_interest=interest)
    assert [(path, articles) for path, _old, _new, articles in found] == [
        ("charging.late_interest.percent_a_year", ("26",))
    ]


def test_a_calendar_that_comes_is_one_change_and_days_in_another_order_are_none():
    days = list(reversed(POLICY["calendars"]["company"]["closed_every_year"]))
    assert changed(calendars__company__closed_every_year=days) == []
    [(path, old, _new, articles)] = changed(calendars__holiday={"article": "4"})
    assert (path, old, articles) == ("calendars.holiday", None, ("4",))


def test_a_rule_that_comes_says_all_that_it_sets():
    found = changed(minimum_term={"article": "14", "months": 6, "starts": "service_start"})
    assert found == [
        ("minimum_term.months", None, 6, ("14",)),
        ("minimum_term.starts", None, "service_start", ("14",)),
    ]


def test_a_rule_that_goes_is_cited_as_the_old_version_has_it():
    with_term = policy(minimum_term={"article": "14", "months": 6, "starts": "service_start"})
    [months, _starts] = policy_differences(with_term, policy())
    assert (months.old, months.new, months.new_articles, months.articles) == (6, None, (), ("14",))


def test_products_are_known_by_their_keys():
    renamed = deepcopy(POLICY["products"])
    renamed[0]["name"] = {"ja": "い", "en": "b"}
    found = changed(products=[renamed[1], renamed[0]])
    assert [(path, new) for path, _old, new, _articles in found] == [
        ("products.seat.name", {"ja": "い", "en": "b"}),
        ("products.recording", None),
    ]


def test_a_due_rule_is_one_thing():
    due = {"article": "23", "months_after": 3}
    charge = {"usage": POLICY["charging"]["due"]["usage"] | {"transfer": due}}
    [(path, _old, new, articles)] = changed(charging__due=charge)[:1]
    assert (path, new["months_after"], articles) == ("charging.due.usage.transfer", 3, ("23",))


def test_other_articles_and_readings_are_no_change():
    moved = POLICY["cancellation"]["deadline"] | {"article": "99", "reading": {"ja": "い", "en": "b"}}
    assert changed(cancellation__deadline=moved) == []


def test_facts_that_are_shown_are_matched_by_their_texts():
    def facts(*texts: str) -> list[dict[str, Any]]:
        return [
            {"article": str(place), "text": {"ja": text, "en": text}} for place, text in enumerate(texts, 1)
        ]

    hours = "お問い合わせの受付は9時から12時までです。"
    before = policy(disclosures=facts("端数は切り捨てます。", hours))
    after = policy(disclosures=facts(hours.replace("12時", "18時"), "領収書は発行しません。"))
    found = [
        (one.old and one.old.text.ja, one.new and one.new.text.ja)
        for one in policy_differences(before, after)
    ]
    assert found == [
        ("端数は切り捨てます。", None),
        (hours, hours.replace("12時", "18時")),
        (None, "領収書は発行しません。"),
    ]


@pytest.mark.parametrize(
    "file", sorted(CATALOG.glob("*/*.toml")), ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_a_policy_does_not_differ_from_itself(file: Path):
    if file.name != "service.toml":
        found = policy_of(file)
        assert policy_differences(found, found) == ()


def test_versions_of_the_catalog_differ_in_what_their_documents_changed():
    def read(name: str) -> Policy:
        return policy_of(CATALOG / f"{name}.toml")

    found = policy_differences(read("progoffice/2016-03-01"), read("progoffice/2020-08-14"))
    assert [one.path for one in found if one.path != "disclosures"] == ["transitional.44-1+44-2+44-3"]
    assert found[0].articles == ("44-4",)

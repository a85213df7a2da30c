"""Where the letter of an article says something else, or nothing, the policy states how it is read."""

from datetime import date
from pathlib import Path

import pytest

from contracts.rules.policy.schema import Policy
from contracts.rules.rulebook import Rulebook
from tests.catalog_policies import policy_of
from tests.rules.catalog_policies import book, every_policy

CATALOG = Path(__file__).resolve().parents[2] / "contracts" / "catalog"


def policy(slug: str, version: str) -> Policy:
    return policy_of(CATALOG / slug / f"{version}.toml")


def ct_e1() -> Policy:
    return policy("ct-e1", "2015-04-01")


def simpleconnect() -> Policy:
    return policy("simpleconnect", "2015-10-01")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (ct_e1().formation.service_start, "契約が成立した日より前"),
        (ct_e1().formation.billing_start, "1か月分"),
        (ct_e1().charging.tax, "限りません"),
        (ct_e1().charging.outages[0], "番号の月額"),
        (ct_e1().product("calls-international").exported, "輸出免税"),
        (ct_e1().charging.outages[0], "税抜きで数えます"),
        (ct_e1().charging.outages[1], "税抜きで数えます"),
        (simpleconnect().charging.damages_cap, "第2項"),
        (simpleconnect().charging.during_suspension, "通常どおり"),
    ],
)
def test_what_is_read_into_an_article_is_stated(rule, said):
    assert said in rule.reading.ja
    assert rule.reading.en


@pytest.mark.parametrize(
    ("terms", "reason", "article"),
    [
        (ct_e1(), "unpaid", "22-3"),
        (policy("partner-cloud-e", "1.1"), "unpaid", "24-3"),
        (simpleconnect(), "unpaid", "24-2"),
    ],
)
def test_a_suspension_says_by_which_article_fees_go_on(terms, reason, article):
    stop = Rulebook(terms).suspension(reason, date(2027, 1, 10), None)
    fees = next(taken for taken in stop.steps if taken.rule == "stop.fees")
    assert (article in fees.articles, fees.result) == (True, True)


def test_where_the_terms_say_nothing_of_fees_during_a_suspension_nothing_is_said():
    terms = policy("progoffice", "2020-08-14")
    reason = terms.suspension.reasons[0].key
    stop = Rulebook(terms).suspension(reason, date(2027, 1, 10), None)
    assert "stop.fees" not in [taken.rule for taken in stop.steps]


@every_policy
def test_where_outages_bring_damages_no_fee_of_a_past_day_changes_with_the_contract(path):
    """So their limit, the fee at the time of the outage (progoffice 38-1, partner-cloud-e 43-2), stays."""
    terms = book(path).policy
    damages = any(rule.limits_damage or rule.credit == "monthly_fee" for rule in terms.charging.outages)
    ends = {"rescission"}
    charged = [
        rule
        for kind, rule in terms.changes.items()
        if kind not in ends and (rule.billed_from or rule.billed_through)
    ]
    if damages:
        assert charged
        assert all(rule.notice_completes or rule.not_before_acceptance for rule in charged)

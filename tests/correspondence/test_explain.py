"""Every step has a sentence, in both languages, without a value left out."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override

from billing.calculation.steps import STEP_KEYS
from contracts.extensions.kinds import change_sentences
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision, Step
from contracts.rules.stored import to_stored
from contracts.wording.explain import explain
from contracts.wording.sentences import SENTENCES, WITHOUT_DISTANCE
from tests.billing_scene import load_service
from tests.scenes import at, day

ROOT = Path(__file__).parent.parent.parent
PURE = [*(ROOT / "contracts" / "rules").rglob("*.py"), *(ROOT / "billing" / "calculation").glob("*.py")]
STEP = re.compile(r"\bstep\(\s*[\w.\[\]]+,\s*f?\"([a-z_.]+)(\{[^}]*\})?")
KEY = re.compile(r"\bkey = f?\"([a-z_]+\.[a-z_.]+)(\{[^}]*\})?")


def keys_in_source() -> set[tuple[str, bool]]:
    """The keys that steps are taken with, and whether a variable part follows."""
    found = set()
    for path in PURE:
        source = path.read_text(encoding="utf-8")
        for pattern in (STEP, KEY):
            found |= {(match[1], bool(match[2])) for match in pattern.finditer(source)}
    return found


def test_every_step_of_rules_and_calculations_has_a_sentence():
    keys = keys_in_source()
    assert len(keys) > 40, "the pattern no longer finds the steps"

    sentences = {*SENTENCES, *change_sentences()}
    missing = {
        key for key, open_ended in keys if not any(_covers(known, key, open_ended) for known in sentences)
    }

    assert not missing
    assert not STEP_KEYS.keys() - SENTENCES.keys()


def _covers(known: str, key: str, open_ended: bool) -> bool:
    return known.startswith(key) if open_ended else known == key


def test_distances_of_zero_have_a_sentence_of_their_own():
    assert {sentence for _name, sentence in WITHOUT_DISTANCE.values()} <= SENTENCES.keys()


def steps_of_every_answer(rules) -> list[Step]:
    """The steps of many questions to a rulebook."""
    decisions: list[Decision] = [
        rules.business_day(at("2026-03-10")),
        rules.count_business_days(day("2026-03-10"), 5),
        rules.cancellation(at("2026-03-10"), day("2026-03-31")),
        rules.cancellation(at("2026-03-10"), None),
    ]
    if rules.policy.renewal:
        decisions.append(rules.renewal(day("2026-03-31"), None))
        decisions.append(rules.renewal(day("2026-03-31"), at("2026-01-05")))
    if rules.policy.minimum_term:
        decisions.append(rules.minimum_term(day("2026-03-01"), day("2026-04-30"), 12000))
    if rules.policy.data_erasure:
        decisions.append(rules.data_erasure(day("2026-03-31")))
    notices = rules.policy.notices
    decisions += [
        rules.notice(purpose, channel, at("2026-03-10"), None, day("2026-07-01"))
        for purpose in notices.purposes
        for channel in notices.channels
    ]
    return [taken for decision in decisions for taken in decision.steps]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("slug", ["progoffice", "ct-e1", "partner-cloud-e", "desknets", "simpleconnect"])
def test_every_answer_of_every_service_reads_without_gaps(db, slug, language):
    for version in load_service(slug).versions.all():
        with override(language):
            answer = explain(Decision(steps=tuple(steps_of_every_answer(rulebook_for(version)))), version)
            for step in answer.steps:
                assert step.sentence
                assert "%(" not in step.sentence
                assert "—" not in step.sentence, "what there is none of is not spoken of"
                assert "None" not in step.sentence
                assert not re.search(r"[0-9]{4}-[0-9]{2}(-[0-9]{2}|\b)", step.sentence + step.result), step
                assert step.articles
                assert all("第" in link.label or "Art." in link.label or link.url for link in step.articles)


def one_step(rule: str, result: object, **given: object) -> Decision:
    return Decision(steps=(Step(rule, ("19-1",), given, result),))


@pytest.mark.parametrize(
    ("decision", "english"),
    [
        (
            one_step("minimum_term.charge", 24000, ends=date(2026, 4, 30), months=2, monthly_fee=12000),
            ("With an end on 30 April 2026, 2 months of the minimum term are left: ¥12,000 each.", "¥24,000"),
        ),
        (
            one_step("proration.none", 12000, month=Month(2026, 4)),
            ("The month (April 2026) is charged in full; the net amount.", "¥12,000"),
        ),
        (
            one_step("deadline.compare", False, received=date(2026, 4, 30), deadline=date(2026, 4, 29)),
            ("Received on 30 April 2026; the deadline is 29 April 2026.", "too late"),
        ),
        (
            one_step("charge.line", 10000, product="line", held=2, included=0, quantity=2, unit_price=5000),
            ("Outside line licence: 2 × ¥5,000 are charged.", "¥10,000"),
        ),
        (
            one_step("notice.compare", True, notice=date(2026, 4, 29), latest=None),
            ("The notice counts for 29 April 2026; the terms set no latest day.", "in time"),
        ),
        (
            one_step("billed_through.former.end_of_month", date(2027, 1, 31), ends=date(2027, 1, 9)),
            (
                "The former number is charged to the end of the month in which it is held last"
                " (9 January 2027).",
                "31 January 2027",
            ),
        ),
        (
            one_step("calendar.last_moment", at("2026-12-28 17:00"), day=date(2026, 12, 31)),
            (
                "What comes after business hours or on a closed day counts for the next business day. This is"
                " the last moment that counts for 31 December 2026 or before.",
                "28 December 2026, 17:00",
            ),
        ),
    ],
)
def test_amounts_days_and_products_read_as_they_should(ct_e1, decision, english):
    version = ct_e1.versions.get()
    with override("en"):
        step = explain(decision, version).steps[0]
        stored = explain(to_stored(decision), version).steps[0]
        without_types = explain(decision.to_json(), version).steps[0]

    assert (step.sentence, step.result) == english
    assert step == stored == without_types
    with override("ja"):
        article = explain(decision, version).steps[0].articles[0]
    assert article.label == "第19条第1項"
    assert article.url == "/services/ct-e1/terms/2015-04-01/#article-19-1"


def test_no_decision_has_no_steps(ct_e1):
    version = ct_e1.versions.get()
    assert explain({}, version).steps == explain(None, version).steps == ()

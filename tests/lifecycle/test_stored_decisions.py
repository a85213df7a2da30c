"""A stored decision is read as what was stored: its class, days as days, money as numbers."""

import ast
import json
from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import date, datetime
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from django.apps import apps
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from billing.calculation.prices import NoticeOfPrices
from billing.models.adjustment import ADJUSTMENT_DECISIONS
from contracts.lifecycle.suspensions import suspend
from contracts.models.task import CLAIM_DECISIONS
from contracts.rules.calendar.period import JAPAN, Month
from contracts.rules.decision import Decision, Step
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.change import Change
from contracts.rules.life.formation import Formation
from contracts.rules.life.stop import Stop
from contracts.rules.life.term import DataErasure
from contracts.rules.life.termination import Termination
from contracts.rules.policy.base import LocalText, Origin
from contracts.rules.stored import read, steps_of, to_stored
from contracts.wording.explain import explain
from tests import scenes
from tests.properties import examples
from tests.scenes import at, day

STORED: tuple[type[Decision], ...] = (
    Formation, Change, Cancellation, Stop, DataErasure, Termination, NoticeOfPrices,
    *CLAIM_DECISIONS, *ADJUSTMENT_DECISIONS,
)  # fmt: skip
BY_0_1_0 = json.loads((Path(__file__).parent / "stored_by_0_1_0.json").read_text(encoding="utf-8"))
PROPERTIES = {"Contract": "decided_formation", "PriceListVersion": "decided_notice"}
FIELDS = {"Contract": "formation", "PriceListVersion": "notice"}

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
MOMENTS = st.builds(datetime.combine, DAYS, st.times(), st.just(JAPAN))
MONTHS = DAYS.map(Month.of)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=2)
PLAIN = st.none() | st.booleans() | st.integers() | st.text() | DAYS.map(str)
STEPS = st.builds(
    Step,
    rule=st.text(),
    articles=st.lists(st.text(), max_size=3).map(tuple),
    given=st.dictionaries(st.text(), PLAIN | DAYS | MOMENTS | MONTHS | DECIMALS, max_size=4),
    result=PLAIN | DAYS | MOMENTS | MONTHS | DECIMALS,
    reading=st.none() | st.builds(LocalText, ja=st.text().map(str.strip), en=st.text().map(str.strip)),
    sample=st.booleans(),
    origin=st.none()
    | st.builds(
        Origin,
        kind=st.sampled_from(["law", "agent", "agreement"]),
        title=st.text(),
        effective_on=DAYS,
    ),
)


def facts_of(kind: type) -> dict[str, st.SearchStrategy]:
    return {name: values_of(hint) for name, hint in get_type_hints(kind).items() if name != "steps"}


def values_of(hint: Any) -> st.SearchStrategy:
    known = {date: DAYS, datetime: MOMENTS, Month: MONTHS}
    parts = get_args(hint)
    if hint in known:
        return known[hint]
    if get_origin(hint) is Literal:
        return st.sampled_from(parts)
    if NoneType in parts:
        return st.one_of(*(values_of(part) for part in parts if part is not NoneType)) | st.none()
    if is_dataclass(hint):
        return st.builds(hint, **facts_of(hint))
    return st.from_type(hint)


@pytest.mark.parametrize("kind", dict.fromkeys(STORED))
@hypothesis_settings(max_examples=examples(20))
@given(st.data())
def test_what_is_read_is_what_was_stored(kind, data):
    decision = data.draw(st.builds(kind, **facts_of(kind), steps=st.lists(STEPS, max_size=3).map(tuple)))

    stored = json.loads(json.dumps(to_stored(decision)))

    assert read(stored, *STORED) == decision


def test_nothing_stored_is_no_decision():
    assert read({}, *STORED) is None
    assert steps_of({}) == ()


def test_a_decision_of_another_kind_is_told_from_those_that_are_asked_for():
    stored = to_stored(DataErasure(erase_by=date(2026, 12, 31), steps=()))
    with pytest.raises(ValueError, match="DataErasure"):
        read(stored, Cancellation, Change)


def test_a_text_that_looks_like_a_month_stays_a_text(ct_e1):
    named = Step("return.line", (), {"name": "2026-10", "amount": 1}, 1)
    stored = to_stored(DataErasure(erase_by=date(2026, 12, 31), steps=(named,)))
    assert steps_of(stored)[0].given["name"] == "2026-10"
    assert "2026-10" in explain(stored, ct_e1.versions.get()).steps[0].sentence


def decided_by_0_1_0(row: dict[str, Any]) -> Decision:
    """A decision as a row of release 0.1.0 keeps it, read through its model."""
    name = row["model"]
    model = next(model for model in apps.get_models() if model.__name__ == name)
    return getattr(model(**{FIELDS.get(name, "decision"): row["decision"]}), PROPERTIES.get(name, "decided"))


def without_types(stored: dict[str, Any]) -> dict[str, Any]:
    steps = [{name: value for name, value in step.items() if name != "types"} for step in stored["steps"]]
    return {**{name: value for name, value in stored.items() if name != "type"}, "steps": steps}


@pytest.mark.parametrize("row", BY_0_1_0, ids=lambda row: row["model"])
def test_what_0_1_0_stored_is_read_and_says_the_same(row):
    decided = decided_by_0_1_0(row)

    assert row["decision"].items() <= without_types(to_stored(decided)).items()
    days = [value for name, value in decided.facts().items() if name.endswith(("_on", "_by"))]
    assert not [value for value in days if isinstance(value, str)]


def test_days_moments_and_months_of_0_1_0_get_their_types_back():
    formation = decided_by_0_1_0(BY_0_1_0[0])
    assert isinstance(formation, Formation)
    assert isinstance(formation.formed_at, datetime)
    assert isinstance(formation.first_invoice_month, Month)
    assert type(formation.service_starts_on) is date
    step = next(step for step in formation.steps if step.rule.startswith("formation."))
    assert (type(step.given["at"]), type(step.result)) == (datetime, date)


def test_each_class_of_0_1_0_is_told_by_its_facts():
    assert {type(decided_by_0_1_0(row)).__name__ for row in BY_0_1_0} == {
        "Formation", "Change", "EndWithMinimumTerm", "Stop", "DataErasure", "Withdrawal", "Termination",
        "DeviceReturn", "Surcharge", "Damages", "OutagesOfMonth", "Outage", "InterestOfPayments", "Deposit",
        "NoticeOfPrices",
    }  # fmt: skip


def test_an_end_without_a_minimum_term_is_told_from_one_with(db):
    stored = next(row["decision"] for row in BY_0_1_0 if "minimum_ends_on" in row["decision"])
    alone = {name: value for name, value in stored.items() if not name.startswith("minimum_")}
    request = apps.get_model("contracts.ContractRequest")
    assert type(request(decision=alone).decided) is Cancellation
    assert request(decision=stored).decided.minimum_months_left == stored["minimum_months_left"]


def test_a_cancellation_is_read_with_its_days(progoffice):
    contract = scenes.running(progoffice, {"user": 10}, scenes.yamada())

    request = scenes.cancel(contract, day("2026-12-31"), at("2026-11-19"))
    request.refresh_from_db()

    assert isinstance(request.decided, Cancellation)
    assert (request.decided.ends_on, request.decided.received_on) == (day("2026-12-31"), day("2026-11-19"))


def test_a_formation_is_read_as_it_was_decided(progoffice):
    contract = scenes.running(progoffice, {"user": 10}, scenes.yamada())
    contract.refresh_from_db()
    decided = contract.decided_formation
    assert isinstance(decided, Formation)
    assert (decided.formed_on, decided.service_starts_on) == (contract.formed_on, contract.service_starts_on)
    assert decided.first_invoice_month == Month.of(contract.billed_from_on)


def test_a_stop_is_read_with_its_days(progoffice):
    contract = scenes.running(progoffice, {"user": 10}, scenes.yamada())
    stop = suspend(
        contract,
        scenes.staff_member(),
        "incomplete_papers",
        day("2026-11-20"),
        day("2026-11-30"),
        "",
        at=scenes.at("2026-11-20"),
    )
    stop.refresh_from_db()
    assert isinstance(stop.decided, Stop)
    assert (stop.decided.starts_on, stop.decided.ends_on) == (day("2026-11-20"), day("2026-11-30"))


NAMES = {"decision", "decided", "formation", "stored"}
"""What holds a decision; `stored` where it is its JSON."""

STILL_READ_KEYS = ("contracts/rules/stored.py",)
"""Who may know keys. The list may only become shorter."""


def reads_of_keys(source: str) -> Iterator[str]:
    """Where a module reads JSON by a key: `decision["x"]`, `decision.get("x")`, `decision__x`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=holder, slice=ast.Constant(value=str())) if _name(holder) in NAMES:
                yield ast.unparse(node)
            case ast.Call(func=ast.Attribute(value=holder, attr="get")) if _name(holder) in NAMES:
                yield ast.unparse(node)
            case ast.Constant(value=str(text)) if text.startswith(("decision__", "formation__")):
                yield text


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def test_one_module_alone_knows_the_keys_of_stored_decisions():
    found = {
        str(file.relative_to(settings.BASE_DIR))
        for part in ("contracts", "billing", "portal")
        for file in (settings.BASE_DIR / part).rglob("*.py")
        if any(reads_of_keys(file.read_text(encoding="utf-8")))
    }
    assert {file for file in found if not file.startswith(STILL_READ_KEYS)} == set()

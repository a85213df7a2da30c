"""A life is read strictly, played through the operations at its moments, and leaves nothing behind."""

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from contracts.requests.registry import KINDS
from contracts.rules.examples.example_file import Example
from portal.catalog import read_catalog
from portal.lives.events.registry import EVENTS
from portal.lives.events.requests import Request
from portal.lives.running import run_life
from portal.lives.toml import toml_of
from portal.loading import load_service
from tests.scenes import at, day

CATALOG = {entry.details.slug: entry for entry in read_catalog()}
APPLY = {
    "at": "2026-09-10T10:00:00+09:00",
    "do": "apply",
    "products": {"line": 2, "seat": 2, "user": 2},
    "wanted_on": "2026-10-01",
}
ACCEPT = {"at": "2026-09-18T11:00:00+09:00", "do": "accept"}
BILL = {"at": "2026-10-05T09:00:00+09:00", "do": "bill", "month": "2026-10"}
EXPECT = {"as_of": "2026-10-06", "charged": {"2026-10": 20000}, "tax": 2000, "open": 22000}


def life(*events, expect=EXPECT, **changed) -> Example:
    given = {"method": "transfer", "events": list(events)}
    written = {"id": "x", "service": "ct-e1", "kind": "life", "given": given, "expect": expect, **changed}
    return Example.model_validate(written)


def played(*events, **changed) -> str:
    return str(run_life(life(*events, **changed), CATALOG.values))


@pytest.fixture
def ct_e1_loaded(db):
    return load_service(CATALOG["ct-e1"], at("2015-01-01"))


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_a_life_passes_when_all_that_is_named_is_so(ct_e1_loaded):
    assert run_life(life(APPLY, ACCEPT, BILL), CATALOG.values).passed


def test_a_service_that_is_not_loaded_comes_from_the_catalog(db):
    assert run_life(life(APPLY, ACCEPT, BILL), CATALOG.values).passed


def test_what_is_otherwise_is_named_with_what_it_is(ct_e1_loaded):
    said = played(APPLY, ACCEPT, BILL, expect={**EXPECT, "open": 1, "state": "ended"})
    assert "open: expected 1, got 22000" in said
    assert 'state: expected "ended", got "running"' in said


def test_an_event_that_is_refused_must_be_named(ct_e1_loaded):
    options_alone = {**APPLY, "products": {"recording-16h": 1}}
    said = played(options_alone, APPLY, ACCEPT, BILL)
    assert 'given.events[0]: expected "taken", got "refused: ' in said
    assert run_life(
        life(options_alone, APPLY, ACCEPT, BILL, expect={**EXPECT, "refused_events": [0]}), CATALOG.values
    ).passed
    assert 'given.events[1]: expected "refused", got "taken"' in played(
        APPLY, ACCEPT, BILL, expect={**EXPECT, "refused_events": [1]}
    )


def test_an_event_on_a_request_that_was_not_taken_in_is_refused(ct_e1_loaded):
    decide = {"at": "2026-10-01T10:00:00+09:00", "do": "decide", "request": "none", "answer": "accept"}
    assert run_life(
        life(APPLY, ACCEPT, decide, BILL, expect={**EXPECT, "refused_events": [2]}), CATALOG.values
    ).passed


def test_a_life_leaves_no_row_no_file_and_no_e_mail(ct_e1_loaded):
    before = rows()
    ask = {
        "at": "2026-10-06T10:00:00+09:00",
        "do": "agree",
        "rules": {"minimum_term": {"months": 3}},
        "from": "2026-11-01",
    }
    run_life(life(APPLY, ACCEPT, BILL, ask), CATALOG.values)
    assert rows() == before
    assert not settings.MEDIA_ROOT.exists()
    assert mail.outbox == []


def test_the_clock_is_as_it_was(ct_e1_loaded):
    before = timezone.now()
    run_life(life(APPLY, ACCEPT, BILL), CATALOG.values)
    assert before <= timezone.now() <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({**APPLY, "do": "dance"}, "given.events[0].do: there is no event 'dance'; there are accept, "),
        ({"at": APPLY["at"]}, "given.events[0].do: there is no event None"),
        ({**APPLY, "colour": 1}, "given.events[0].colour: unknown name"),
        ({"do": "apply", "at": APPLY["at"]}, "given.events[0].products: this value is missing"),
        ({**APPLY, "at": "2026-09-10"}, "given.events[0].at: '2026-09-10' has no time zone"),
        (
            {"do": "request", "at": APPLY["at"], "name": "a", "kind": "dance"},
            "given.events[0].kind: there is no kind of request 'dance'",
        ),
    ],
)
def test_what_is_wrong_in_a_life_is_named_by_its_place(event, reason):
    assert reason in played(event)


def test_events_stand_in_their_order_and_places_are_those_of_events():
    expect = {**EXPECT, "refused_events": [7]}
    said = played(ACCEPT, APPLY, expect=expect)
    assert "given.events[1].at: this event lies before the one that stands in front of it" in said
    assert "expect.refused_events: there is no event 7; the first of 2 is 0" in said


def test_what_is_expected_is_read_strictly_too():
    assert "expect.mood: unknown name" in played(APPLY, expect={**EXPECT, "mood": 1})
    assert "expect.as_of: this value is missing" in played(APPLY, expect={"open": 1})


@pytest.mark.django_db
def test_a_service_that_there_is_not_is_named():
    assert played(APPLY, service="nobody") == "x: service: there is no service 'nobody'"


@pytest.mark.django_db
def test_the_command_takes_lives_beside_other_examples(tmp_path):
    good = {
        "service": "desknets",
        "kind": "terms_at",
        "given": {"on": "2023-02-06"},
        "expect": {"version": "15"},
    }
    bad = life(APPLY, ACCEPT, BILL, expect={**EXPECT, "tax": 1}).model_dump(mode="json")
    file = tmp_path / "lives.json"
    file.write_text(json.dumps([{"id": "good", **good}, {**bad, "id": "bad"}]), encoding="utf-8")
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("worked_examples", str(file), stdout=out, stderr=StringIO())
    assert stopped.value.code == 1
    assert out.getvalue() == "bad: tax: expected 1, got 2000\n1 passed, 1 failed\n"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_request_can_be_filled_in(kind):
    asked = Request(at=APPLY["at"], name="a", kind=kind, wanted_on="2026-12-01", product="seat", quantity=3)
    assert asked.filled_in().wanted_on == day("2026-12-01")


def test_every_event_says_what_it_stands_for():
    assert all(event.__doc__ for event in EVENTS.values())
    assert len(EVENTS) == 28


def test_what_is_written_as_json_becomes_toml():
    assert toml_of({"a": {"b": [1, "x"], "c": True}}) == '"a" = { "b" = [1, "x"], "c" = true }\n'


def test_costs_that_the_customer_bears_count_beside_the_fees(ct_e1_loaded):
    costs = {
        "at": "2026-10-03T10:00:00+09:00",
        "do": "costs",
        "ground": "survey",
        "amount": 5000,
        "on": "2026-10-02",
    }
    unknown = {**costs, "at": "2026-10-03T11:00:00+09:00", "ground": "no_fault_found"}
    expect = {**EXPECT, "other": {"costs": 5000}, "tax": 2500, "open": 27500, "refused_events": [3]}
    assert run_life(life(APPLY, ACCEPT, costs, unknown, BILL, expect=expect), CATALOG.values).passed

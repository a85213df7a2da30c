"""Lives that a machine thinks up come out as a clerk works them out."""

import json
from datetime import datetime

import pytest
from django.db import connection

from contracts.rules.examples.example_file import Example, read_examples
from portal.catalog import CATALOG as FOLDER
from portal.catalog import read_catalog
from portal.lives.own_service import own_copy
from portal.lives.running import run_life
from portal.lives.taken_back import nothing_stays
from tests.lives.machine import checks
from tests.lives.machine.machine import think_up
from tests.lives.machine.watched import Watched, taken_back
from tests.properties import examples

CATALOG = {entry.details.slug: entry for entry in read_catalog()}
ON_SQLITE, ELSEWHERE = 40, 10


@pytest.mark.django_db
@pytest.mark.parametrize("slug", CATALOG)
def test_whatever_happens_a_contract_stays_right(slug):
    lives = examples(ON_SQLITE if connection.vendor == "sqlite" else ELSEWHERE)
    assert think_up(slug, list(CATALOG.values()), lives, steps=6) == ""


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.parametrize("slug", CATALOG)
def test_the_clerk_agrees_with_the_lives_of_the_catalog(slug):
    with nothing_stays():
        service = own_copy(slug, CATALOG.values)
        for life in read_examples(FOLDER / slug / "lives.json"):
            method, events = life.given["method"], life.given["events"]
            with taken_back():
                watched = Watched(slug, service, method, datetime.fromisoformat(events[0]["at"]))
                for event in events:
                    watched.play(event)
                watched.look()


def bills(month: str, day: str) -> dict[str, str]:
    return {"at": f"{day}T10:00:00+09:00", "do": "bill", "month": month}


@pytest.mark.django_db
def test_what_came_since_a_month_was_billed_waits_for_the_next_billing():
    """December counts as billed here from November's run on; January has its invoice by then."""
    applied = {"at": "2025-10-25T10:00:00+09:00", "do": "apply", "products": {"user": 4}}
    accepted = {"at": "2025-11-27T10:00:00+09:00", "do": "accept"}
    runs = [bills("2026-01", "2026-01-01"), bills("2025-11", "2026-01-09"), bills("2026-01", "2026-01-14")]
    with nothing_stays(), taken_back():
        service = own_copy("ct-e1", CATALOG.values)
        watched = Watched("ct-e1", service, "transfer", datetime.fromisoformat(applied["at"]))
        for event in (applied, accepted, *runs):
            assert watched.play(event)
        contract = watched.player.stage.contract
        assert checks.charged_by_month(contract) == {"2025-11": 2_000, "2026-01": 2_000}
        watched.end()
        months = ("2025-11", "2025-12", "2026-01", "2026-02")
        assert checks.charged_by_month(contract) == dict.fromkeys(months, 2_000)


@pytest.mark.django_db
def test_what_fails_is_the_smallest_life_and_can_be_played_again(monkeypatch):
    def no_invoice(player):
        if checks.billed(player):
            raise checks.FailedError("numbers", "there is an invoice", open=1)

    monkeypatch.setattr(checks, "numbers", no_invoice)
    told, written = think_up("desknets", list(CATALOG.values()), 5).splitlines()
    assert told == "FailedError: there is an invoice"
    (life,) = json.loads(written)
    assert [event["do"] for event in life["given"]["events"]] == ["apply", "accept", "bill"]
    result = run_life(Example.model_validate(life), CATALOG.values)
    assert [mismatch.field for mismatch in result.mismatches] == ["open"]

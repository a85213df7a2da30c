"""A customer who takes an ending back goes on with all that happened meanwhile."""

import pytest

from contracts.rules.examples.example_file import Example
from portal.catalog import read_catalog
from portal.lives.running import run_life

BEGINNING = (
    {
        "at": "2026-10-05T10:00:00+09:00",
        "do": "apply",
        "products": {"line": 2, "recording-16h": 1},
        "wanted_on": "2026-11-01",
    },
    {"at": "2026-10-15T10:00:00+09:00", "do": "accept"},
)
TAKEN_BACK = {"at": "2027-02-20T10:00:00+09:00", "do": "withdraw", "request": "r"}


def asked(kind: str, wanted_on: str, **more: object) -> dict[str, object]:
    at = "2027-01-10T10:00:00+09:00"
    return {"at": at, "do": "request", "name": "r", "kind": kind, "wanted_on": wanted_on, **more}


def ended(on: str, **more: object) -> dict[str, object]:
    told = "2027-01-15T09:00:00+09:00"
    return {"at": told, "do": "end_service", "on": on, "notified_at": told, **more}


def played(*events: dict[str, object], taken_back: bool = True, **expect: object) -> str:
    after = [TAKEN_BACK] if taken_back else []
    given = {"method": "transfer", "events": [*BEGINNING, *events, *after]}
    life = {"id": "x", "service": "ct-e1", "kind": "life", "given": given}
    expected = {"as_of": "2027-08-01", "refused_events": [], **expect}
    result = run_life(Example.model_validate({**life, "expect": expected}), read_catalog)
    return "" if result.passed else str(result)


@pytest.mark.django_db
def test_what_began_on_the_last_day_goes_on():
    asked_at, decided_at = "2027-01-20T10:00:00+09:00", "2027-01-21T10:00:00+09:00"
    more = {"name": "up", "kind": "quantity_up", "product": "line", "quantity": 3, "wanted_on": "2027-03-31"}
    assert not played(
        asked("cancellation", "2027-03-31"),
        {"at": asked_at, "do": "request", **more},
        {"at": decided_at, "do": "decide", "request": "up", "answer": "accept"},
        ends_on=None,
        quantities={"line": 3},
    )


@pytest.mark.django_db
def test_an_option_that_was_given_up_ends_however_many_there_are_until_then():
    more = {"name": "up", "kind": "quantity_up", "product": "recording-16h", "quantity": 3}
    up = {"at": "2027-01-12T10:00:00+09:00", "do": "request", **more, "wanted_on": "2027-03-01"}
    accepted = {"at": "2027-01-13T10:00:00+09:00", "do": "decide", "request": "up", "answer": "accept"}
    drop = asked("drop_option", "2027-04-30", product="recording-16h")
    billed = {"at": "2027-01-14T10:00:00+09:00", "do": "bill", "month": "2027-04"}
    later = {"at": "2027-01-15T10:00:00+09:00", "do": "bill", "month": "2027-05"}
    charged = {"2027-04": 16000, "2027-05": 10000}
    ends = {"charged": charged, "quantities": {"recording-16h": 0}}
    assert not played(drop, up, accepted, billed, later, taken_back=False, **ends)
    assert not played(drop, up, accepted, quantities={"recording-16h": 3})


@pytest.mark.django_db
@pytest.mark.parametrize("wanted_on", ["2027-04-30", "2027-05-31"])
def test_the_service_ends_all_the_same(wanted_on):
    ends = {"ends_on": "2027-04-30", "billed_through_on": "2027-04-30", "state": "ended"}
    assert not played(asked("cancellation", wanted_on), ended("2027-04-30"), **ends)


@pytest.mark.django_db
@pytest.mark.parametrize("wanted_on", ["2027-04-30", "2027-05-31"])
def test_an_option_that_the_provider_ended_ends_all_the_same(wanted_on):
    drop = asked("drop_option", wanted_on, product="recording-16h")
    assert not played(drop, ended("2027-04-30", product="recording-16h"), quantities={"recording-16h": 0})
    assert not played(drop, quantities={"recording-16h": 1})

"""A customer gives something up for the last day of a contract that ends anyway."""

import pytest

from contracts.rules.examples.example_file import Example
from portal.catalog import read_catalog
from portal.lives.running import run_life

PRODUCTS = {"id": 4, "recording": 3, "setup": 1, "sip-phone": 4}
TAKEN_BACK = {"at": "2026-09-20T10:00:00+09:00", "do": "withdraw", "request": "end"}


def request(name: str, at: str, kind: str, wanted_on: str, **more: object) -> dict[str, object]:
    return {"at": at, "do": "request", "name": name, "kind": kind, "wanted_on": wanted_on, **more}


END = request("end", "2026-07-01T10:00:00+09:00", "cancellation", "2026-10-01")
LESS = request(
    "less", "2026-09-04T10:00:00+09:00", "drop_option", "2026-10-01", product="recording", quantity=1
)


def played(*events: dict[str, object], **expect: object) -> str:
    beginning = (
        {
            "at": "2026-05-30T16:59:00+09:00",
            "do": "apply",
            "products": PRODUCTS,
            "wanted_on": "2026-07-08",
        },
        {"at": "2026-06-10T17:00:00+09:00", "do": "accept"},
    )
    given = {"method": "debit", "events": [*beginning, *events]}
    life = {"id": "x", "service": "simpleconnect", "kind": "life", "given": given}
    expected = {"refused_events": [], **expect}
    result = run_life(Example.model_validate({**life, "expect": expected}), read_catalog)
    return "" if result.passed else str(result)


@pytest.mark.django_db
def test_nothing_of_it_begins():
    assert not played(END, LESS, as_of="2026-11-01", state="ended", quantities={"recording": 0})


@pytest.mark.django_db
def test_it_counts_once_the_contract_goes_on():
    so_far = {"as_of": "2026-10-31", "ends_on": None, "quantities": {"recording": 3}}
    assert not played(END, LESS, TAKEN_BACK, **so_far)
    assert not played(
        END, LESS, TAKEN_BACK, **{**so_far, "as_of": "2026-12-15", "quantities": {"recording": 2}}
    )

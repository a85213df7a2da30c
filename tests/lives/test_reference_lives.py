"""Whole lives of contracts come out as a careful clerk would have written them down."""

import pytest

from contracts.rules.examples.example_file import read_examples
from portal.catalog import read_catalog
from portal.lives.running import run_life
from portal.loading import load_service
from tests.reference import reference_file
from tests.scenes import at

CATALOG = {entry.details.slug: entry for entry in read_catalog()}
CORRECTION = "a later run does not correct the month that was invoiced before the decision"
NOT_YET = {
    "ct-e1-life-001": CORRECTION,
    "ct-e1-life-002": CORRECTION,
    "ct-e1-life-021": CORRECTION,
    "desknets-life-003": CORRECTION,
    "partner-cloud-e-life-002": "debts that an end makes due at once bear interest from their old due day",
    "partner-cloud-e-life-005": CORRECTION,
    "progoffice-life-010": "debts do not pass with a succession",
    "progoffice-life-013": CORRECTION,
    "simpleconnect-life-006": CORRECTION,
    "simpleconnect-life-013": CORRECTION,
}
"""The lives that do not come out yet, each with its cause."""


@pytest.mark.django_db
@pytest.mark.reference
@pytest.mark.parametrize("slug", CATALOG)
def test_every_life_of_a_service_comes_out_but_for_those_that_are_named(slug):
    load_service(CATALOG[slug], at("2015-01-01"))
    results = [
        run_life(example, lambda: ()) for example in read_examples(reference_file(f"lives/{slug}.json"))
    ]
    failed = {result.example.id: str(result) for result in results if not result.passed}
    not_yet = {name for name in NOT_YET if name.startswith(f"{slug}-")}
    assert {name: said for name, said in failed.items() if name not in not_yet} == {}
    assert not_yet - failed.keys() == set(), "these come out by now: take them off the list"

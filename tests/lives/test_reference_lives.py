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
BY_PRODUCT = "the minimum term is not counted by product"
UNPAID = "a ground that the ledger knows is not checked against it"
NOT_YET = {
    "ct-e1-life-001": CORRECTION,
    "ct-e1-life-002": CORRECTION,
    "ct-e1-life-008": "two requests together end the last base product",
    "ct-e1-life-009": "number issue fees do not come with numbers",
    "ct-e1-life-014": "a price list dated within a month raises the fee of that month",
    "ct-e1-life-015": "the provider can't terminate for a later day",
    "ct-e1-life-019": "a transfer of business counts as a succession",
    "ct-e1-life-021": CORRECTION,
    "desknets-life-003": CORRECTION,
    "partner-cloud-e-life-002": "debts that an end makes due at once bear interest from their old due day",
    "partner-cloud-e-life-003": BY_PRODUCT,
    "partner-cloud-e-life-005": CORRECTION,
    "partner-cloud-e-life-012": "a transfer can't be asked for beforehand",
    "partner-cloud-e-life-015": BY_PRODUCT,
    "progoffice-life-005": "the minimum term is not counted by the fees as they are at the end",
    "progoffice-life-010": "debts do not pass with a succession",
    "progoffice-life-013": CORRECTION,
    "simpleconnect-life-004": UNPAID,
    "simpleconnect-life-006": CORRECTION,
    "simpleconnect-life-008": "a suspension without an end is not named once its debt is paid",
    "simpleconnect-life-009": UNPAID,
    "simpleconnect-life-010": "the initial fee of a contract that ends early is not charged",
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

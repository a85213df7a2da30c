"""Whole lives of contracts come out as a careful clerk would have written them down."""

import pytest

from contracts.rules.examples.example_file import read_examples
from portal.catalog import read_catalog
from portal.lives.running import run_life
from portal.loading import load_service
from tests.reference import reference_file
from tests.scenes import at

CATALOG = {entry.details.slug: entry for entry in read_catalog()}


@pytest.mark.django_db
@pytest.mark.reference
@pytest.mark.parametrize("slug", CATALOG)
def test_every_life_of_a_service_comes_out(slug):
    load_service(CATALOG[slug], at("2015-01-01"))
    results = [
        run_life(example, lambda: ()) for example in read_examples(reference_file(f"lives/{slug}.json"))
    ]
    assert [str(result) for result in results if not result.passed] == []

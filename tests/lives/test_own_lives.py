"""The lives that the catalog brings along come out."""

import pytest

from contracts.rules.examples.example_file import read_examples
from portal.catalog import CATALOG, read_catalog
from portal.lives.running import run_life
from portal.loading import load_service
from tests.scenes import at

ENTRIES = {entry.details.slug: entry for entry in read_catalog()}
OWN = sorted(file.parent.name for file in CATALOG.glob("*/lives.json"))


@pytest.mark.django_db
@pytest.mark.parametrize("slug", OWN)
def test_every_life_of_the_catalog_comes_out(slug):
    load_service(ENTRIES[slug], at("2015-01-01"))
    results = [run_life(life, lambda: ()) for life in read_examples(CATALOG / slug / "lives.json")]
    assert len(results) >= 10
    assert [str(result) for result in results if not result.passed] == []

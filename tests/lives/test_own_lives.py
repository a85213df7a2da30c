"""The lives that services ship come out as they are written."""

import pytest

from contracts.rules.examples.example_file import read_examples
from portal.catalog import CATALOG, read_catalog
from portal.lives.running import run_life
from portal.loading import load_service
from tests.scenes import at

SERVICES = {entry.details.slug: entry for entry in read_catalog()}
SHIPPED = sorted(file.parent.name for file in CATALOG.glob("*/lives.json"))


@pytest.mark.django_db
@pytest.mark.parametrize("slug", SHIPPED)
def test_every_shipped_life_of_a_service_comes_out(slug):
    load_service(SERVICES[slug], at("2015-01-01"))
    lives = read_examples(CATALOG / slug / "lives.json")
    results = [run_life(life, lambda: ()) for life in lives]
    assert len(results) >= 10
    assert [str(result) for result in results if not result.passed] == []

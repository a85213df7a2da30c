"""Lives that a machine thinks up come out as a clerk works them out."""

import pytest
from django.db import connection

from portal.catalog import read_catalog
from tests.lives.machine.machine import think_up
from tests.properties import examples

CATALOG = {entry.details.slug: entry for entry in read_catalog()}
ON_SQLITE, ELSEWHERE = 40, 10


@pytest.mark.django_db
@pytest.mark.parametrize("slug", CATALOG)
def test_whatever_happens_a_contract_stays_right(slug):
    lives = examples(ON_SQLITE if connection.vendor == "sqlite" else ELSEWHERE)
    assert think_up(slug, list(CATALOG.values()), lives) == ""

"""Tests that are marked `production` say what they need where it is missing, instead of being passed over."""

import os

import pytest

NEEDED = ("DATABASE_URL", "POSTGRES_CONTROL", "BROKER_URL")
START = 'scripts/with_postgres.sh scripts/with_broker.sh .venv/bin/pytest -m "not browser" tests/faults'


def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = [name for name in NEEDED if name not in os.environ]
    if item.get_closest_marker("production") and missing:
        pytest.fail(
            f"{', '.join(missing)} not set: this test needs PostgreSQL and RabbitMQ. Run it by: {START}",
            pytrace=False,
        )

"""How long tests wait for other processes."""

from itertools import count

import pytest

from tests.faults import waiting


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    for name in ("PATIENCE", "LOOK", "SECOND"):
        monkeypatch.setattr(waiting, name, 0)


def test_waiting_goes_on_as_long_as_something_moves():
    steps, looks = count(), count()
    waiting.wait_for(lambda: next(looks) == 50, progress=lambda: next(steps))
    assert next(looks) == 51


def test_waiting_ends_when_nothing_moves_and_says_what_stands_still():
    with pytest.raises(pytest.fail.Exception, match="twelve invoices"):
        waiting.wait_for(lambda: False, progress=lambda: "twelve invoices")

"""The table of the search, kept by all operations that the demonstration calls."""

from io import StringIO

import pytest
from django.core.management import call_command

from portal.organisations.models import User
from portal.search.indexing import differences


@pytest.fixture
def staff_work_for_every_provider() -> None:
    """The demonstration says itself who works for whom."""


@pytest.mark.thorough
def test_it_forgets_nothing(db, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    call_command("load_services", stdout=StringIO())
    call_command("demo", stdout=StringIO())
    assert User.objects.exists()
    assert differences() == []

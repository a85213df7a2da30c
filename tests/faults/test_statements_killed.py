"""A worker that is killed while it draws a statement of account, and another that takes it up."""

import signal

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from billing.models import StatementOfAccount
from billing.runs.bill import bill
from billing.statements.asking import ask_for_statement
from billing.tasks import look_for_work
from portal.kept_files import read_checked
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.faults.month_scene import ended, start

DYING = """
import django
django.setup()
from billing.statements import drawing
from tests.faults.bill_and_die import deadly, kill_this

drawing.{place} = deadly(drawing.{place}, 1, after={after}, kill=kill_this)
drawing.draw_statement({pk}, "dying")
"""


@pytest.fixture
def asked(transactional_db, organisation, user) -> StatementOfAccount:
    service = load_priced_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return ask_for_statement(service.provider, organisation, OCTOBER.first, OCTOBER.last, user)


@pytest.mark.parametrize(("place", "after"), [("render_statement", False), ("store", True)])
def test_a_statement_whose_worker_is_killed_is_taken_up_by_another(asked, place, after):
    dying = start("-c", DYING.format(place=place, after=after, pk=asked.pk))
    assert ended(dying) == -signal.SIGKILL
    asked.refresh_from_db()
    assert (asked.state, asked.pdf.name) == (StatementOfAccount.State.BEING_DRAWN, "")
    look_for_work()
    asked.refresh_from_db()
    assert asked.drawn_at is None, "its lease goes on for a minute"

    StatementOfAccount.objects.update(leased_until=timezone.now())
    look_for_work()
    asked.refresh_from_db()
    assert read_checked(asked.pdf.name, asked.pdf_hash).startswith(b"%PDF")
    assert len(default_storage.listdir("statements/CD")[1]) == 1

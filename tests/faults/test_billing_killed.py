"""A billing run that is killed, wherever it is, and started again; and two that run at once.

Processes of their own work on the test database, with real commits, on whichever database the tests run.
"""

import signal
import subprocess

import pytest

from billing.models import Invoice
from tests.faults import bill_and_die
from tests.faults.bill_and_die import (
    ANSWERABLE,
    BEFORE_COMMIT,
    BEFORE_NAMING,
    BEFORE_PDFS,
    DRAWERS_LOST,
    SLOWLY,
    WHILE_WRITING,
)
from tests.faults.month_scene import MONTH, assert_complete, ended, start
from tests.faults.waiting import output_of, wait_for


def bill_dying(point: str, nth: int, workers: int = 1) -> subprocess.Popen[str]:
    return start("-m", bill_and_die.__name__, point, str(nth), MONTH, str(workers))


def bill() -> subprocess.Popen[str]:
    answers = ("--by", ANSWERABLE, "--reason", "a test")
    return start("manage.py", "bill", MONTH, "--issued-on", "2026-11-10", *answers)


@pytest.mark.parametrize(
    ("point", "nth", "left_behind"),
    [
        # A chunk's audit entry is the last that its transaction writes.
        (BEFORE_COMMIT, 2, bill_and_die.CHUNK),
        # The first call looks for what earlier runs left: the third follows the second chunk's commit.
        (BEFORE_PDFS, 3, 2 * bill_and_die.CHUNK),
        (WHILE_WRITING, 3, bill_and_die.CHUNK),
        (BEFORE_NAMING, 7, 2 * bill_and_die.CHUNK),
    ],
)
def test_a_killed_run_goes_on_where_it_stopped(scene, point, nth, left_behind):
    assert ended(bill_dying(point, nth)) == -signal.SIGKILL
    assert Invoice.objects.count() == left_behind
    assert Invoice.objects.filter(pdf="").exists() or point == BEFORE_COMMIT
    numbers = dict(Invoice.objects.values_list("contract__number", "number"))

    assert ended(bill()) == 0

    assert_complete()
    assert numbers.items() <= dict(Invoice.objects.values_list("contract__number", "number")).items()


def test_a_run_killed_from_outside_goes_on(scene):
    process = bill_dying(SLOWLY, 0)
    wait_for(lambda: Invoice.objects.exclude(pdf="").count() >= 3)
    process.kill()
    assert ended(process) == -signal.SIGKILL
    assert Invoice.objects.filter(pdf="").exists()

    assert ended(bill()) == 0

    assert_complete()


def test_two_that_start_at_once_share_the_work(scene):
    first, second = bill_dying(BEFORE_PDFS, 0), bill_dying(BEFORE_PDFS, 0)
    assert (ended(first), ended(second)) == (0, 0)
    assert_complete()


def test_one_goes_on_while_another_is_killed(scene):
    dying, living = bill_dying(BEFORE_COMMIT, 2), bill_dying(BEFORE_COMMIT, 0)
    ended(dying)
    assert ended(living) == 0
    assert_complete()


def test_a_run_whose_drawing_processes_are_lost_draws_by_itself(scene):
    process = bill_dying(DRAWERS_LOST, 2, workers=2)
    output = output_of(process)
    assert process.returncode == 0, output
    assert "A process that drew invoices was lost" in output
    assert_complete()


def test_the_drawing_processes_of_a_killed_run_end_with_it(scene):
    process = bill_dying(BEFORE_NAMING, 2, workers=2)
    # Its output stays open as long as a process that it started lives.
    assert ended(process) == -signal.SIGKILL

    assert ended(bill()) == 0

    assert_complete()

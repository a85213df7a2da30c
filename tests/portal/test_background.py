"""What the workers' clock rings for."""

from datetime import date

import pytest
import time_machine

from contracts import tasks
from portal.celery import app


def test_the_clock_rings_for_tasks_that_exist(settings):
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= app.tasks.keys()


@pytest.mark.parametrize("moment", ["2026-11-21T21:10:00Z", "2026-11-22T02:05:00Z"])
def test_the_day_of_the_reminders_is_that_in_japan(db, moment, monkeypatch):
    days: list[date] = []
    monkeypatch.setattr(tasks, "run_day", days.append)
    with time_machine.travel(moment, tick=False):
        tasks.run_today()
    assert days == [date(2026, 11, 22)]

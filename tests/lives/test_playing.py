"""The lives of a service are played for a draft in a process, and a database, of their own."""

import os
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from contracts.models import LivesRun, TermsVersion
from contracts.publishing.lives import State, check_lives, play_lives
from contracts.publishing.lives_in_words import differences
from portal.limits import processes
from portal.lives import playing
from portal.lives.package import digest
from tests.billing_scene import load_priced_service
from tests.lives_scene import BEFORE, BEYOND, give_lives, next_draft
from tests.scenes import staff_member

RATE = ('percent_a_year = "14.6"', 'percent_a_year = "3"')


@pytest.fixture
def draft(db) -> TermsVersion:
    service = load_priced_service("desknets")
    give_lives(service)
    return next_draft(service, RATE)


@pytest.fixture
def run(draft) -> LivesRun:
    return play_lives(draft, staff_member(), timezone.now())


def steps_of(code: str, monkeypatch, longest: float = 60.0) -> list[dict]:
    monkeypatch.setattr(playing, "LONGEST", longest)
    return list(playing._steps("{}", (sys.executable, "-c", code)))


def test_lives_are_played_by_the_terms_in_force_and_by_the_draft(draft, run):
    before = timezone.now()
    playing.play(run.pk, "this worker")
    run.refresh_from_db()
    check = check_lives(draft)
    assert (run.trouble, run.done, run.worker) == ("", 4, "")
    assert (check.state, check.count, check.unchanged) == (State.PLAYED, 2, 1)
    (life,) = check.open
    assert (life.name, life.crosses, life.becomes["interest"]) == (BEYOND, True, 12)
    (said,) = differences(life)
    assert (said.old, said.new) == ("59円", "12円")
    assert BEFORE not in [one.name for one in check.lives]
    assert TermsVersion.objects.get(pk=draft.pk).published_at is None
    assert before <= timezone.now()


def test_a_run_that_somebody_plays_is_left_to_them(run, monkeypatch):
    monkeypatch.setattr(playing, "_steps", lambda package: (step for step in ()))
    LivesRun.objects.update(worker="other", leased_until=timezone.now() + timedelta(minutes=1))
    playing.play(run.pk, "this worker")
    run.refresh_from_db()
    assert (run.worker, run.trouble) == ("other", "")


def test_a_run_that_was_asked_for_anew_is_not_written_to(draft, run, monkeypatch):
    def steps(package):
        yield {"done": 1}
        play_lives(draft, staff_member(), timezone.now())
        yield {"done": 2}
        raise AssertionError("it should have stopped")

    monkeypatch.setattr(playing, "_steps", steps)
    playing.play(run.pk, "this worker")
    run.refresh_from_db()
    assert (run.done, run.trouble, run.worker) == (0, "", "")


def test_steps_are_stored_as_they_are_taken(run, monkeypatch):
    seen = []

    def steps(package):
        for done in range(1, 5):
            yield {"done": done}
            seen.append(LivesRun.objects.get(pk=run.pk).done)

    monkeypatch.setattr(playing, "_steps", steps)
    playing.play(run.pk, "this worker")
    assert seen == [1, 2, 3, 4]
    assert LivesRun.objects.get(pk=run.pk).finished_at


def test_a_process_that_fails_is_told_with_what_it_said_last(monkeypatch):
    with pytest.raises(playing.PlayingStoppedError, match="KeyError: 'rows'"):
        steps_of("{}['rows']", monkeypatch)


def test_a_process_that_takes_too_long_is_ended(monkeypatch):
    with pytest.raises(playing.PlayingStoppedError, match="-9"):
        steps_of("import time; time.sleep(60)", monkeypatch, longest=0.3)


def test_what_stops_the_lives_is_kept_with_the_run(run, monkeypatch):
    monkeypatch.setattr(playing, "_steps", lambda package: (step for step in [{"done": 1}]))
    playing.play(run.pk, "this worker")
    run.refresh_from_db()
    assert run.trouble == "PlayingStoppedError: only 1 of 4 steps were taken"
    assert run.finished_at is None
    assert not playing.runs_to_play().exists()


def test_the_process_is_told_no_secret_and_no_address_of_the_database(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody:secret@host/portal")
    monkeypatch.setenv("SECRET_KEY", "secret")
    passed_on = playing._environment(tmp_path)
    assert "secret" not in " ".join(passed_on.values())
    assert passed_on["DATABASE_URL"] == f"sqlite:///{tmp_path / 'db.sqlite3'}"
    assert set(passed_on) <= {*processes._PASSED_ON, "PORTAL_VAR", "DATABASE_URL"}
    assert os.environ["PATH"] == passed_on["PATH"]


def test_the_same_draft_has_the_same_digest_and_another_another(draft):
    assert digest(draft) == digest(TermsVersion.objects.get(pk=draft.pk))
    draft.text += "\n"
    assert digest(draft) != digest(TermsVersion.objects.get(pk=draft.pk))

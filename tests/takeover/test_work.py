"""Workers that check and bring in: chunk by chunk, after a kill, and beside one another."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contracts.approvals.takeovers import TAKEOVER, TakeoverData
from contracts.models import Contract, Takeover, TakeoverRow
from contracts.takeover import work
from contracts.takeover.staging import stage
from contracts.takeover.work import carry_on, to_work_on
from portal.approvals.decide import approve, put_forward
from tests.takeover_scene import CT_E1, LINES, book, staged


def _many(count):
    numbers = [f"K-{place}" for place in range(count)]
    return {
        "契約": [{**CT_E1, "旧契約番号": number} for number in numbers],
        "品目": [{**LINES, "旧契約番号": number} for number in numbers],
    }


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(work, "CHUNK", 2)


def _killed_at(monkeypatch, number):
    """The process is gone while it brings that contract in."""
    bring = work.brought_in

    def lost(row, known, at):
        if row.old_number == number:
            raise KeyboardInterrupt
        return bring(row, known, at)

    monkeypatch.setattr(work, "brought_in", lost)
    return lambda: monkeypatch.setattr(work, "brought_in", bring)


def _lease_runs_out():
    Takeover.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_a_check_that_was_killed_goes_on_where_it_was(ct_e1, first, small_chunks, monkeypatch):
    takeover = stage(ct_e1.provider, [("a.xlsx", book(_many(5)))], first, timezone.now())
    revive = _killed_at(monkeypatch, "K-3")
    with pytest.raises(KeyboardInterrupt):
        carry_on(takeover.pk, "lost")
    assert TakeoverRow.objects.filter(verdict="new").count() == 2
    revive()
    carry_on(takeover.pk, "too early")
    assert Takeover.objects.get().state == Takeover.State.CHECKING
    _lease_runs_out()
    carry_on(takeover.pk, "next")
    assert TakeoverRow.objects.filter(verdict="new").count() == 5
    assert Takeover.objects.get().state == Takeover.State.CHECKED
    assert not Contract.everything.exists()


@pytest.mark.django_db
def test_what_was_brought_in_before_a_kill_is_not_brought_twice(
    ct_e1, first, second, small_chunks, monkeypatch
):
    takeover = staged(_many(5), ct_e1.provider, first)
    proposal = put_forward(TAKEOVER, TakeoverData(takeover=takeover.pk), first, timezone.now())
    approve(proposal, second, proposal.digest, timezone.now())
    revive = _killed_at(monkeypatch, "K-3")
    with pytest.raises(KeyboardInterrupt):
        carry_on(takeover.pk, "lost")
    assert Contract.objects.count() == 2
    revive()
    _lease_runs_out()
    assert list(to_work_on()) == [takeover]
    carry_on(takeover.pk, "next")
    assert Contract.objects.count() == 5
    assert Takeover.objects.get().state == Takeover.State.DONE
    carry_on(takeover.pk, "again")
    assert Contract.objects.count() == 5


@pytest.mark.django_db
def test_what_no_longer_fits_when_it_is_brought_in_is_left_out_and_said(ct_e1, first, second):
    takeover = staged(_many(2), ct_e1.provider, first)
    twin = staged({"契約": [CT_E1 | {"旧契約番号": "K-1"}], "品目": [LINES]}, ct_e1.provider, first)
    for one in (twin, takeover):
        proposal = put_forward(TAKEOVER, TakeoverData(takeover=one.pk), first, timezone.now())
        approve(proposal, second, proposal.digest, timezone.now())
    carry_on(twin.pk, "a worker")
    carry_on(takeover.pk, "a worker")
    assert Contract.objects.count() == 2
    assert TakeoverRow.objects.get(takeover=takeover, old_number="K-1").verdict == "known"

"""What files of old systems stated goes when its time is over; numbers and contracts stay."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from contracts.models import Contract, Takeover, TakeoverRow
from contracts.takeover.keeping import KIND, erase_old_lines
from contracts.takeover.staging import discard
from portal.audit.models import AuditEntry
from portal.data_protection.tasks import remove_what_is_over
from portal.retention.models import RetentionPeriod, days_kept
from tests.takeover_scene import LINES, confirmed, one, row_of, staged

STATED = {"旧契約番号": "K-1", "項目": "契約担当者", "内容": "山田花子"}
FILE = one(届出事項=[STATED])


def _after(days: int):
    return timezone.now() + timedelta(days=days)


def _stated(takeover: Takeover) -> str:
    """All that the rows, and the file itself, still say."""
    rows = TakeoverRow.objects.filter(takeover=takeover)
    found = rows.values_list("lines", "problems", "remarks", "changes", "foreseen")
    return "".join(str(value) for row in found for value in row if value) + str(takeover.loose or "")


@pytest.mark.django_db
def test_what_was_let_be_goes_after_its_time(ct_e1, first):
    takeover = staged(
        one(品目=[LINES, {**LINES, "旧契約番号": "K-9"}], 届出事項=[STATED]), ct_e1.provider, first
    )
    discard(takeover, first)
    kept = days_kept(ct_e1.provider.code, KIND)
    assert erase_old_lines(_after(kept)) == 0
    assert "山田花子" in _stated(takeover) and "no_contract" in _stated(takeover)
    assert erase_old_lines(_after(kept + 1)) == 1
    takeover.refresh_from_db()
    assert _stated(takeover) == ""
    assert row_of(takeover).old_number == "K-1"
    told = AuditEntry.objects.get(action="takeover.erased")
    assert told.data["contracts"] == 1
    assert erase_old_lines(_after(kept + 2)) == 0


@pytest.mark.django_db
def test_contracts_stay_and_the_same_file_is_known_again(ct_e1, first, second):
    takeover = confirmed(staged(FILE, ct_e1.provider, first), first, second)
    before = Contract.objects.values().get()
    assert erase_old_lines(_after(91)) == 1
    takeover.refresh_from_db()
    assert (takeover.state, _stated(takeover)) == (Takeover.State.DONE, "")
    assert Contract.objects.values().get() == before
    assert row_of(staged(FILE, ct_e1.provider, first)).verdict == "known"
    other = one({"最低利用期間満了日": "2025-03-31"}, 届出事項=[STATED])
    assert (row_of(staged(other, ct_e1.provider, first)).verdict) == "changed"


@pytest.mark.django_db
def test_what_nobody_confirmed_is_let_be(ct_e1, first, second):
    takeover = staged(FILE, ct_e1.provider, first)
    assert erase_old_lines(_after(91)) == 1
    takeover.refresh_from_db()
    assert (takeover.state, _stated(takeover)) == (Takeover.State.DISCARDED, "")
    with pytest.raises(ValidationError, match="すでに処理"):
        confirmed(takeover, first, second)


@pytest.mark.django_db
def test_each_provider_sets_its_time_and_each_day_looks(ct_e1, first, second, signed_in):
    takeover = staged(FILE, ct_e1.provider, first)
    RetentionPeriod.objects.create(
        provider=ct_e1.provider.code, kind=KIND, days=1, reason="x", set_by=second, set_at=timezone.now()
    )
    Takeover.objects.update(brought_at=_after(-2))
    remove_what_is_over()
    takeover.refresh_from_db()
    assert takeover.erased_at is not None
    page = signed_in(first).get(reverse("admin:contracts_takeover_change", args=[takeover.pk]))
    assert "記載内容の消去日時" in page.content.decode()
    assert "山田花子" not in page.content.decode()

"""How long something is kept: the law's part is no choice, the provider's is, and shorter takes two."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from contracts.applications.drafts import remove_old_drafts, save_draft
from contracts.models import ApplicationDraft
from portal.approvals.decide import put_forward
from portal.audit.models import AuditEntry
from portal.data_protection.proposed import PERIOD, PeriodData
from portal.retention.kinds import books_kept_until
from portal.retention.models import days_kept
from portal.retention.periods import set_period
from tests import scenes
from tests.approving import approve_it

NOW = scenes.at("2026-11-20 10:00")


@pytest.mark.parametrize(
    ("issued", "starts_in", "until"),
    [
        # The year ends on 2027-03-31, its books are closed by 2027-05-31.
        ("2026-11-30", 4, "2037-05-31"),
        ("2027-03-31", 4, "2037-05-31"),
        ("2027-04-01", 4, "2038-05-31"),
        ("2026-05-01", 1, "2037-02-28"),
        ("2026-05-01", 12, "2037-01-31"),
    ],
)
def test_books_are_kept_ten_years_from_their_closing(issued, starts_in, until):
    assert books_kept_until(scenes.day(issued), starts_in) == scenes.day(until)


def test_what_nobody_set_is_kept_for_the_usual_time(ct_e1):
    assert days_kept(ct_e1.provider.code, "drafts") == 180


def test_longer_is_decided_by_one_and_told(ct_e1, manager):
    set_period(ct_e1.provider.code, "drafts", 200, "ご要望により", manager, NOW)
    assert days_kept(ct_e1.provider.code, "drafts") == 200
    told = AuditEntry.objects.get(action="retention.period_set")
    assert (told.data["before"], told.data["days"]) == ({"days": 180}, 200)
    assert told.personal == {"reason": "ご要望により"}


def test_shorter_takes_a_second_person(ct_e1, manager, second):
    code = ct_e1.provider.code
    with pytest.raises(ValidationError) as refusal:
        set_period(code, "drafts", 30, "早く消すため", manager, NOW)
    assert refusal.value.code == "second_person"
    wanted = PeriodData(provider=code, kind="drafts", days=30, reason="早く消すため")
    proposal = put_forward(PERIOD, wanted, manager, timezone.now())
    assert (proposal.lines[0]["before"], proposal.lines[0]["after"]) == ("180日", "30日")
    assert days_kept(code, "drafts") == 180
    approve_it(second)
    assert days_kept(code, "drafts") == 30


@pytest.mark.parametrize(
    ("kind", "days", "field"),
    [("books", 30, "kind"), ("mails", 30, "kind"), ("drafts", 0, "days"), ("drafts", 180, "days")],
)
def test_what_is_not_to_be_set_is_refused(ct_e1, manager, kind, days, field):
    with pytest.raises(ValidationError) as refusal:
        set_period(ct_e1.provider.code, kind, days, "理由", manager, NOW)
    assert field in refusal.value.error_dict
    assert not AuditEntry.objects.filter(action="retention.period_set").exists()


def test_drafts_go_when_their_providers_time_is_over(ct_e1, hanako, yamada, manager):
    save_draft(yamada, ct_e1, hanako, {"line": "2"}, scenes.at("2026-05-20"))
    draft = ApplicationDraft.objects.get()
    assert draft.kept_until == scenes.day("2026-11-16")
    set_period(ct_e1.provider.code, "drafts", 365, "ご要望により", manager, NOW)
    assert draft.kept_until == scenes.day("2027-05-20")
    assert remove_old_drafts(NOW) == 0
    assert remove_old_drafts(scenes.at("2027-05-21")) == 1

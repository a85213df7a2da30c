"""The page on which staff have lives played for a draft, see what comes out otherwise, and accept it."""

import pytest
from django.urls import reverse

from contracts.models import AcceptedOutcome, LivesRun
from portal.organisations.roles import StaffRole
from tests.billing_scene import load_priced_service
from tests.lives_scene import BEFORE, BEYOND, come_out, give_lives, have_played, next_draft

RATE = ('percent_a_year = "14.6"', 'percent_a_year = "3"')


@pytest.fixture
def draft(db):
    service = load_priced_service("desknets")
    give_lives(service)
    return next_draft(service, RATE)


@pytest.fixture
def as_terms(staff, signed_in):
    return signed_in(staff(StaffRole.TERMS))


@pytest.fixture
def page(draft) -> str:
    return reverse("admin:contracts_termsversion_lives", args=[draft.pk])


def publish_page(client, draft) -> str:
    return client.get(reverse("admin:contracts_termsversion_publish", args=[draft.pk])).content.decode()


def test_the_lives_are_played_and_the_page_tells_how_far(as_terms, draft, page):
    assert "まだ再生していません" in publish_page(as_terms, draft)
    assert as_terms.post(page).status_code == 302
    LivesRun.objects.update(done=3)
    shown = as_terms.get(page).content.decode()
    assert "3 / 4" in shown
    assert "every 2s" in shown
    asked = as_terms.get(page, {"progress": ""})
    assert "HX-Refresh" not in asked.headers
    said = publish_page(as_terms, draft)
    assert "再生しています (3 / 4)" in said
    assert "承認を依頼する" not in said
    have_played(draft)
    assert as_terms.get(page, {"progress": ""}).headers["HX-Refresh"] == "true"
    assert "承認を依頼する" in publish_page(as_terms, draft)


def test_both_outcomes_stand_side_by_side_and_are_accepted_with_a_reason(as_terms, draft, page):
    have_played(draft, come_out(BEYOND, "interest", 59, 12))
    shown = as_terms.get(page)
    text = shown.content.decode()
    assert "59円" in text
    assert "12円" in text
    assert "見本条件第9項" in text
    assert "承認を依頼する" not in publish_page(as_terms, draft)
    (waiting,) = shown.context["open"]
    asked = {"life": BEYOND, "seen": waiting["life"].digest}
    refused = as_terms.post(page, {**asked, "reason": " "})
    assert refused.status_code == 200
    assert refused.context["open"][0]["form"].errors["reason"]
    assert not AcceptedOutcome.objects.exists()
    assert as_terms.post(page, {**asked, "reason": "年3％に下げるため"}).status_code == 302
    after = as_terms.get(page).content.decode()
    assert "年3％に下げるため" in after
    assert "承認を依頼する" in publish_page(as_terms, draft)


def test_an_outcome_that_changed_meanwhile_is_not_accepted(as_terms, draft, page):
    have_played(draft, come_out(BEYOND, "interest", 59, 12))
    refused = as_terms.post(page, {"life": BEYOND, "seen": "0" * 64, "reason": "理由"})
    assert "その結果はもうありません" in refused.content.decode()
    assert not AcceptedOutcome.objects.exists()


def test_lives_that_end_before_the_version_can_only_be_put_right(as_terms, draft, page):
    have_played(draft, come_out(BEFORE, "charged", {"2026-11": 9000}, {"2026-11": 9001}))
    shown = as_terms.get(page).content.decode()
    assert "施行前に終わるのに、結果が変わる例" in shown
    assert "2026年11月" in shown
    assert "新しい結果を認める" not in shown
    assert BEFORE in publish_page(as_terms, draft)


def test_a_failure_is_shown_and_a_draft_that_can_not_be_published_is_not_played(as_terms, draft, page):
    run = have_played(draft)
    run.finished_at, run.trouble = None, "PlayingStoppedError: MemoryError"
    run.save()
    assert "MemoryError" in as_terms.get(page).content.decode()
    assert as_terms.post(page).status_code == 302
    draft.policy_source = draft.policy_source.replace("2027-01-01", "2001-01-01")
    draft.content_hash = draft.content_digest()
    draft.save()
    said = as_terms.post(page)
    assert said.status_code == 200
    assert "effective.on" in said.content.decode()

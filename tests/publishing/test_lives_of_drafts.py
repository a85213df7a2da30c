"""Before a draft is published the lives of its service are played by it, and what they become is accepted."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from billing.pricing.price_lists import publish_price_list
from contracts.approvals.publication import PUBLICATION, PublicationData
from contracts.models import AcceptedOutcome, ExampleLife, TermsVersion
from contracts.publishing.drafts import delete_draft, edit_draft_text
from contracts.publishing.lives import State, accept_outcome, check_lives, play_lives, take_lives
from portal.approvals.decide import approve, put_forward
from portal.audit.models import AuditEntry
from portal.lives import tasks
from portal.organisations.roles import StaffRole
from tests.approving import approved
from tests.billing_scene import load_priced_service, make_contract, price_list_source
from tests.lives_scene import BEFORE, BEYOND, come_out, give_lives, have_played, life, next_draft

RATE = ('percent_a_year = "14.6"', 'percent_a_year = "3"')
LESS = come_out(BEYOND, "interest", 59, 12)
NOW = timezone.now


@pytest.fixture
def service(db):
    service = load_priced_service("desknets")
    give_lives(service)
    return service


@pytest.fixture
def draft(service) -> TermsVersion:
    return next_draft(service, RATE)


@pytest.fixture
def editor(make_staff):
    return make_staff("terms@provider.example", StaffRole.TERMS)


@pytest.fixture
def manager(make_staff):
    return make_staff("boss@provider.example", StaffRole.MANAGER)


def publish(draft: TermsVersion, staff):
    draft.refresh_from_db()
    wanted = PublicationData(draft=draft.pk, content_hash=draft.content_hash)
    return put_forward(PUBLICATION, wanted, staff, NOW())


def refused(draft: TermsVersion, staff) -> str:
    with pytest.raises(ValidationError) as excinfo:
        publish(draft, staff)
    assert TermsVersion.objects.get(pk=draft.pk).published_at is None
    return " ".join(excinfo.value.messages)


def accept(draft: TermsVersion, staff, reason: str = "The new rate") -> AcceptedOutcome:
    (waiting,) = check_lives(draft).open
    return accept_outcome(draft, waiting.name, reason, staff, NOW(), seen=waiting.digest)


def test_a_draft_whose_lives_are_not_played_is_not_published(draft, manager):
    assert check_lives(draft).state == State.NOT_PLAYED
    assert "先に例を再生してください" in refused(draft, manager)


def test_playing_is_asked_for_and_waits_for_a_worker(
    draft, manager, monkeypatch, django_capture_on_commit_callbacks
):
    told = []
    monkeypatch.setattr(tasks, "tell", lambda task, pk, **options: told.append(pk))
    with django_capture_on_commit_callbacks(execute=True):
        run = play_lives(draft, manager, NOW())
    check = check_lives(draft)
    assert (check.state, check.run, run.of, told) == (State.UNDER_WAY, run, 4, [run.pk])
    assert "先に例を再生してください" in refused(draft, manager)


def test_lives_that_come_out_as_before_stand_in_no_way(draft, manager):
    have_played(draft)
    publish(draft, manager)
    draft.refresh_from_db()
    assert draft.published_at


def test_what_was_played_by_something_else_does_not_count(draft, service, manager):
    have_played(draft)
    text = draft.text.replace("当社", "弊社", 1)
    draft = edit_draft_text(draft, text, seen_hash=draft.content_hash, staff=None)
    assert check_lives(draft).state == State.OUTDATED
    have_played(draft)
    later = price_list_source("desknets").replace("2020-07-01", "2027-02-01")
    publish_price_list(service, later, approval=approved("price_list"))
    assert check_lives(draft).state == State.OUTDATED
    have_played(draft)
    give_lives(service)
    assert check_lives(draft).state == State.PLAYED
    take_lives(service.pk, {BEYOND: life(BEYOND, as_of="2027-01-21", open=9900)})
    assert "先に例を再生してください" in refused(draft, manager)


def test_a_life_that_ends_before_the_version_must_not_change(draft, manager):
    have_played(draft, come_out(BEFORE, "open", 9900, 9901))
    (life,) = check_lives(draft).too_early
    said = refused(draft, manager)
    assert BEFORE in said
    assert "open" in said
    with pytest.raises(ValidationError, match="その結果はもうありません"):
        accept_outcome(draft, BEFORE, "why not", manager, NOW(), seen=life.digest)


def test_a_life_that_goes_beyond_has_to_be_accepted_with_a_reason(draft, manager):
    have_played(draft, LESS)
    assert BEYOND in refused(draft, manager)
    with pytest.raises(ValidationError) as excinfo:
        accept(draft, manager, "  ")
    assert "reason" in excinfo.value.error_dict
    accept(draft, manager)
    assert check_lives(draft).problems == []
    publish(draft, manager)
    kept = ExampleLife.objects.get(name=BEYOND)
    assert (kept.source["expect"]["interest"], kept.accepted_for.name) == (12, "next")
    entry = AuditEntry.objects.get(action="terms.outcome_accepted")
    assert (entry.actor_id, entry.data["life"], entry.personal) == (
        manager.pk,
        BEYOND,
        {"reason": "The new rate"},
    )


def test_what_was_accepted_stays_when_the_catalog_is_loaded_again(draft, service, manager):
    have_played(draft, LESS)
    accept(draft, manager)
    publish(draft, manager)
    give_lives(service)
    assert ExampleLife.objects.get(name=BEYOND).source["expect"]["interest"] == 12
    take_lives(service.pk, {})
    assert [life.name for life in ExampleLife.objects.all()] == [BEYOND]


def test_another_outcome_than_the_one_that_was_seen_is_not_accepted(draft, manager):
    have_played(draft, LESS)
    accept(draft, manager)
    have_played(draft, come_out(BEYOND, "interest", 59, 13))
    assert BEYOND in refused(draft, manager)
    have_played(draft, LESS)
    assert check_lives(draft).problems == []


def test_a_life_that_can_not_be_played_is_not_accepted(draft, manager):
    have_played(draft, {**come_out(BEYOND, "", None, "broke"), "becomes": None})
    with pytest.raises(ValidationError, match="その結果はもうありません"):
        accept(draft, manager)


def test_a_failure_is_told_and_the_lives_are_played_anew(draft, manager):
    run = have_played(draft)
    run.finished_at, run.trouble = None, "OSError: no space left"
    run.save()
    assert check_lives(draft).state == State.STOPPED
    assert play_lives(draft, manager, NOW()).trouble == ""
    assert check_lives(draft).state == State.UNDER_WAY


def test_a_draft_that_could_not_be_published_is_not_played(service, manager):
    draft = next_draft(service, effective_on="2001-01-01")
    with pytest.raises(ValidationError):
        play_lives(draft, manager, NOW())


def test_the_second_person_sees_both_outcomes_and_who_accepted_them(
    draft, service, manager, editor, organisation, user
):
    make_contract(service, organisation, user, "C26-000001", {"user": 20})
    have_played(draft, LESS)
    accept(draft, editor)
    proposal = publish(draft, editor)
    assert proposal.waits
    lines = {line["label"]: (line["before"], line["after"]) for line in proposal.lines}
    assert lines["契約の一生の例"] == ("", "2件のうち1件は結果が変わりません")
    assert lines[f"{BEYOND}: 延滞利息"] == ("59円", "12円")
    said = lines[f"{BEYOND}（見本条件第9項）"][1]
    assert "The new rate" in said
    assert str(editor) in said
    approve(proposal, manager, proposal.digest, NOW())
    draft.refresh_from_db()
    assert draft.published_at
    assert ExampleLife.objects.get(name=BEYOND).accepted_for == draft


def test_a_draft_is_deleted_with_what_was_played_and_accepted(draft, manager):
    have_played(draft, LESS)
    accept(draft, manager)
    delete_draft(draft, manager)
    assert not AcceptedOutcome.objects.exists()


def test_where_there_are_no_lives_nothing_is_played(service, manager):
    take_lives(service.pk, {})
    draft = next_draft(service)
    assert check_lives(draft).state == State.NOT_NEEDED
    with pytest.raises(ValidationError, match="再生するものはありません"):
        play_lives(draft, manager, NOW())
    assert publish(draft, manager).outcome

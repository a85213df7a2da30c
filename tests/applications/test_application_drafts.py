"""Drafts of applications: kept at each step, sent once, or discarded."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage

from contracts.applications.drafts import (
    add_draft_document,
    discard_draft,
    draft_of,
    remove_draft_document,
    remove_old_drafts,
    save_draft,
    send_draft,
)
from contracts.models import Application, ApplicationDraft
from portal.audit.models import AuditEntry
from portal.organisations.models import Membership, User
from tests.scenes import application_data, at, day, owner_of, suzuki, yamada

NOW = at("2026-11-20")
PDF = b"%PDF-1.7 a document"
TYPED = {"quantity_id": "2", "payment_method": "transfer"}


@pytest.fixture
def draft(simpleconnect) -> ApplicationDraft:
    return save_draft(yamada(), simpleconnect, owner_of(yamada()), TYPED, NOW)


def data_of(draft, **changed):
    return application_data(draft.service.versions.get(), {"id": 2}, **changed)


def send(draft, **changed) -> Application:
    return send_draft(draft, draft.key, data_of(draft, **changed), NOW, None)


def files() -> list[str]:
    try:
        return default_storage.listdir("documents")[1]
    except FileNotFoundError:
        return []


def test_steps_add_up_and_each_content_has_a_key_of_its_own(draft, simpleconnect):
    person = owner_of(yamada())
    changed = save_draft(yamada(), simpleconnect, person, {"quantity_id": "3", "address": "東京都"}, NOW)

    assert changed.pk == draft.pk
    assert changed.fields == {**TYPED, "quantity_id": "3", "address": "東京都"}
    assert changed.key != draft.key
    again = save_draft(yamada(), simpleconnect, person, {"quantity_id": "3"}, NOW)
    assert again.key == changed.key, "nothing has changed"
    without = save_draft(yamada(), simpleconnect, person, {"quantity_id": None}, NOW)
    assert "quantity_id" not in without.fields


def test_nobody_else_touches_a_draft(draft):
    document = add_draft_document(draft, draft.person, "photo_identity", "a.pdf", PDF, NOW)
    colleague = User.objects.create_user("shiro@yamada.example", None)
    Membership.objects.create(
        user=colleague,
        organisation=draft.organisation,
        role="member",
        handles_contracts=True,
        handles_billing=True,
    )
    left = draft.person
    left.memberships.all().delete()
    for person in (owner_of(suzuki()), colleague, left):
        for act in (
            lambda person=person: discard_draft(draft, person),
            lambda person=person: add_draft_document(draft, person, "", "b.pdf", PDF + b"2", NOW),
            lambda person=person: remove_draft_document(draft, person, document.pk, NOW),
        ):
            with pytest.raises(ValidationError) as refused:
                act()
            assert refused.value.code == "not_acting"
    assert list(draft.documents.values_list("name", flat=True)) == ["a.pdf"]


def test_drafts_are_of_one_person_for_one_organisation(draft, simpleconnect):
    assert draft_of(yamada(), simpleconnect, owner_of(yamada())) == draft
    assert draft_of(yamada(), simpleconnect, owner_of(suzuki())) is None
    assert draft_of(suzuki(), simpleconnect, owner_of(yamada())) is None


@pytest.mark.usefixtures("committing")
def test_sending_brings_the_documents_along_and_removes_the_draft(draft):
    add_draft_document(draft, draft.person, "photo_identity", "免許証.pdf", PDF, NOW)
    draft.refresh_from_db()
    application = send(draft, documents=("photo_identity",))

    (document,) = application.documents.all()
    assert (document.name, document.kind) == ("免許証.pdf", "photo_identity")
    assert document.file.read() == PDF
    assert not ApplicationDraft.objects.exists()
    assert len(files()) == 1, "the draft's own file is gone"


def test_what_was_sent_is_found_again_whoever_asks_twice(draft):
    assert send(draft) == send(draft)
    assert Application.objects.count() == 1


def test_only_the_content_that_was_shown_is_sent(draft, simpleconnect):
    save_draft(yamada(), simpleconnect, owner_of(yamada()), {"quantity_id": "9"}, NOW)

    with pytest.raises(ValidationError) as excinfo:
        send(draft)
    assert excinfo.value.code == "changed"
    assert not Application.objects.exists()
    assert ApplicationDraft.objects.exists()


def test_a_refused_application_leaves_the_draft_as_it_was(draft):
    add_draft_document(draft, draft.person, "photo_identity", "a.pdf", PDF, NOW)
    draft.refresh_from_db()

    with pytest.raises(ValidationError):
        send(draft, consent=False)
    assert ApplicationDraft.objects.get().key == draft.key
    assert draft.documents.count() == 1


@pytest.mark.usefixtures("committing")
def test_a_discarded_draft_leaves_no_file_and_can_not_be_sent(draft):
    add_draft_document(draft, draft.person, "photo_identity", "a.pdf", PDF, NOW)
    discard_draft(draft, draft.person)
    discard_draft(draft, draft.person)

    assert not ApplicationDraft.objects.exists()
    assert files() == []
    with pytest.raises(ValidationError) as excinfo:
        send(draft)
    assert excinfo.value.code == "discarded"
    assert AuditEntry.objects.filter(action="application_draft.discarded").count() == 1


@pytest.mark.usefixtures("committing")
def test_the_same_document_is_kept_once_and_can_be_taken_out(draft):
    first = add_draft_document(draft, draft.person, "photo_identity", "a.pdf", PDF, NOW)
    assert add_draft_document(draft, draft.person, "photo_identity", "b.pdf", PDF, NOW) == first
    remove_draft_document(draft, draft.person, first.pk, NOW)
    remove_draft_document(draft, draft.person, first.pk, NOW)

    assert not draft.documents.exists()
    assert files() == []


@pytest.mark.parametrize(
    ("name", "content"), [("a.pdf", b""), ("a.exe", b"MZ"), ("a.png", PDF), ("a.pdf", b"<html>")]
)
def test_what_is_no_document_is_refused(draft, name, content):
    with pytest.raises(ValidationError) as excinfo:
        add_draft_document(draft, draft.person, "photo_identity", name, content, NOW)
    assert list(excinfo.value.message_dict) == ["file"]
    assert files() == []


def test_another_organisation_can_not_find_what_was_sent_by_its_key(draft, simpleconnect):
    sent = send(draft)
    other = save_draft(suzuki(), simpleconnect, owner_of(suzuki()), TYPED, NOW)

    with pytest.raises(ValidationError):
        send_draft(other, sent.submission_key, data_of(other), NOW, None)
    with pytest.raises(ValidationError):
        send_draft(other, uuid4(), data_of(other), NOW, None)


def test_a_draft_that_nobody_touches_is_removed_after_its_last_day(
    draft, ct_e1, django_capture_on_commit_callbacks
):
    """180 days after November 20, 2026 is May 19, 2027."""
    with django_capture_on_commit_callbacks(execute=True):
        add_draft_document(draft, draft.person, "identity", "a.pdf", PDF, NOW)
    fresh = save_draft(yamada(), ct_e1, owner_of(yamada()), {"address": "東京都"}, at("2026-11-21"))
    draft.refresh_from_db()
    assert draft.kept_until == day("2027-05-19")
    assert remove_old_drafts(at("2027-05-19 23:59")) == 0

    with django_capture_on_commit_callbacks(execute=True):
        assert remove_old_drafts(at("2027-05-20 00:00")) == 1
        assert len(files()) == 1, "files go once it is sure that the draft is gone"
    assert list(ApplicationDraft.objects.all()) == [fresh]
    assert files() == []
    entry = AuditEntry.objects.get(action="application_drafts.removed")
    assert entry.data == {"count": 1, "untouched_for_days": 180}
    assert (entry.object_type, entry.organisation_id, entry.actor_id) == ("contracts.service", None, None)
    assert remove_old_drafts(at("2027-05-20 00:00")) == 0

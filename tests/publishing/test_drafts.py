"""Drafts: texts that were imported and wait for their policy."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from contracts.models import Service, TermsVersion
from contracts.publishing.drafts import DraftRefused, create_draft
from contracts.publishing.publish import PublicationRefused, publish_version
from contracts.terms.markdown import parse
from portal.audit.models import AuditEntry
from tests.scenes import at, staff_member

TERMS = parse("# 見本約款\n### 第〇条（目的）\n本文。\n")


def draft(service: Service, name: str = "16") -> TermsVersion:
    return create_draft(service, name=name, terms=TERMS, source="見本.docx", staff=staff_member())


def test_a_draft_holds_the_text_and_no_policy_yet(progoffice):
    version = draft(progoffice)
    version.refresh_from_db()
    assert version.terms == TERMS
    assert (version.title, version.policy_source) == ("見本約款", "")
    assert version.effective_on is None
    assert version.published_at is None
    entry = AuditEntry.objects.get(action="terms.draft_created")
    assert entry.data["source"] == "見本.docx"
    assert entry.data["content_hash"] == version.content_digest()


def test_several_drafts_without_a_day_stand_side_by_side(progoffice):
    draft(progoffice, "16")
    draft(progoffice, "17")
    assert TermsVersion.objects.filter(service=progoffice, effective_on=None).count() == 2


@pytest.mark.parametrize(("name", "state"), [("16", "a draft"), ("2016-03-01", "published")])
def test_a_version_that_is_there_is_not_overwritten(progoffice, name, state):
    draft(progoffice, "16")
    before = TermsVersion.objects.count()
    with pytest.raises(DraftRefused, match=f"exists already, as {state}"):
        draft(progoffice, name)
    assert TermsVersion.objects.count() == before


def test_a_name_that_is_too_long_is_refused(progoffice):
    with pytest.raises(DraftRefused, match="40"):
        draft(progoffice, "あ" * 41)
    assert not AuditEntry.objects.filter(action="terms.draft_created").exists()


def test_a_draft_is_not_published_without_a_policy(progoffice):
    version = draft(progoffice)
    with pytest.raises(PublicationRefused):
        publish_version(
            progoffice,
            name=version.name,
            title=version.title,
            text=version.text,
            policy_source="",
            at=at("2026-01-10"),
            staff=None,
        )
    version.refresh_from_db()
    assert version.published_at is None


def test_the_database_publishes_nothing_without_a_day(progoffice):
    version = draft(progoffice)
    with pytest.raises(IntegrityError), transaction.atomic():
        TermsVersion.objects.filter(pk=version.pk).update(published_at=at("2026-01-10"))


def test_a_published_version_still_never_changes(progoffice):
    """The table was rebuilt for drafts on SQLite; its trigger must have been made again."""
    version = TermsVersion.objects.published().filter(service=progoffice).first()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE contracts_termsversion SET title = 'x' WHERE id = %s", [version.pk])
    with pytest.raises(PermissionDenied):
        version.save()

"""How terms staff bring in a text, correct it, give it its policy and publish it."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contracts.models import Notice, Service, TermsVersion
from contracts.source_files import LARGEST_FILE
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_service
from tests.web.conftest import ALL_SERVICES

IMPORT = "admin:contracts_termsversion_import_terms"
TEXT = """見本約款

第1章　総則
第1条（目的）
この約款は、見本の利用条件を定めます。
第2条（適用）
前条の定めは、第9条の場合を除き適用します。
"""


@pytest.fixture
def as_terms(staff, signed_in) -> Client:
    return signed_in(staff(StaffRole.TERMS))


@pytest.fixture
def draft(ct_e1, as_terms) -> TermsVersion:
    """The published text of CT-e1, imported again as the draft of its next version."""
    return stored(as_terms, ct_e1, ct_e1.versions.get().text)


def upload(client: Client, service: Service, data: bytes, name: str = "terms.txt"):
    file = SimpleUploadedFile(name, data)
    return client.post(reverse(IMPORT), {"service": service.pk, "name": "2027-04-01", "file": file})


def stored(client: Client, service: Service, pasted: str, **changed: str) -> TermsVersion:
    """Paste a text, look at the preview, store it."""
    given = {"service": service.pk, "name": "2027-04-01", "pasted": pasted}
    form = client.post(reverse(IMPORT), given).context["form"]
    typed = {**form.initial, "service": service.pk, **changed, "store": "1"}
    reply = client.post(reverse(IMPORT), typed)
    assert reply.status_code == 302, reply.context["form"].errors
    return TermsVersion.objects.get(service=service, name=typed["name"])


def page(name: str, version: TermsVersion) -> str:
    return reverse(f"admin:contracts_termsversion_{name}", args=[version.pk])


def policy_for(version: TermsVersion, effective_on: str) -> str:
    """The policy of the version before, under this one's name, from another day."""
    source = version.service.versions.published().latest("effective_on").policy_source
    named = re.sub(r'^version = ".*"', f'version = "{version.name}"', source, count=1, flags=re.MULTILINE)
    return re.sub(r"\bon = [0-9-]+", f"on = {effective_on}", named, count=1)


def save(client: Client, version: TermsVersion, name: str, **typed: str):
    version.refresh_from_db()
    return client.post(page(name, version), {"seen_hash": version.content_hash, **typed})


def test_a_file_is_shown_as_a_tree_before_anything_is_stored(as_terms, ct_e1):
    reply = upload(as_terms, ct_e1, TEXT.encode())
    shown = reply.content.decode()
    assert [article.title for article in reply.context["terms"].articles] == ["目的", "適用"]
    assert "第1章" in shown
    assert "第9条" in str(reply.context["findings"][-1].lines), "a reference that leads nowhere is listed"
    assert not TermsVersion.objects.filter(published_at__isnull=True).exists()


def test_shift_jis_is_read_as_well(as_terms, ct_e1):
    reply = upload(as_terms, ct_e1, TEXT.encode("cp932"))
    assert reply.context["terms"].title == "見本約款"
    assert "見本の利用条件" in reply.context["form"].initial["text"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.txt"),
        (b" \n", "blank.txt"),
        (b"%PDF-1.7 broken", "broken.pdf"),
        (b"PK\x03\x04 broken", "broken.docx"),
        (b"\xd0\xcf\x11\xe0 old", "old.doc"),
        ("本文だけで条はありません。".encode(), "none.txt"),
        ("見本\n第1条（一）\nあ。\n第1条（二）\nい。".encode(), "twice.txt"),
        ("見本\n第1条（一）\n".encode() + b"\xff\xfe\xfd\x80", "bytes.txt"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_file(data, name, as_terms, ct_e1):
    reply = upload(as_terms, ct_e1, data, name)
    assert reply.status_code == 200
    assert "file" in reply.context["form"].errors
    assert "terms" not in reply.context
    assert not TermsVersion.objects.filter(published_at__isnull=True).exists()


def test_a_file_that_is_too_large_is_not_read(as_terms, ct_e1):
    reply = upload(as_terms, ct_e1, b"a" * (LARGEST_FILE + 1))
    assert "file" in reply.context["form"].errors


def test_a_file_or_a_text_is_needed_and_not_both(as_terms, ct_e1):
    nothing = as_terms.post(reverse(IMPORT), {"service": ct_e1.pk, "name": "x"})
    assert nothing.context["form"].non_field_errors()
    file = SimpleUploadedFile("terms.txt", TEXT.encode())
    both = {"service": ct_e1.pk, "name": "x", "file": file, "pasted": TEXT}
    assert as_terms.post(reverse(IMPORT), both).context["form"].non_field_errors()


def test_mistakes_in_a_correction_are_said_by_line_and_the_text_stays(as_terms, ct_e1):
    form = upload(as_terms, ct_e1, TEXT.encode()).context["form"]
    wrong = form.initial["text"].replace("### 第2条", "### 第1条")
    typed = {**form.initial, "service": ct_e1.pk, "text": wrong, "store": "1"}
    reply = as_terms.post(reverse(IMPORT), typed)
    line = wrong.split("\n").index("### 第1条（適用）") + 1
    assert str(line) in reply.context["form"].errors["text"][0]
    assert "第1条（適用）" in reply.content.decode()
    assert not TermsVersion.objects.filter(published_at__isnull=True).exists()


def test_what_found_no_place_stays_in_sight_while_the_text_is_corrected(as_terms, ct_e1):
    source = TEXT + "\n- 1 -\n以上\n"
    form = upload(as_terms, ct_e1, source.encode()).context["form"]
    typed = {**form.initial, "service": ct_e1.pk, "preview": "1"}
    again = as_terms.post(reverse(IMPORT), typed)
    assert "以上" in str([finding.lines for finding in again.context["findings"]])


def test_a_corrected_text_becomes_a_draft(as_terms, ct_e1):
    form = upload(as_terms, ct_e1, TEXT.encode()).context["form"]
    corrected = form.initial["text"].replace("第9条", "第1条")
    draft = stored(as_terms, ct_e1, TEXT, text=corrected)
    assert draft.published_at is None
    assert "第1条の場合" in draft.text
    assert AuditEntry.objects.get(action="terms.draft_created").actor.email == "terms@provider.example"


def test_a_name_that_is_taken_is_refused(as_terms, draft):
    given = {"service": draft.service.pk, "name": draft.name, "pasted": TEXT}
    form = as_terms.post(reverse(IMPORT), given).context["form"]
    reply = as_terms.post(reverse(IMPORT), {**form.initial, "service": draft.service.pk, "store": "1"})
    assert draft.name in reply.context["form"].non_field_errors()[0]
    assert TermsVersion.objects.filter(published_at__isnull=True).count() == 1


def test_the_text_of_a_draft_is_edited_and_mistakes_store_nothing(as_terms, draft):
    wrong = save(as_terms, draft, "edit_text", text="# 題名\n本文です。\n")
    assert wrong.context["form"].non_field_errors()
    assert "本文です。" in wrong.content.decode()
    better = draft.text.replace("# ", "# 新しい", 1)
    assert save(as_terms, draft, "edit_text", text=better.replace("\n", "\r\n")).status_code == 302
    draft.refresh_from_db()
    assert (draft.text, draft.content_hash) == (better, draft.content_digest())
    assert draft.title.startswith("新しい")
    assert AuditEntry.objects.filter(action="terms.draft_changed").count() == 1


def test_nobody_overwrites_what_somebody_else_stored_meanwhile(as_terms, draft):
    seen = draft.content_hash
    save(as_terms, draft, "edit_text", text=draft.text.replace("# ", "# 新しい", 1))
    reply = as_terms.post(page("edit_text", draft), {"seen_hash": seen, "text": draft.text})
    assert reply.context["form"].non_field_errors()
    draft.refresh_from_db()
    assert draft.title.startswith("新しい")


def test_the_policy_starts_from_the_one_in_force_and_problems_name_their_path(as_terms, draft):
    start = as_terms.get(page("edit_policy", draft)).context["form"].initial["policy"]
    assert f'version = "{draft.name}"' in start
    broken = start.replace("[charging.late_interest]", "[charging.late_interests]", 1)
    assert broken != start
    reply = save(as_terms, draft, "edit_policy", policy=broken)
    assert any(
        error.startswith("charging.late_interest") for error in reply.context["form"].non_field_errors()
    )
    draft.refresh_from_db()
    assert draft.policy_source == ""
    assert save(as_terms, draft, "edit_policy", policy=start).status_code == 302
    problems = as_terms.get(page("edit_policy", draft)).context["open_problems"]
    assert any(problem.startswith("effective.on") for problem in problems), "its day is that of the old one"


def test_publishing_is_refused_with_every_reason(as_terms, draft):
    policy = policy_for(draft, "2015-04-01").replace('version = "2027-04-01"', 'version = "other"', 1)
    save(as_terms, draft, "edit_policy", policy=policy)
    shown = as_terms.get(page("publish", draft))
    assert len(shown.context["problems"]) >= 2
    reply = save(as_terms, draft, "publish")
    reasons = reply.context["form"].non_field_errors()
    assert any(reason.startswith("version") for reason in reasons)
    assert any(reason.startswith("effective.on") for reason in reasons)
    draft.refresh_from_db()
    assert draft.published_at is None


def test_a_draft_without_a_policy_is_not_published(as_terms, draft):
    assert as_terms.get(page("publish", draft)).context["problems"]
    assert save(as_terms, draft, "publish").context["form"].errors


def test_publishing_shows_what_changes_and_then_stays_for_ever(as_terms, draft):
    save(as_terms, draft, "edit_text", text=draft.text.replace("します。", "いたします。", 1))
    policy = policy_for(draft, "2027-04-01")
    save(as_terms, draft, "edit_policy", policy=policy.replace('"14.6"', '"12.0"', 1))
    shown = as_terms.get(page("publish", draft))
    assert shown.context["problems"] == []
    assert "<ins>" in shown.context["comparison"]
    assert shown.context["lead_time"]["in_time"]
    assert save(as_terms, draft, "publish").status_code == 302
    draft.refresh_from_db()
    assert str(draft.effective_on) == "2027-04-01"
    assert Notice.objects.get().terms_version == draft
    for name in ("edit_text", "edit_policy", "publish", "discard"):
        assert as_terms.post(page(name, draft), {"seen_hash": draft.content_hash}).status_code == 404
    assert TermsVersion.objects.filter(pk=draft.pk).exists()


def test_publishing_late_warns_of_the_first_day_that_is_in_time(as_terms):
    service = load_service("partner-cloud-e")
    draft = stored(as_terms, service, service.versions.latest("effective_on").text)
    save(as_terms, draft, "edit_policy", policy=policy_for(draft, "2026-11-20"))
    shown = as_terms.get(page("publish", draft))
    assert shown.context["lead_time"] == {"in_time": False, "earliest": scenes.day("2026-11-21")}
    assert "2026年11月21日" in shown.content.decode()


def test_what_was_changed_after_the_look_is_not_published(as_terms, draft):
    save(as_terms, draft, "edit_policy", policy=policy_for(draft, "2027-04-01"))
    reply = as_terms.post(page("publish", draft), {"seen_hash": "0" * 64})
    assert reply.context["form"].non_field_errors()
    draft.refresh_from_db()
    assert draft.published_at is None


def test_a_draft_is_deleted_and_the_trail_keeps_that(as_terms, draft):
    assert as_terms.get(page("discard", draft)).status_code == 200
    assert save(as_terms, draft, "discard").status_code == 302
    assert not TermsVersion.objects.filter(pk=draft.pk).exists()
    entry = AuditEntry.objects.get(action="terms.draft_deleted")
    assert entry.data["name"] == "2027-04-01"


def test_buttons_stand_on_drafts_only(as_terms, draft):
    published = draft.service.versions.published().get()
    names = ("edit_text", "edit_policy", "publish", "discard")
    on_draft = as_terms.get(page("change", draft)).content.decode()
    on_published = as_terms.get(page("change", published)).content.decode()
    assert [f'"{page(name, draft)}"' in on_draft for name in names] == [True] * 4
    assert [f'"{page(name, published)}"' in on_published for name in names] == [False] * 4


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_every_published_text_passes_the_screens_unchanged(slug, as_terms):
    service = load_service(slug)
    published = service.versions.latest("effective_on")
    assert stored(as_terms, service, published.text).terms == published.terms

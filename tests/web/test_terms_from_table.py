"""How terms staff make the next version from a comparison table (新旧対照表) that was published."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contracts.models import TermsVersion
from contracts.terms.markdown import parse
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole

PAGE = "admin:contracts_termsversion_from_table"


@pytest.fixture
def as_terms(staff, signed_in) -> Client:
    return signed_in(staff(StaffRole.TERMS))


def table_of(version: TermsVersion) -> tuple[str, str, str]:
    """A table that changes one paragraph of a version, the old text and the new one."""
    article = next(
        one for one in version.terms.articles if one.paragraphs[0].text.endswith("。") and one.title
    )
    old = article.paragraphs[0].text.split("\n")[0]
    new = f"{old[:-1]}ものとします。"
    heading = f"{article.number.label_ja()}（{article.title}）"
    number = f"{article.paragraphs[0].number}. " if article.paragraphs[0].number else ""
    rows = [("現行", "改定後"), ("---", "---"), (heading, heading), (number + old, number + new)]
    return "\n".join(f"| {before} | {after} |" for before, after in rows), old, new


def brought(client: Client, base: TermsVersion, table: str, **more: object):
    file = SimpleUploadedFile("taisho.md", table.encode())
    return client.post(reverse(PAGE), {"base": base.pk, "name": "2027-04-01", "file": file, **more})


def stored(client: Client, form, **typed: object):
    initial = {**form.initial, "service": form.initial["service"].pk, **typed}
    return client.post(reverse(PAGE), initial)


def test_each_row_is_shown_with_what_it_does_before_anything_is_stored(as_terms, ct_e1):
    base = ct_e1.versions.get()
    table, _old, new = table_of(base)
    reply = brought(as_terms, base, table)
    (step,) = reply.context["steps"]
    shown = reply.content.decode()
    assert (step.line, str(step.what)) == (4, "変更")
    assert step.at in shown and new in shown
    assert reply.context["findings"] == [] or "serious" not in str(reply.context["findings"])
    assert not TermsVersion.objects.filter(published_at__isnull=True).exists()


def test_the_new_version_becomes_a_draft_and_the_trail_says_from_what(as_terms, ct_e1):
    base = ct_e1.versions.get()
    table, old, new = table_of(base)
    form = brought(as_terms, base, table).context["form"]
    assert stored(as_terms, form, store="1").status_code == 302
    draft = ct_e1.versions.get(name="2027-04-01")
    assert draft.published_at is None
    assert draft.terms == parse(base.text.replace(old, new, 1))
    entry = AuditEntry.objects.get(action="terms.draft_created")
    assert (entry.data["based_on"], entry.data["source"]) == (base.name, "taisho.md")


def test_what_found_no_place_stays_in_sight_while_the_text_is_corrected(as_terms, ct_e1):
    base = ct_e1.versions.get()
    table, _old, _new = table_of(base)
    form = brought(as_terms, base, f"{table}\n| この版にない文です。 | 代わりの文です。 |").context["form"]
    again = stored(as_terms, form, preview="1")
    lines = str([finding.lines for finding in again.context["findings"]])
    assert "この版にない文です。" in lines and "代わりの文です。" in lines
    assert again.context["steps"]


@pytest.mark.parametrize("text", ["第1条（目的）\n定めます。", "| 品目 | 円 |\n|---|---|\n| 甲 | 1 |"])
def test_what_is_no_comparison_table_is_refused_at_the_file(text, as_terms, ct_e1):
    reply = brought(as_terms, ct_e1.versions.get(), text)
    assert "新旧対照表が見つかりません" in reply.context["form"].errors["file"][0]


def test_the_version_before_is_needed(as_terms, ct_e1):
    given = {"name": "x", "pasted": "| 旧 | 新 |\n|---|---|\n| あ | い |"}
    reply = as_terms.post(reverse(PAGE), given)
    assert "base" in reply.context["form"].errors


def test_a_draft_is_never_stored_for_another_service(as_terms, ct_e1, simpleconnect):
    base = ct_e1.versions.get()
    form = brought(as_terms, base, table_of(base)[0]).context["form"]
    reply = stored(as_terms, form, service=simpleconnect.pk, store="1")
    assert "別のサービス" in reply.context["form"].non_field_errors()[0]
    assert not TermsVersion.objects.filter(published_at__isnull=True).exists()


def test_importing_a_comparison_table_as_a_text_says_where_to_bring_it(as_terms, ct_e1):
    table, _old, _new = table_of(ct_e1.versions.get())
    given = {"service": ct_e1.pk, "name": "x", "pasted": table}
    reply = as_terms.post(reverse("admin:contracts_termsversion_import_terms"), given)
    assert "新旧対照表から作る" in reply.context["form"].errors["pasted"][0]

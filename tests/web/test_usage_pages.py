"""Pages on which staff bring in usage, correct what was refused, and undo an import."""

from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from billing.models import RefusedUsage, UsageImport, UsageRecord
from billing.pricing.usage import import_usage
from billing.runs.bill import bill
from portal.organisations.roles import StaffRole
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.scenes import at, day
from tests.usage_files import HEADINGS, csv_file, row, usage_file

UPLOAD = reverse("admin:billing_usagerecord_import")


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(at("2026-11-10"), tick=False):
        yield


@pytest.fixture
def contract(db, organisation, user):
    service = load_priced_service("ct-e1")
    return make_contract(
        service, organisation, user, "C26-000001", {"line": 1}, billed_from=day("2026-09-01")
    )


@pytest.fixture
def clerk(make_staff):
    return make_staff("keiri@provider.example", StaffRole.BILLING)


@pytest.fixture
def as_clerk(clerk, signed_in):
    return signed_in(clerk)


@pytest.fixture
def brought(contract, clerk):
    return import_usage(usage_file([row("a"), row("b", "C26-999999", quantity="12円")]), "calls.csv", clerk)


def upload(client, content: bytes, name: str, format_: str = "0"):
    form = {"import_file": SimpleUploadedFile(name, content), "format": format_, "resource": ""}
    return client.post(UPLOAD, form)


def test_a_refused_row_is_shown_with_its_problems_beside_and_tried_again(as_clerk, brought):
    refused = RefusedUsage.objects.get()
    page = reverse("admin:billing_refusedusage_correct", args=[refused.pk])
    shown = as_clerk.get(page)
    form = shown.context["form"]
    assert form["contract"].value() == "C26-999999"
    assert "契約" in form["contract"].help_text
    assert "整数" in form["quantity"].help_text
    assert form["reference"].help_text == ""

    values = {name: form[name].value() for name in form.fields}
    still = as_clerk.post(page, {**values, "contract": "C26-000001"})
    assert list(still.context["form"].errors) == ["quantity"]
    done = as_clerk.post(page, {**values, "contract": "C26-000001", "quantity": "12"}, follow=True)
    assert "C26-000001" in done.content.decode()
    assert UsageRecord.objects.get(reference="b").quantity == 12


def test_an_import_is_undone_on_its_page(as_clerk, brought):
    page = reverse("admin:billing_usageimport_undo", args=[brought.pk])
    assert as_clerk.get(page).status_code == 200
    as_clerk.post(page, {"reason": "別の月のファイルでした"})
    brought.refresh_from_db()
    assert brought.undoing_reason == "別の月のファイルでした"
    again = as_clerk.post(page, {"reason": "もう一度"})
    assert again.context["form"].errors


def test_what_is_invoiced_is_refused_in_words(as_clerk, brought, contract):
    bill(contract.service.provider, OCTOBER, ISSUE_DAY)
    page = reverse("admin:billing_usageimport_undo", args=[brought.pk])
    (said,) = as_clerk.post(page, {"reason": "誤り"}).context["form"].non_field_errors()
    assert "請求書" in said


@pytest.mark.parametrize("role", [StaffRole.RECEPTION, StaffRole.TERMS, StaffRole.AUDITOR])
def test_others_neither_undo_nor_correct(brought, make_staff, signed_in, role):
    client = signed_in(make_staff("other@provider.example", role))
    for name, pk in (
        ("usageimport_undo", brought.pk),
        ("refusedusage_correct", RefusedUsage.objects.get().pk),
    ):
        assert client.post(reverse(f"admin:billing_{name}", args=[pk]), {"reason": "x"}).status_code == 403
    assert not UsageImport.objects.filter(undone_at__isnull=False).exists()


def test_a_workbook_is_recognised_whatever_format_was_chosen(as_clerk, contract):
    book, content = Workbook(), BytesIO()
    book.active.append(HEADINGS)
    book.active.append(row("a"))
    book.save(content)
    assert upload(as_clerk, content.getvalue(), "calls.xlsx").context["result"].counts == (1, 0, 0)
    assert upload(as_clerk, csv_file([row("a")]), "calls.csv", "1").context["result"].counts == (1, 0, 0)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("calls.xlsx", b"PK\x03\x04 broken"),
        ("calls.csv", "明細番号\n表".encode("utf-16")),
        ("calls.csv", b"\x00\x01"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_without_the_name_of_an_error(
    as_clerk, contract, name, content
):
    page = upload(as_clerk, content, name)
    (said,) = page.context["form"].errors["import_file"]
    assert "Error" not in said
    assert "Shift_JIS" in said


def test_an_empty_file_is_refused_by_the_page(as_clerk, contract):
    page = upload(as_clerk, b"\r\n", "calls.csv")
    assert "ファイルが空です" in page.content.decode()
    assert not UsageImport.objects.exists()

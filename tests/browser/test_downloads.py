"""People take out what they see: a customer a year's invoices, staff a list as it is filtered."""

import csv
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import expect

from billing.documents.archive import INDEX, INDEX_HTML
from portal.organisations.roles import StaffRole
from tests.browser.accessibility import barriers
from tests.browser.scene import set_scene
from tests.browser.windows import DESKTOP, PHONE

pytestmark = pytest.mark.thorough


@pytest.fixture
def scene(catalog, user, organisation, make_staff):
    return set_scene(user, organisation, make_staff("uketsuke@provider.example", StaffRole.RECEPTION))


def fits(page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_year_of_invoices_as_one_zip(scene, window_of, user, size):
    """一年分の請求書をZIPで: from the list of invoices to the index in the ZIP."""
    page = window_of(user, size)
    page.goto(reverse("billing:invoice-list"))
    assert barriers(page) == [] and fits(page)
    page.get_by_role("link", name="請求書・お支払いのダウンロード").click()
    page.get_by_role("link", name="2026年", exact=True).click()
    expect(page.get_by_label("最終日")).to_have_value("2026-12-31")
    assert barriers(page) == [] and fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="ダウンロード").click()
    with ZipFile(Path(download.value.path())) as files:
        rows = list(csv.DictReader(StringIO(files.read(INDEX).decode("utf-8-sig"))))
        index = files.read(INDEX_HTML).decode()
    assert [row["番号"] for row in rows] == [scene.invoice.number]
    assert scene.invoice.number in index


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_customers_lists_are_a_press_away(scene, window_of, user, size):
    page = window_of(user, size)
    page.goto(reverse("contracts:contract-list"))
    assert barriers(page) == [] and fits(page)
    form = page.get_by_role("form", name="契約の一覧をダウンロード")
    with page.expect_download() as download:
        form.get_by_role("button", name="Excel").click()
    sheet = load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active
    assert scene.contract.number in [row[2].value for row in sheet.rows]
    page.goto(reverse("billing:invoice-statement", args=[scene.contract.service.provider.code]))
    assert barriers(page) == [] and fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="明細をExcelで").click()
    assert load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active.max_row >= 2


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_staff_take_out_a_filtered_list(scene, window_of, make_staff, size):
    page = window_of(make_staff("kansa@provider.example", StaffRole.AUDITOR), size)
    page.goto(f"{reverse('admin:billing_invoice_changelist')}?q={scene.invoice.number}")
    page.goto(f"{reverse('admin:billing_invoice_export')}?q={scene.invoice.number}")
    page.get_by_label("税抜").check()
    assert fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="エクスポート").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    sheet = load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active
    headings = [cell.value for cell in sheet[1]]
    assert headings[0] == "請求書番号" and "税抜" in headings
    assert sheet["A2"].value == scene.invoice.number and sheet.max_row == 2

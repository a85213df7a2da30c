"""What customers take out: all invoices of a time as a ZIP, their lists and payments as spreadsheets."""

import csv
import io
from zipfile import ZipFile

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from billing.documents.archive import INDEX, INDEX_HTML, INDEX_XLSX, LACKING, MISSING
from billing.models import Invoice
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.kept_files import StorageError
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service, make_contract
from tests.member_scene import BILLING, CONTRACTS, READER, join, limited

DOWNLOAD = reverse("billing:invoice-download")
INVOICE_LIST = reverse("billing:invoice-list-export")
CONTRACT_LIST = reverse("contracts:contract-list-export")
REQUEST_LIST = reverse("contracts:request-list-export")
YEAR = {"from_day": "2026-01-01", "to_day": "2026-12-31"}


@pytest.fixture(autouse=True)
def now(db, settings):
    settings.REQUEST_LIMITS = {}
    with time_machine.travel(scenes.at("2026-11-20 10:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def yamada() -> Organisation:
    return scenes.yamada()


@pytest.fixture
def contracts(yamada) -> list[Contract]:
    """Two of 山田商事 and one of 鈴木製作所, billed for October."""
    service = load_priced_service("ct-e1")
    suzuki = scenes.suzuki()
    whose = [("C26-000001", yamada), ("C26-000002", yamada), ("C26-000003", suzuki)]
    contracts = [
        make_contract(service, holder, scenes.owner_of(holder), number, {"line": 2})
        for number, holder in whose
    ]
    bill(service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return contracts


@pytest.fixture
def invoices(contracts) -> list[Invoice]:
    """The two of 山田商事."""
    return [contract.invoices.get() for contract in contracts[:2]]


@pytest.fixture
def as_owner(yamada, signed_in) -> Client:
    return signed_in(scenes.owner_of(yamada))


def zipped(client: Client, **days: str) -> ZipFile:
    reply = client.post(DOWNLOAD, {"what": "documents", **(days or YEAR)})
    assert reply.headers["Content-Type"] == "application/zip", reply.content.decode()
    return ZipFile(io.BytesIO(reply.getvalue()))


def rows(content: bytes, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


def test_the_invoices_of_a_year_come_as_one_zip_with_an_index(as_owner, invoices, contracts):
    with zipped(as_owner) as files:
        assert files.testzip() is None
        documents = [f"2026-11/{invoice.number}.pdf" for invoice in invoices]
        assert files.namelist() == [*documents, INDEX, INDEX_XLSX, INDEX_HTML]
        assert files.read(documents[0]).startswith(b"%PDF")
        listed = rows(files.read(INDEX))
        sheet = load_workbook(io.BytesIO(files.read(INDEX_XLSX))).active
        page = files.read(INDEX_HTML).decode()
    assert [row["番号"] for row in listed] == [invoice.number for invoice in invoices]
    assert listed[0]["税込金額"] == str(invoices[0].gross)
    assert listed[0]["発行者"] == contracts[0].service.provider.name
    assert sheet.max_row == 3 and sheet["K2"].value == invoices[0].gross
    assert f'<a href="{documents[1]}">' in page
    assert contracts[2].invoices.get().number not in page


def test_who_took_the_zip_stands_in_what_members_did(as_owner, invoices, yamada):
    zipped(as_owner).close()
    told = AuditEntry.objects.get(action="documents.exported")
    assert told.organisation_id == yamada.pk and told.actor == scenes.owner_of(yamada)
    assert told.data == {"count": 2, **YEAR}
    page = as_owner.get(reverse("organisations:member-activity")).content.decode()
    assert "証憑2件を書き出しました。" in page and "2026年1月1日" in page


def test_a_pdf_that_is_not_there_is_named_in_the_index(as_owner, invoices):
    invoices[0].pdf.storage.delete(invoices[0].pdf.name)
    with zipped(as_owner) as files:
        listed = rows(files.read(INDEX))
        assert [row["備考"] for row in listed] == [LACKING, ""]
        assert files.read(MISSING).decode() == f"2026-11/{invoices[0].number}.pdf"
        page = files.read(INDEX_HTML).decode()
    assert LACKING in page and f'<a href="2026-11/{invoices[0].number}.pdf">' not in page


def test_storage_that_is_away_breaks_no_zip(as_owner, invoices, monkeypatch):
    def away(invoice):
        raise StorageError("the object storage is away")

    monkeypatch.setattr("billing.invoicing.exports.issued_pdf", away)
    with zipped(as_owner) as files:
        assert [row["備考"] for row in rows(files.read(INDEX))] == [LACKING, LACKING]


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ({"from_day": "2026-12-01", "to_day": "2026-11-01"}, "最終日"),
        ({"from_day": "x", "to_day": "2026-11-01"}, ""),
        ({"from_day": "", "to_day": ""}, ""),
        ({"from_day": "2025-01-01", "to_day": "2025-12-31"}, "0件"),
    ],
)
def test_a_time_without_invoices_is_told_at_the_form(as_owner, invoices, days, text):
    reply = as_owner.post(DOWNLOAD, {"what": "documents", **days})
    assert reply.status_code == 200 and text in reply.content.decode()
    assert not AuditEntry.objects.filter(action="documents.exported").exists()


def test_the_page_offers_the_years_in_which_something_was_issued_or_paid(as_owner, invoices, make_staff):
    staff = make_staff("keiri@provider.example", StaffRole.BILLING)
    assert as_owner.get(DOWNLOAD).context["years"] == [2026]
    record_payment(invoices[0], scenes.day("2025-01-31"), 1, "R-1", staff)
    assert as_owner.get(DOWNLOAD).context["years"] == [2026, 2025]
    page = as_owner.get(DOWNLOAD, {"year": "2025"}).content.decode()
    assert 'value="2025-01-01"' in page and 'value="2025-12-31"' in page
    for other in ("x", "2023"):
        assert 'value="2026-01-01"' in as_owner.get(DOWNLOAD, {"year": other}).content.decode()
    assert DOWNLOAD in as_owner.get(reverse("billing:invoice-list")).content.decode()


def test_without_invoices_nothing_is_offered(as_owner):
    reply = as_owner.get(DOWNLOAD)
    assert reply.context["years"] == []
    assert "請求書はまだありません。" in reply.content.decode() and "<form" not in _main(reply)


def _main(reply) -> str:
    return reply.content.decode().partition("<main")[2].partition("</main>")[0]


def test_the_list_of_invoices_is_taken_out_as_it_is_searched(as_owner, invoices, contracts):
    every = rows(as_owner.post(INVOICE_LIST, {"format": "csv"}).getvalue())
    assert {row["請求書番号"] for row in every} == {invoice.number for invoice in invoices}
    assert list(every[0].values())[10] == str(invoices[1].gross)
    none = as_owner.post(f"{INVOICE_LIST}?month=2026-09", {"format": "xlsx"})
    assert load_workbook(io.BytesIO(none.getvalue())).active.max_row == 1
    page = as_owner.get(reverse("billing:invoice-list"), {"month": "2026-10"}).content.decode()
    assert f'action="{INVOICE_LIST}?month=2026-10"' in page
    told = AuditEntry.objects.filter(action="list.exported").order_by("sequence").first()
    assert (told.data["list"], told.data["count"]) == ("customers.invoices", 2)


def test_payments_of_a_time_are_taken_out(as_owner, invoices, contracts, make_staff):
    staff = make_staff("keiri@provider.example", StaffRole.BILLING)
    record_payment(invoices[0], scenes.day("2026-11-15"), invoices[0].gross, "R-1", staff)
    other = contracts[2].invoices.get()
    record_payment(other, scenes.day("2026-11-15"), other.gross, "R-2", staff)
    sent = {"what": "payments", "format": "csv", **YEAR}
    (paid,) = rows(as_owner.post(DOWNLOAD, sent).getvalue())
    assert paid["請求書番号"] == invoices[0].number
    assert paid["金額"] == str(invoices[0].gross)
    assert "R-1" not in str(paid)
    assert rows(as_owner.post(DOWNLOAD, {**sent, "to_day": "2026-11-14"}).getvalue()) == []
    listed = rows(as_owner.post(DOWNLOAD, {**sent, "what": "invoices"}).getvalue())
    assert len(listed) == 2


def test_a_statement_is_taken_out_line_by_line(as_owner, invoices, contracts, make_staff):
    staff = make_staff("keiri@provider.example", StaffRole.BILLING)
    record_payment(invoices[0], scenes.day("2026-11-15"), 1_000, "R-1", staff)
    code = contracts[0].service.provider.code
    address = reverse("billing:invoice-statement-export", args=[code])
    sent = {"from": "2026-11-01", "to": "2026-11-20", "format": "csv"}
    lines = rows(as_owner.post(address, sent).getvalue())
    assert lines[0]["残高"] == "0" and lines[0]["内容"] == "繰越残高"
    assert lines[-1]["残高"] == str(sum(invoice.gross for invoice in invoices) - 1_000)
    assert sum(int(line["ご入金"] or 0) for line in lines) == 1_000
    wrong = as_owner.post(address, {**sent, "to": "2026-10-01"})
    assert wrong.status_code == 400
    assert f'action="{reverse("billing:invoice-statement", args=[code])}"' in wrong.content.decode()


def test_staff_take_out_a_customers_statement(contracts, invoices, make_staff, signed_in):
    provider = contracts[0].service.provider
    args = [provider.code, contracts[0].organisation_id]
    address = reverse("billing:statement-of-export", args=args)
    sent = {"from": "2026-11-01", "to": "2026-11-20", "format": "csv"}
    client = signed_in(make_staff("kansa@provider.example", StaffRole.AUDITOR))
    assert len(rows(client.post(address, sent).getvalue())) == 3
    other = load_priced_service("partner-cloud-e").provider
    stranger = scenes.works_for(make_staff("other@provider.example", StaffRole.BILLING), other)
    assert signed_in(stranger).post(address, sent).status_code == 404
    reception = signed_in(make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
    assert reception.post(address, sent).status_code == 404


def test_contracts_and_requests_are_taken_out(as_owner, contracts):
    scenes.cancel(contracts[0], scenes.day("2026-12-31"), scenes.at("2026-11-18"))
    listed = rows(as_owner.post(CONTRACT_LIST, {"format": "csv"}).getvalue())
    assert [row["契約番号"] for row in listed] == ["C26-000002", "C26-000001"]
    assert all(row["商品"] for row in listed)
    (asked,) = rows(as_owner.post(REQUEST_LIST, {"format": "csv-cp932"}).getvalue(), "cp932")
    assert asked["契約番号"] == "C26-000001"
    page = as_owner.get(reverse("contracts:contract-list")).content.decode()
    assert CONTRACT_LIST in page and REQUEST_LIST in page
    sheet = load_workbook(io.BytesIO(as_owner.post(CONTRACT_LIST, {"format": "x"}).getvalue())).active
    assert sheet.max_row == 3


def test_money_is_taken_out_by_owners_and_who_handles_billing(yamada, invoices, signed_in):
    for given, status in ((BILLING, 200), (CONTRACTS, 403), (READER, 403)):
        client = signed_in(join(yamada, given, f"{status}{given.handles_contracts}@yamada.example").user)
        assert client.post(INVOICE_LIST, {"format": "csv"}).status_code == status
        assert client.get(DOWNLOAD).status_code == status
        assert client.post(DOWNLOAD, {"what": "documents", **YEAR}).status_code == status
        assert client.post(CONTRACT_LIST, {"format": "csv"}).status_code == 200
        page = client.get(reverse("billing:invoice-list")).content.decode()
        assert (INVOICE_LIST in page) == (DOWNLOAD in page) == (status == 200)


def test_who_is_limited_takes_out_their_contracts_alone(yamada, contracts, invoices, signed_in):
    scenes.cancel(contracts[0], scenes.day("2026-12-31"), scenes.at("2026-11-18"))
    client = signed_in(join(yamada, limited(contracts[1])).user)
    with zipped(client) as files:
        assert [row["契約番号"] for row in rows(files.read(INDEX))] == ["C26-000002"]
    assert len(rows(client.post(INVOICE_LIST, {"format": "csv"}).getvalue())) == 1
    assert len(rows(client.post(CONTRACT_LIST, {"format": "csv"}).getvalue())) == 1
    assert rows(client.post(REQUEST_LIST, {"format": "csv"}).getvalue()) == []
    code = contracts[0].service.provider.code
    address = reverse("billing:invoice-statement-export", args=[code])
    assert client.post(address, {"format": "csv"}).status_code == 403


def test_no_name_becomes_a_formula(as_owner, invoices, contracts):
    service = contracts[0].service
    service.names = {"ja": "=1+1", "en": "=1+1"}
    service.save()
    found = rows(as_owner.post(CONTRACT_LIST, {"format": "csv"}).getvalue())
    assert {row["サービス"] for row in found} == {"'=1+1"}


def test_more_rows_take_no_more_queries(as_owner, yamada, contracts):
    def asked() -> dict[str, int]:
        sent = {"format": "csv", **YEAR}
        counts = {}
        for address, what in (
            (INVOICE_LIST, {}), (CONTRACT_LIST, {}), (REQUEST_LIST, {}), (DOWNLOAD, {"what": "payments"}),
        ):  # fmt: skip
            with CaptureQueriesContext(connection) as queries:
                as_owner.post(address, {**sent, **what}).getvalue()
            counts[address] = len(queries)
        return counts

    service, person = contracts[0].service, scenes.owner_of(yamada)
    scenes.cancel(contracts[0], scenes.day("2026-12-31"), scenes.at("2026-11-18"))
    few = asked()
    for place in range(10, 30):
        contract = make_contract(service, yamada, person, f"C26-0000{place}", {"line": 1})
        scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at("2026-11-18"))
    bill(service.provider, Month(2026, 10), scenes.day("2026-11-11"))
    assert asked() == few

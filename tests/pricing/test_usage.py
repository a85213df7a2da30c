"""Usage from files: taken once, refused with reasons, charged on the right invoice and never twice."""

import csv
from contextlib import suppress
from datetime import date
from io import BytesIO
from zipfile import BadZipFile

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Border, Side
from tablib import Dataset

from billing.models import Invoice, RefusedUsage, UsageImport, UsageRecord
from billing.pricing import usage_rows
from billing.pricing.usage import correct_refused, import_usage, settle_refused, undo_import
from billing.pricing.usage_import import BoundedXLSX, JapaneseCSV, UsageResource, UsageTable
from billing.pricing.usage_rows import Refusal
from billing.runs.bill import bill
from billing.runs.preview import preview
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.formats.book_reading import read_workbook
from portal.formats.tables import TooLargeTableError, read_csv
from tests import scenes
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.scenes import at, staff_member
from tests.usage_files import HEADINGS, row, usage_file

SEPTEMBER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-10"), tick=False):
        yield


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service, organisation, user):
    return make_contract(service, organisation, user, "C26-000001", {"line": 1}, billed_from=SEPTEMBER)


@pytest.fixture
def staff(db):
    return staff_member()


def imported(*rows: tuple[object, ...]) -> UsageImport:
    return import_usage(usage_file(rows), "calls.csv", None)


def counts(stored: UsageImport) -> tuple[int, int, int]:
    return stored.taken, stored.duplicates, stored.refused


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_rows_are_taken_in_either_encoding(contract, encoding):
    stored = import_usage(usage_file([row("a"), row("b", quantity="１，２３４")], encoding), "通話.csv", None)
    assert counts(stored) == (2, 0, 0)
    record = UsageRecord.objects.get(reference="b")
    assert (record.contract, record.month, record.quantity) == (contract, SEPTEMBER, 1234)
    assert AuditEntry.objects.get(action="usage.imported").data["taken"] == 2


def test_rows_are_taken_from_a_spreadsheet(contract):
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(row("a", quantity=250, day=date(2026, 9, 3), month=SEPTEMBER))
    content = BytesIO()
    book.save(content)
    stored = import_usage(BoundedXLSX().create_dataset(content.getvalue()), "calls.xlsx", None)
    assert counts(stored) == (1, 0, 0)
    assert UsageRecord.objects.get().occurred_on == date(2026, 9, 3)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(UnicodeDecodeError):
        usage_file([row("a")], "utf-16")


def test_a_file_without_a_column_stores_nothing(contract):
    dataset = usage_file([row("a")])
    del dataset["利用月"]
    with pytest.raises(Exception, match="month"):
        import_usage(dataset, "calls.csv", None)
    assert not UsageImport.objects.exists()


WRONG = {
    Refusal.REFERENCE_MISSING: row(""),
    Refusal.CONTRACT_UNKNOWN: row("x", "C26-999999"),
    Refusal.PRODUCT_UNKNOWN: row("x", product="nothing"),
    Refusal.NOT_USAGE: row("x", product="line"),
    Refusal.MONTH_WRONG: row("x", month="2026-13"),
    Refusal.MONTH_TO_COME: row("x", month="2026-12", day="2026-12-01"),
    Refusal.DAY_WRONG: row("x", day="yesterday"),
    Refusal.DAY_OUTSIDE_MONTH: row("x", day="2026-10-01"),
    Refusal.CONTRACT_NOT_CHARGED: row("x", month="2026-08", day="2026-08-31"),
}


@pytest.mark.parametrize("reason", WRONG)
def test_a_wrong_row_is_kept_with_its_reason_and_stops_no_other(contract, reason):
    stored = imported(row("good"), WRONG[reason])
    assert counts(stored) == (1, 0, 1)
    kept = RefusedUsage.objects.get()
    assert kept.reasons == [reason.value]
    assert kept.row_number == 3
    assert kept.values["contract"] == WRONG[reason][1]


@pytest.mark.parametrize("number", ["", "-1", "1.5", "10円", "一", "9" * 30])
def test_bad_numbers_are_refused(contract, number):
    assert counts(imported(row("x", quantity=number))) == (0, 0, 1)
    assert RefusedUsage.objects.get().reasons == [Refusal.QUANTITY_WRONG.value]


def test_usage_after_the_end_of_a_contract_is_refused(contract):
    contract.billed_through_on = contract.ends_on = date(2026, 9, 30)
    contract.end_kind = "cancelled"
    contract.save()
    stored = imported(row("last"), row("late", month="2026-10", day="2026-10-01"))
    assert counts(stored) == (1, 0, 1)
    assert RefusedUsage.objects.get().reasons == [Refusal.CONTRACT_NOT_CHARGED.value]


def test_the_same_rows_again_are_counted_but_not_taken(contract):
    imported(row("a"), row("b"))
    assert counts(imported(row("a"), row("b"), row("c"), row("c"))) == (1, 3, 0)
    assert UsageRecord.objects.count() == 3


def test_a_known_reference_with_other_content_is_refused(contract):
    imported(row("a"))
    assert counts(imported(row("a", quantity="101"))) == (0, 0, 1)
    assert RefusedUsage.objects.get().reasons == [Refusal.REFERENCE_TAKEN.value]
    assert UsageRecord.objects.get().quantity == 100


def test_a_preview_tells_all_and_stores_nothing(contract):
    rows = usage_file([row("a"), row("a"), row("b", "C26-999999")])
    result = UsageResource().import_data(rows, dry_run=True, use_transactions=True)
    assert result.counts == (1, 1, 1)
    assert [shown.import_type for shown in result.rows] == ["skip", "skip", "new"]
    assert not UsageImport.objects.exists()
    assert not UsageRecord.objects.exists()


def test_a_refused_row_is_settled_once_with_a_note(contract):
    imported(row("x", "C26-999999"))
    refused, staff = RefusedUsage.objects.get(), staff_member()
    with pytest.raises(ValidationError):
        settle_refused(refused, " ", staff)
    assert settle_refused(refused, "契約番号を直して取り込みました", staff).settled_by == staff
    with pytest.raises(ValidationError):
        settle_refused(refused, "もう一度", staff)


def test_calls_of_a_month_are_on_the_next_months_invoice(service, contract):
    imported(
        row("a", quantity="1000"),
        row("b", quantity="234"),
        row("c", product="calls-international", quantity="77"),
        row("d", quantity="5000", month="2026-10", day="2026-10-02"),
    )
    bill(service.provider, OCTOBER, ISSUE_DAY)

    invoice = Invoice.objects.get()
    # One line at 5,000 and calls of September at 1,234 with tax; 77 of international calls without.
    assert (invoice.net, invoice.tax, invoice.gross) == (6_311, 623, 6_934)
    assert invoice.due_on == date(2026, 10, 31)
    lines = {line["product"]: line for line in invoice.document["lines"]}
    assert lines["calls-domestic"]["amount"] == 1_234
    assert lines["calls-domestic"]["period"] == {"from": "2026-09-01", "to": "2026-09-30"}
    assert lines["calls-international"]["rate"] is None
    assert lines["calls-international"]["exported"], "exempt as an export (消費税法7条1項3号)"
    assert "period" not in lines["line"]
    assert UsageRecord.objects.filter(invoice=invoice).count() == 3

    bill(service.provider, OCTOBER + 1, date(2026, 12, 1))
    following = Invoice.objects.get(month=date(2026, 11, 1))
    assert following.net == 10_000
    assert not UsageRecord.objects.filter(invoice__isnull=True).exists()


def test_calls_of_the_last_month_are_charged_after_the_end(service, contract):
    contract.ends_on = contract.billed_through_on = date(2026, 9, 30)
    contract.end_kind = "cancelled"
    contract.save()
    contract.items.update(ends_on=date(2026, 9, 30), billed_through_on=date(2026, 9, 30))
    imported(row("a", quantity="1000"))

    bill(service.provider, Month(2026, 9), date(2026, 10, 1))
    assert Invoice.objects.get().net == 5_000
    bill(service.provider, OCTOBER, ISSUE_DAY)

    last = Invoice.objects.get(month=OCTOBER.first)
    assert (last.net, last.gross, last.due_on) == (1_000, 1_100, date(2026, 10, 31))
    bill(service.provider, OCTOBER, ISSUE_DAY)
    assert Invoice.objects.count() == 2


def test_usage_that_comes_late_is_charged_at_the_tax_of_its_month(service, organisation, user):
    make_contract(service, organisation, user, "C26-000001", {"line": 1}, billed_from=date(2019, 9, 1))
    with time_machine.travel(at("2019-10-05"), tick=False):
        imported(row("a", quantity="1000", month="2019-09", day="2019-09-30"))
    bill(service.provider, Month(2019, 10), date(2019, 11, 1))

    rates = {rate["rate"]: (rate["net"], rate["tax"]) for rate in Invoice.objects.get().document["rates"]}
    assert rates == {"10": (5_000, 500), "8": (1_000, 80)}


def test_a_preview_warns_of_usage_that_seems_to_be_missing(service, contract):
    imported(row("a", month="2026-09"))
    assert preview(service.provider, OCTOBER).missing_usage == []
    (missing,) = preview(service.provider, OCTOBER + 1).missing_usage
    assert (missing.contract, missing.product, missing.month) == ("C26-000001", "calls-domestic", OCTOBER)
    kept = preview(service.provider, OCTOBER + 1).as_json()
    for language, name in missing.names.items():
        with override(language):
            assert name in render_to_string("admin/billing/_run_preview.html", {"preview": kept})
    assert len({"calls-domestic", *missing.names.values()}) == 3, "names in two languages, not the key"


def test_imported_usage_is_neither_changed_nor_deleted(contract):
    imported(row("a"))
    with pytest.raises(DatabaseError), transaction.atomic():
        UsageRecord.objects.update(quantity=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        UsageRecord.objects.all().delete()


@pytest.mark.parametrize(
    "name",
    [
        "通話料（国内）",
        "通話料(国内)",
        "ﾂｳﾜﾘｮｳ",
        "Call charges, domestic",
        "CALLS-DOMESTIC",
        "ｃａｌｌｓ－ｄｏｍｅｓｔｉｃ",
    ],
)
def test_a_product_is_known_by_its_name_or_key_in_any_width(contract, name):
    known = name != "ﾂｳﾜﾘｮｳ"
    assert counts(imported(row("a", product=f'"{name}"'))) == ((1, 0, 0) if known else (0, 0, 1))
    if known:
        assert UsageRecord.objects.get().product == "calls-domestic"
        assert counts(imported(row("a"))) == (0, 1, 0), "the same usage, whatever the product is called"


def table(headings: str, *rows: str):
    return JapaneseCSV().create_dataset("\r\n".join([headings, *rows]).encode("cp932"))


def test_a_file_with_quantities_and_amounts_is_refused(contract):
    dataset = table(
        "明細番号,契約番号,品目,利用月,数量,金額,利用日",
        "t1,C26-000001,calls-domestic,2026-09,3,1200,2026-09-15",
    )
    with pytest.raises(ValidationError) as refused, override("ja"):
        import_usage(dataset, "calls.csv", None)
    assert refused.value.code == "columns_alike"
    assert "数量, 金額" in refused.value.message
    assert not UsageImport.objects.exists()


@pytest.mark.parametrize("other", ["品目コード", "商品名", "product", "品目（product）", " 品 目 "])
def test_two_headings_of_one_column_refuse_the_file(contract, other):
    with pytest.raises(ValidationError) as refused:
        import_usage(table(f"明細番号,契約番号,品目,利用月,金額,利用日,{other}", "a"), "calls.csv", None)
    assert refused.value.code == "columns_alike"


def test_an_amount_is_no_quantity_of_what_is_counted(contract, monkeypatch):
    monkeypatch.setattr(usage_rows, "_YEN", "分")  # as if calls were charged by the minute
    assert counts(imported(row("a"))) == (0, 0, 1)
    assert RefusedUsage.objects.get().reasons == [Refusal.AMOUNT_GIVEN.value]
    by_quantity = table(
        "明細番号,契約番号,品目,利用月,数量,利用日", "b,C26-000001,calls-domestic,2026-09,3,2026-09-15"
    )
    assert counts(import_usage(by_quantity, "calls.csv", None)) == (1, 0, 0)


@pytest.mark.parametrize("content", [b"", b"\r\n", b",,,\r\n,,\r\n", "\ufeff".encode()])
def test_an_empty_file_is_refused_in_words(db, content):
    with pytest.raises(ValidationError) as refused:
        import_usage(JapaneseCSV().create_dataset(content), "calls.csv", None)
    assert refused.value.code == "empty"
    with pytest.raises(ValidationError) as headings_alone:
        usage_file([])
    assert headings_alone.value.code == "no_rows"
    with pytest.raises(ValidationError) as nothing:
        import_usage(Dataset(), "calls.csv", None)
    assert nothing.value.code == "empty"


def test_rows_without_any_value_are_no_rows(contract):
    lines = [
        "明細番号,契約番号,品目,利用月,金額,利用日",
        ",,,,,",
        "a,C26-000001,calls-domestic,2026-09,5,2026-09-15",
    ]
    stored = import_usage(table(*lines, "　, ,,,,", "b,X,,,,", ",,,,,"), "calls.csv", None)
    assert counts(stored) == (1, 0, 1)
    assert RefusedUsage.objects.get().row_number == 5, "the row of the file"


def test_ruled_rows_of_a_sheet_are_no_rows(contract):
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(row("a"))
    for number in range(3, 40):
        for column in range(1, 7):
            book.active.cell(number, column).border = Border(bottom=Side("thin"))
    book.active.cell(20, 1).value = " "
    content = BytesIO()
    book.save(content)
    assert counts(import_usage(JapaneseCSV().create_dataset(content.getvalue()), "calls.csv", None)) == (
        1,
        0,
        0,
    )


def test_an_import_is_undone_and_its_corrected_file_comes_in(contract, staff):
    first = imported(row("a", quantity="999"), row("b", "C26-999999"))
    assert undo_import(first, "金額の誤り", staff) == 1
    first.refresh_from_db()
    assert (first.undone_by, first.undoing_reason) == (staff, "金額の誤り")
    record = UsageRecord.objects.get()
    assert (record.undone, record.withdrawal_reason) == (True, "金額の誤り")
    assert RefusedUsage.objects.get().settled_by == staff
    assert AuditEntry.objects.get(action="usage.import_undone").data["count"] == 1
    assert counts(imported(row("a", quantity="100"))) == (1, 0, 0)
    bill(contract.service.provider, OCTOBER, ISSUE_DAY)
    assert UsageRecord.objects.get(invoice__isnull=False).quantity == 100
    with pytest.raises(ValidationError) as again:
        undo_import(first, "もう一度", staff)
    assert again.value.code == "undone"


def test_an_import_that_is_invoiced_is_not_undone(contract, staff):
    stored = imported(row("a"), row("b", month="2026-10", day="2026-10-05"))
    bill(contract.service.provider, OCTOBER, ISSUE_DAY)
    with pytest.raises(ValidationError) as refused:
        undo_import(stored, "誤り", staff)
    assert refused.value.code == "invoiced"
    assert not UsageRecord.objects.filter(withdrawn_at__isnull=False).exists()
    with pytest.raises(ValidationError):
        undo_import(imported(row("c")), " ", staff)


def test_a_refused_row_is_corrected_and_taken(contract, staff):
    stored = imported(row("x", "C26-999999", quantity="12円"))
    refused = RefusedUsage.objects.get()
    with pytest.raises(ValidationError) as still:
        correct_refused(refused, {**refused.values, "contract": "C26-000001"}, staff)
    assert list(still.value.error_dict) == ["quantity"]
    assert not UsageRecord.objects.exists()
    values = {
        **refused.values,
        "contract": "Ｃ２６－０００００１",
        "product": "通話料（国内）",
        "quantity": "12",
    }
    taken = correct_refused(refused, values, staff)
    assert (taken.contract, taken.quantity, taken.imported) == (contract, 12, stored)
    refused.refresh_from_db()
    stored.refresh_from_db()
    assert (refused.settled_by, stored.taken, stored.refused) == (staff, 1, 1)
    entry = AuditEntry.objects.get(action="usage.corrected")
    assert entry.data["contract"] == "C26-000001"
    with pytest.raises(ValidationError) as again:
        correct_refused(refused, values, staff)
    assert again.value.code == "settled"


def test_staff_correct_rows_for_contracts_of_their_providers_alone(contract):
    stranger = scenes.works_for(staff_member())
    imported(row("x", "C26-999999"))
    refused = RefusedUsage.objects.get()
    with pytest.raises(ValidationError) as told:
        correct_refused(refused, {**refused.values, "contract": "C26-000001"}, stranger)
    assert list(told.value.error_dict) == ["contract"]


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "a",
            "C26-000001",
            "calls-domestic",
            "通話料（国内）",
            "2026-09",
            "2026-09-15",
            "5",
            "٣",
            "1e3",
            "-1",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([*HEADINGS, "数量", "reference", "", "備考"]), max_size=8),
    st.lists(st.lists(CELLS, max_size=8), max_size=4),
)
def test_whatever_a_file_of_usage_holds_it_is_taken_kept_or_refused(contract, headings, rows):
    with transaction.atomic():
        dataset = UsageTable(
            *(([*cells, *[""] * len(headings)])[: len(headings)] for cells in rows), headings=headings
        )
        try:
            stored = import_usage(dataset, "calls.csv", None)
        except ValidationError as refused:
            assert refused.code in ("empty", "column_missing", "columns_alike")
            assert not UsageImport.objects.exists()
        else:
            assert sum(counts(stored)) == len(rows)
            assert stored.records.count() == stored.taken
            assert stored.refused_rows.count() == stored.refused
        transaction.set_rollback(True)


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=40).map(lambda rest: b"PK\x03\x04" + rest)))
@settings(max_examples=10, deadline=None)
def test_whatever_bytes_come_they_are_a_table_or_unreadable(content):
    rows = read_csv if not content.startswith(b"PK") else read_workbook
    with suppress(UnicodeDecodeError, TooLargeTableError, BadZipFile, csv.Error, KeyError):
        rows(content)

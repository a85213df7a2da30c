"""Usage from files: taken once, refused with reasons, charged on the right invoice and never twice."""

from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string
from django.utils.translation import override
from openpyxl import Workbook

from billing.models import Invoice, RefusedUsage, UsageImport, UsageRecord
from billing.pricing.usage import import_usage, settle_refused
from billing.pricing.usage_import import XLSX, UsageResource
from billing.pricing.usage_rows import Refusal
from billing.runs.bill import bill
from billing.runs.preview import preview
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
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
    stored = import_usage(XLSX().create_dataset(content.getvalue()), "calls.xlsx", None)
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

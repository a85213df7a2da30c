"""A month's billing: amounts, numbers, and that nothing is issued twice."""

from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from billing.documents.invoice_document import digest
from billing.documents.invoice_pdf import render
from billing.models import BillingRun, Invoice
from billing.runs import bill as runs
from billing.runs import chunks
from billing.runs.bill import bill
from billing.runs.preview import preview
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from tests.billing_scene import (
    ISSUE_DAY,
    OCTOBER,
    add_price_list,
    hold,
    load_priced_service,
    load_service,
    make_contract,
    make_contracts,
)
from tests.scenes import at, cancel


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def provider(service):
    return service.provider


def invoices() -> list[Invoice]:
    return list(Invoice.objects.order_by("sequence"))


def test_amounts_follow_from_items_prices_and_tax_once_per_rate(service, provider, organisation, user):
    items = {
        "line": 3,
        "seat": 1,
        "user": 3,
        "number-first": 1,
        "calls-domestic": 1234,
        "calls-international": 77,
    }
    make_contract(service, organisation, user, "C26-000001", items)

    result = bill(provider, OCTOBER, ISSUE_DAY)

    (invoice,) = invoices()
    # One user licence comes with the seat: 3×5000 + 5000 + 2×500 + 380 + 1234 at 10 %, 77 outside the tax.
    assert (invoice.net, invoice.tax, invoice.gross) == (22614 + 77, 2261, 22614 + 77 + 2261)
    assert invoice.document["rates"] == [
        {"rate": "10", "reduced": False, "net": 22614, "tax": 2261},
        {"rate": None, "reduced": False, "net": 77, "tax": 0},
    ]
    user_line = next(line for line in invoice.document["lines"] if line["product"] == "user")
    assert (user_line["quantity"], user_line["included"], user_line["amount"]) == (2, 1, 1000)
    assert invoice.due_on == date(2026, 10, 31)
    assert result.finished
    assert (result.issued, result.pdfs, result.total.gross) == (1, 1, invoice.gross)


def test_the_document_states_who_what_and_when(service, provider, organisation, user):
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    bill(provider, OCTOBER, ISSUE_DAY)

    (invoice,) = invoices()
    document = invoice.document
    assert document["number"] == invoice.number == "CD-2026-000001"
    assert document["issuer"]["registration_number"] == provider.on(ISSUE_DAY).registration_number
    assert document["recipient"]["name"] == organisation.name
    assert document["period"] == {"from": "2026-10-01", "to": "2026-10-31"}
    assert document["bank_account"] == provider.on(ISSUE_DAY).bank_account
    assert {step["rule"] for step in document["steps"]} >= {
        "charge.line",
        "tax.rounding.floor",
        "due.month_end",
    }
    assert invoice.document_hash == digest(document)


def test_an_invoice_keeps_what_was_true_when_it_was_issued(service, provider, organisation, user):
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    bill(provider, OCTOBER, ISSUE_DAY)
    organisation.name = "別の名前"
    organisation.save()

    (invoice,) = invoices()
    assert invoice.document["recipient"]["name"] == "株式会社みなと商事"
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.update(gross=1, net=1, tax=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.update(pdf_hash="0" * 64)


def test_numbers_are_consecutive_in_order_of_contracts(service, provider, organisation, user, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 3)
    numbers = [f"C26-{place:06}" for place in range(7, 0, -1)]
    make_contracts(service, organisation, user, numbers)

    bill(provider, OCTOBER, ISSUE_DAY)

    assert [invoice.number for invoice in invoices()] == [f"CD-2026-{place:06}" for place in range(1, 8)]
    assert [invoice.contract.number for invoice in invoices()] == sorted(numbers)


def test_the_fiscal_year_numbers_anew(service, provider, organisation, user):
    make_contract(service, organisation, user, "C26-000001", {"line": 1}, billed_from=date(2027, 1, 1))
    bill(provider, Month(2027, 2), date(2027, 3, 31))
    bill(provider, Month(2027, 3), date(2027, 4, 1))
    assert [invoice.number for invoice in Invoice.objects.order_by("month")] == [
        "CD-2026-000001",
        "CD-2027-000001",
    ]


def test_running_again_issues_nothing_twice(service, provider, organisation, user):
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    first = bill(provider, OCTOBER, ISSUE_DAY)
    before = list(Invoice.objects.values_list("number", "pdf", "pdf_hash"))
    entries = AuditEntry.objects.count()

    second = bill(provider, OCTOBER, date(2026, 12, 1))

    assert (first.issued, second.issued, second.pdfs) == (2, 0, 0)
    assert second.total == first.total
    assert list(Invoice.objects.values_list("number", "pdf", "pdf_hash")) == before
    assert AuditEntry.objects.count() == entries


def test_a_contract_that_comes_later_is_added_to_the_run(service, provider, organisation, user):
    make_contract(service, organisation, user, "C26-000002", {"line": 1})
    bill(provider, OCTOBER, ISSUE_DAY)
    make_contract(service, organisation, user, "C26-000001", {"line": 1})

    result = bill(provider, OCTOBER, date(2026, 11, 20))

    assert (result.issued, result.finished, BillingRun.objects.count()) == (1, True, 1)
    assert [invoice.number for invoice in invoices()] == ["CD-2026-000001", "CD-2026-000002"]
    assert invoices()[1].issued_on == date(2026, 11, 20)


def test_one_time_products_are_charged_once_and_changes_from_their_month(
    service, provider, organisation, user
):
    contract = make_contract(service, organisation, user, "C26-000001")
    hold(contract, "line", 2, date(2026, 10, 1), date(2026, 10, 31))
    hold(contract, "line", 5, date(2026, 11, 1))
    hold(contract, "setup-standard", 1, date(2026, 10, 1), date(2026, 10, 31))

    for month in (OCTOBER, OCTOBER + 1, OCTOBER + 2):
        bill(provider, month, (month + 1).day(10))

    assert [invoice.net for invoice in Invoice.objects.order_by("month")] == [310_000, 25_000, 25_000]


def test_prices_of_the_last_day_of_the_month_count(service, provider, organisation, user):
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    add_price_list(service, date(2026, 10, 31), {"line": 6000})
    add_price_list(service, date(2026, 11, 1), {"line": 7000})
    bill(provider, OCTOBER, ISSUE_DAY)
    assert invoices()[0].net == 6000


def test_a_month_without_charges_gives_no_invoice(service, provider, organisation, user):
    make_contract(service, organisation, user, "C26-000001")
    make_contract(service, organisation, user, "C26-000002", {"line": 1}, billed_from=date(2026, 11, 1))

    shown = preview(provider, OCTOBER)
    result = bill(provider, OCTOBER, ISSUE_DAY)

    assert (shown.uncharged, shown.total.count) == (1, 0)
    assert result.finished
    assert invoices() == []


def test_a_product_that_the_terms_no_longer_know_is_named(service, provider, organisation, user):
    make_contract(service, organisation, user, "C26-000001", {"line": 1, "ghost": 1})
    ghost = '[[prices]]\narticle = "list-1"\nproduct = "ghost"\nunit_price = 1\ntax = "standard"\n'
    service.price_lists.update(source=Concat("source", Value(f"\n{ghost}")))
    (problem,) = bill(provider, OCTOBER, ISSUE_DAY).problems
    assert problem.reason == "約款の規則が契約に合いません：商品「ghost」がありません"
    assert invoices() == []


def test_what_cannot_be_billed_stops_nothing_else_and_keeps_the_run_open(
    service, provider, organisation, user
):
    make_contract(service, organisation, user, "C26-000001", {"line": 1, "seat": 1})
    make_contract(service, organisation, user, "C26-000002", {"line": 1})
    add_price_list(service, date(2026, 10, 1), {"line": 5000})

    result = bill(provider, OCTOBER, ISSUE_DAY)

    assert [problem.contract for problem in result.problems] == ["C26-000001"]
    assert "seat" in result.problems[0].reason
    assert not result.finished
    assert [invoice.contract.number for invoice in invoices()] == ["C26-000002"]

    add_price_list(service, date(2026, 10, 2), {"line": 5000, "seat": 5000})
    result = bill(provider, OCTOBER, ISSUE_DAY)
    assert (result.problems, result.finished, result.total.count) == ([], True, 2)


def test_a_service_without_prices_or_terms_is_reported(db, organisation, user):
    service = load_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    early = make_contract(
        service, organisation, user, "C26-000002", {"line": 1}, billed_from=date(2014, 1, 1)
    )

    assert len(preview(service.provider, OCTOBER).problems) == 2
    assert [found.contract for found in preview(service.provider, Month(2014, 1)).problems] == [early.number]


def test_a_preview_says_what_billing_does_and_stores_nothing(service, provider, organisation, user):
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    entries = AuditEntry.objects.count()

    shown = preview(provider, OCTOBER)

    assert (BillingRun.objects.count(), Invoice.objects.count(), AuditEntry.objects.count()) == (
        0,
        0,
        entries,
    )
    assert bill(provider, OCTOBER, ISSUE_DAY).total == shown.total
    after = preview(provider, OCTOBER)
    assert (after.already_issued, after.total.count) == (2, 0)


def test_a_preview_names_the_requests_that_nobody_has_decided(service, provider, organisation, user):
    contract = make_contract(service, organisation, user, "C26-000001", {"line": 2})
    asked = cancel(contract, date(2026, 11, 30), at("2026-10-15"))
    assert preview(provider, OCTOBER).undecided == []
    (named,) = preview(provider, OCTOBER + 1).undecided
    assert (named.contract, named.number, named.counts) == ("C26-000001", asked.number, True)


def test_every_pdf_lies_in_the_private_storage_with_its_hash(service, provider, organisation, user):
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    bill(provider, OCTOBER, ISSUE_DAY)
    for invoice in invoices():
        assert invoice.pdf.name == f"invoices/CD/2026-10/{invoice.number}.pdf"
        assert invoice.pdf.read() == render(invoice.document)
    _folders, files = default_storage.listdir("invoices/CD/2026-10")
    assert len(files) == 2


def test_each_chunk_leaves_one_audit_entry(service, provider, organisation, user, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 2)
    make_contracts(service, organisation, user, [f"C26-{place:06}" for place in range(1, 6)])
    bill(provider, OCTOBER, ISSUE_DAY)
    issued = AuditEntry.objects.filter(action="invoices.issued").order_by("sequence")
    assert [entry.data["count"] for entry in issued] == [2, 2, 1]
    assert issued[0].data["first"] == "CD-2026-000001"


def test_queries_for_a_chunk_do_not_grow_with_it(service, provider, organisation, user, monkeypatch):
    monkeypatch.setattr(runs, "make_missing_pdfs", lambda run, made, drawers: None)
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    bill(provider, OCTOBER, ISSUE_DAY)

    def queries(month: Month) -> int:
        with CaptureQueriesContext(connection) as captured:
            bill(provider, month, ISSUE_DAY)
        return len(captured)

    make_contract(service, organisation, user, "C26-000002", {"line": 1})
    few = queries(OCTOBER + 1)
    # No more than SQLite takes the search entries of in one statement.
    make_contracts(service, organisation, user, [f"C26-{place:06}" for place in range(3, 21)])
    assert queries(OCTOBER + 2) == few


def test_progress_reaches_its_end(service, provider, organisation, user):
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    make_contract(service, organisation, user, "C26-000003")
    told: list[tuple[int, int]] = []
    bill(provider, OCTOBER, ISSUE_DAY, report=lambda done, of: told.append((done, of)))
    assert told[-1] == (3, 3)
    assert [done for done, _of in told] == sorted(done for done, _of in told)

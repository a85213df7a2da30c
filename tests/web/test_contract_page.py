"""The staff's page of a contract: state and money on top, then products and dates, then the rest."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Invoice
from billing.runs.bill import bill
from contracts.rules.calendar.period import Month
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import hold, load_priced_service

OCTOBER = Month(2026, 10)


@pytest.fixture
def running(yamada):
    """Two lines at 5,000 a month since October, whose invoice of October is out."""
    service = load_priced_service("ct-e1")
    contract = scenes.running(service, {"line": 2}, yamada)
    bill(service.provider, OCTOBER, scenes.day("2026-11-10"))
    return contract


def page_of(contract) -> str:
    return reverse("admin:contracts_contract_change", args=[contract.pk])


def test_money_comes_first_with_the_next_invoice_line_by_line(running, staff, signed_in):
    """2 lines at 5,000 without tax: 10,000 a month, 11,000 with 10 per cent tax."""
    invoice = Invoice.objects.get(contract=running)
    text = signed_in(staff(StaffRole.BILLING)).get(page_of(running)).content.decode()
    order = [running.number, "利用中", "2026年11月の月額料金（税抜）", "10,000円", "次回の請求（2026年11月分"]
    order += ["外線ライセンス", "2 回線", invoice.number, "商品（現在と今後）", "今後の期日"]
    main = text.split('class="sheet-head"')[1]
    places = [main.index(shown) for shown in order]
    assert places == sorted(places)
    assert "11,000円" in main[places[4] : places[7]]
    assert reverse("customer", args=[running.organisation_id]) in main
    assert "第" in main.split("今後の期日")[1], "dates state their articles"


def test_reception_reads_fees_and_sums_and_opens_no_invoice(running, as_reception):
    invoice = Invoice.objects.get(contract=running)
    main = as_reception.get(page_of(running)).content.decode().split('class="sheet-head"')[1]
    assert "10,000円" in main
    assert f"{invoice.open_amount:,}円" in main
    assert invoice.number not in main
    assert "billing_invoice" not in main
    assert "/admin/billing/invoice/" not in main


def test_products_are_told_by_when_they_are_used(running, as_reception):
    hold(running, "seat", 3, scenes.day("2027-02-01"))
    main = as_reception.get(page_of(running)).content.decode()
    now, later = main.index("外線ライセンス", main.index("商品（現在と今後）")), main.index("2027年2月1日～")
    assert main.index("予定", now) < later


def test_nothing_stands_there_that_has_not_happened(running, as_reception):
    main = as_reception.get(page_of(running)).content.decode()
    assert "課金終了日" not in main
    assert "終了の種別" not in main


def test_more_invoices_and_products_need_no_more_queries(running, staff, signed_in, now):
    billing = signed_in(staff(StaffRole.BILLING))

    def asked() -> int:
        billing.get(page_of(running))
        with CaptureQueriesContext(connection) as queries:
            assert billing.get(page_of(running)).status_code == 200
        return len(queries)

    bill(running.service.provider, Month(2026, 11), scenes.day("2026-12-01"))
    few = asked()
    for month in (Month(2026, 12), Month(2027, 1), Month(2027, 2), Month(2027, 3)):
        hold(running, "setup-standard", 1, month.first, month.first)
        bill(running.service.provider, month, (month + 1).first)
    assert Invoice.objects.filter(contract=running).count() == 6
    assert asked() == few

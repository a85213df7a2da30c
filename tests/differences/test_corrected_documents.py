"""What documents that settle a difference say, on their pages and in their e-invoices."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from billing.documents.einvoice import einvoice
from billing.models import Invoice
from contracts.models import Contract
from contracts.requests.decide import accept_request
from tests.billing_scene import add_price_list
from tests.differences.months import bill_months, contract, ct_e1, end_in_november, sixth_seat
from tests.documents.jp_pint import problems
from tests.scenes import at, day, owner_of, staff_member, suzuki

__all__ = ["contract", "ct_e1"]


@pytest.fixture
def customer(contract, signed_in) -> Client:
    return signed_in(owner_of(contract.organisation))


def page_of(client: Client, invoice: Invoice) -> str:
    return client.get(reverse("billing:invoice-detail", args=[invoice.number])).content.decode()


def test_a_later_charge_names_its_month_and_leads_to_the_invoice_that_it_follows(ct_e1, contract, customer):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    accept_request(request, staff_member(), at("2026-11-05"))
    bill_months(ct_e1, 11)
    october, november = Invoice.objects.filter(month__gte=date(2026, 10, 1)).order_by("month")
    page = page_of(customer, november)
    assert "2026年10月のご利用分" in page
    link = f'<a class="code" href="{reverse("billing:invoice-detail", args=[october.number])}">'
    assert f"追加請求（元の請求書） {link}{october.number}</a>" in page
    assert "追加請求" not in page_of(customer, october)
    assert problems(einvoice(november.document)) == []


def test_an_invoice_to_the_predecessor_is_named_without_a_link(ct_e1, contract, signed_in):
    request = sixth_seat(contract)
    bill_months(ct_e1, 9, 10)
    accept_request(request, staff_member(), at("2026-11-05"))
    successor = suzuki()
    Contract.objects.update(organisation=successor)
    bill_months(ct_e1, 11)
    october, november = Invoice.objects.filter(month__gte=date(2026, 10, 1)).order_by("month")
    page = page_of(signed_in(owner_of(successor)), november)
    assert f'追加請求（元の請求書） <span class="code">{october.number}</span>' in page


def test_a_return_that_follows_from_facts_says_that_it_corrects(ct_e1, contract, customer):
    bill_months(ct_e1, 9, 10, 11, 12)
    end_in_november(contract)
    bill_months(ct_e1, 13)
    returned = Invoice.objects.get(kind="return")
    page = page_of(customer, returned)
    assert "請求額の訂正による差額の返還" in page
    assert "2026年12月分について、現在把握している事実に基づく料金が請求額を下回るため" in page
    assert problems(einvoice(returned.document)) == []


def test_an_invoice_issued_anew_for_another_price_names_the_one_that_it_replaces(ct_e1, contract, customer):
    bill_months(ct_e1, 9, 10)
    old = Invoice.objects.get(month=day("2026-10-01"))
    add_price_list(ct_e1, day("2026-10-01"), {"seat": 4_000})
    bill_months(ct_e1, 11)
    new = Invoice.objects.charging().get(month=day("2026-10-01"))
    assert old.number in page_of(customer, new)
    assert new.number in page_of(customer, old)
    assert problems(einvoice(new.document)) == []
    old.refresh_from_db()
    assert old.cancel_reason == "2026年10月分の請求書に記載した単価または消費税に誤りがあったため"

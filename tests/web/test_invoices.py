"""The customer's invoice pages: whose they are, what they say, and what they cost in queries."""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.documents.embedded import embedded_einvoice
from billing.models import Invoice
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.models import Provider
from portal.organisations.operations import create_organisation
from portal.organisations.roles import StaffRole
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract, make_contracts
from tests.documents.jp_pint import problems
from tests.scenes import at, restated

LIST = reverse("billing:invoice-list")


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def invoice(service, organisation, user) -> Invoice:
    make_contract(service, organisation, user, "C26-000001", {"line": 3, "seat": 1, "user": 3})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


def detail(invoice: Invoice) -> str:
    return reverse("billing:invoice-detail", args=[invoice.number])


def pdf(invoice: Invoice) -> str:
    return reverse("billing:invoice-pdf", args=[invoice.number])


def xml(invoice: Invoice) -> str:
    return reverse("billing:invoice-einvoice", args=[invoice.number])


@pytest.fixture
def stranger(make_user, details):
    other = make_user("taro@other.example")
    create_organisation(other, details)
    return other


def test_the_list_shows_number_amount_and_state(invoice, user, signed_in):
    page = signed_in(user).get(LIST).content.decode()
    assert invoice.number in page
    assert "¥23,100" in page
    assert "chip--overdue" in page


def test_an_invoice_without_a_registration_number_shows_none_and_says_why(
    service, organisation, user, signed_in, time_machine
):
    time_machine.move_to(at("2026-10-01"), tick=False)
    restated(service.provider, date(2026, 10, 1), registration_number="")
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    bill(Provider.objects.get(), OCTOBER, ISSUE_DAY)
    page = signed_in(user).get(detail(Invoice.objects.get())).content.decode()
    assert "2026年10月31日の時点で提供者に登録番号がなく" in page
    assert "<dt>登録番号</dt>" not in page
    assert "登録番号なし" not in page


def test_a_paid_invoice_is_shown_as_paid(invoice, user, signed_in):
    record_payment(invoice, date(2026, 10, 30), invoice.gross, "bank-1")
    page = signed_in(user).get(LIST).content.decode()
    assert "chip--paid" in page
    assert "chip--overdue" not in page


def test_invoices_are_found_by_month(invoice, service, user, signed_in):
    bill(service.provider, OCTOBER + 1, date(2026, 12, 10))
    november = Invoice.objects.get(month=date(2026, 11, 1))
    page = signed_in(user).get(LIST, {"month": "2026-11"}).content.decode()
    assert november.number in page
    assert invoice.number not in page


@pytest.mark.parametrize("month", ["2026-13", "October", "2026/10"])
def test_a_wrong_month_is_named_and_kept(invoice, user, signed_in, month):
    response = signed_in(user).get(LIST, {"month": month})
    assert response.status_code == 200
    assert response.context["search"].errors["month"]
    assert f'value="{month}"' in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"from_day": "2026-12-01"}, ["CD-2026-000002"]),
        ({"to_day": "2026/11/10"}, ["CD-2026-000001"]),
        ({"least": "２３，１００", "most": "23100"}, ["CD-2026-000002", "CD-2026-000001"]),
        ({"least": "23101"}, []),
        ({"provider": "CD", "from_day": "2026-12-01", "most": "30000"}, ["CD-2026-000002"]),
    ],
)
def test_invoices_are_found_by_day_amount_and_issuer(invoice, service, user, signed_in, asked, numbers):
    bill(service.provider, OCTOBER + 1, date(2026, 12, 10))
    found = signed_in(user).get(LIST, asked).context["invoices"]
    assert [row.invoice.number for row in found] == numbers


def test_a_wrong_day_or_provider_is_named(invoice, user, signed_in):
    form = signed_in(user).get(LIST, {"from_day": "x", "least": "y", "provider": "XX"}).context["search"]
    assert set(form.errors) == {"from_day", "least", "provider"}


def test_every_line_and_total_explains_itself(invoice, user, signed_in):
    response = signed_in(user).get(detail(invoice))
    page = response.content.decode()
    reasons = response.context["reasons"]
    assert [len(part.reasons.steps) for part in reasons.lines] == [1, 1, 1]
    assert [len(part.reasons.steps) for part in reasons.rates] == [2]
    assert len(reasons.total.steps) == 2
    assert reasons.due.steps
    for amount in ("15,000", "5,000", "1,000", "21,000", "2,100", "23,100"):
        assert f"¥{amount}" in page
    assert "#article-list-1" in page


def test_the_page_speaks_english(invoice, user, signed_in):
    client = signed_in(user)
    client.post(reverse("set_language"), {"language": "en"})
    page = client.get(detail(invoice)).content.decode()
    assert "What is charged" in page
    assert "Consumption tax 10%" in page


def test_the_pdf_is_the_one_that_was_issued(invoice, user, signed_in):
    response = signed_in(user).get(pdf(invoice))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert b"".join(response.streaming_content) == Path(invoice.pdf.path).read_bytes()


def test_the_einvoice_is_the_one_in_the_pdf(invoice, user, signed_in):
    client = signed_in(user)
    assert f'href="{xml(invoice)}"' in client.get(detail(invoice)).content.decode()
    response = client.get(xml(invoice))
    assert response["Content-Type"] == "application/xml"
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.number}.xml"'
    content = b"".join(response.streaming_content)
    assert content == embedded_einvoice(Path(invoice.pdf.path).read_bytes(), invoice.number)
    assert problems(content) == []
    assert f"<cbc:ID>{invoice.number}</cbc:ID>" in content.decode()


@pytest.mark.parametrize("address", [detail, pdf, xml])
def test_others_invoices_do_not_exist(invoice, stranger, signed_in, address):
    assert signed_in(stranger).get(address(invoice)).status_code == 404


def test_others_invoices_are_not_listed(invoice, stranger, signed_in):
    assert invoice.number not in signed_in(stranger).get(LIST).content.decode()


@pytest.mark.parametrize("address", [lambda invoice: LIST, detail, pdf, xml])
def test_who_is_not_signed_in_is_asked_to(invoice, client, address):
    response = client.get(address(invoice))
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


@pytest.mark.parametrize(
    ("role", "status"),
    [(StaffRole.BILLING, 200), (StaffRole.MANAGER, 200), (StaffRole.RECEPTION, 404), (StaffRole.TERMS, 404)],
)
def test_staff_get_the_files_if_their_role_may_see_invoices(invoice, make_staff, signed_in, role, status):
    client = signed_in(make_staff("staff@provider.example", role))
    for address in (pdf, xml):
        assert client.get(address(invoice)).status_code == status


@pytest.mark.parametrize("address", [pdf, xml])
def test_a_missing_or_changed_file_is_not_handed_out(invoice, user, signed_in, address):
    file = Path(invoice.pdf.path)
    file.write_bytes(b"%PDF-1.7 something else")
    assert signed_in(user).get(address(invoice)).status_code == 404
    file.unlink()
    response = signed_in(user).get(address(invoice))
    assert response.status_code == 404
    assert "ファイルをダウンロードできません" in response.content.decode()


def test_unknown_numbers_are_not_found(user, organisation, signed_in):
    for name in ("billing:invoice-detail", "billing:invoice-pdf", "billing:invoice-einvoice"):
        assert signed_in(user).get(reverse(name, args=["CD-2026-999999"])).status_code == 404


def test_queries_do_not_grow_with_the_number_of_invoices(service, organisation, user, signed_in, monkeypatch):
    monkeypatch.setattr("billing.runs.bill.make_missing_pdfs", lambda run, made, drawers: None)
    client = signed_in(user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    make_contracts(service, organisation, user, ["C26-000001"])
    bill(service.provider, OCTOBER, ISSUE_DAY)
    few = queries()
    make_contracts(service, organisation, user, [f"C26-{place:06}" for place in range(2, 22)])
    bill(service.provider, OCTOBER, ISSUE_DAY)
    assert queries() == few

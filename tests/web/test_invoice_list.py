"""The list of a customer's invoices: what is open of each, what was searched for, and what it comes to."""

import io
from datetime import date
from zipfile import ZipFile

import pdfplumber
import pytest
import time_machine
from django.urls import reverse

from billing.models import Invoice
from billing.receivables.balances import State
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from portal.organisations.operations import create_organisation
from tests.billing_scene import OCTOBER, load_priced_service, make_contract
from tests.scenes import at

LIST = reverse("billing:invoice-list")
EXPORT = reverse("billing:invoice-list-export")


@pytest.fixture
def numbers(db, organisation, user) -> dict[str, str]:
    """Four invoices: paid, overdue after a part, to be paid, and partly paid before it is due."""
    with time_machine.travel(at("2026-12-10 10:00"), tick=False):
        calls, office = load_priced_service("ct-e1"), load_priced_service("desknets")
        make_contract(calls, organisation, user, "C26-000001", {"line": 3})
        make_contract(office, organisation, user, "C26-000002", {"user": 10})
        for service in (calls, office):
            for back in (0, 1):
                bill(service.provider, OCTOBER + back, date(2026, 11 + back, 10))
        issued = {
            f"{one.contract.service.slug} {one.month:%m}": one
            for one in Invoice.objects.select_related("contract__service")
        }
        record_payment(issued["ct-e1 10"], date(2026, 10, 30), issued["ct-e1 10"].gross, "bank-1")
        record_payment(issued["ct-e1 11"], date(2026, 12, 1), 6_500, "bank-2")
        record_payment(issued["desknets 11"], date(2026, 12, 1), 700, "bank-3")
        return {name: one.number for name, one in issued.items()}


@pytest.fixture
def owner(numbers, user, signed_in, settings):
    settings.REQUEST_LIMITS = {}
    with time_machine.travel(at("2026-12-10 10:00"), tick=False):
        yield signed_in(user)


def listed(owner, **asked):
    return owner.get(LIST, asked).context["invoices"]


def test_the_list_says_what_is_open_finds_it_and_adds_it_up(owner, numbers):
    rows = {row.invoice.number: row for row in listed(owner)}
    due = {name: rows[number] for name, number in numbers.items()}
    assert due["ct-e1 10"].state == State.PAID and due["ct-e1 10"].open == 0
    late = due["ct-e1 11"]
    assert (late.state, late.open, late.paid, late.days_late) == (State.OVERDUE, 10_000, 6_500, 10)
    assert due["desknets 11"].state == State.PARTLY_PAID and due["desknets 11"].open == 4_250
    assert due["desknets 10"].state == State.OVERDUE

    def found(**asked):
        shown = {row.invoice.number for row in listed(owner, **asked)}
        return {name for name, number in numbers.items() if number in shown}

    unpaid = {"ct-e1 11", "desknets 10", "desknets 11"}
    assert found(payment="open") == unpaid
    assert found(payment="partly_paid") == {"ct-e1 11", "desknets 11"}
    assert found(payment="overdue") == {"ct-e1 11", "desknets 10"}
    assert found(payment="paid") == {"ct-e1 10"}
    assert found(service="desknets", year="2026") == {"desknets 10", "desknets 11"}
    assert not found(most="4,949")
    assert [row.invoice.gross for row in listed(owner, order="largest")] == [16_500, 16_500, 4_950, 4_950]
    soonest = [row.due_on for row in listed(owner, order="due", payment="open")]
    assert soonest == sorted(soonest)

    page = owner.get(LIST)
    sums = [(total.gross, total.open) for total in page.context["totals"]]
    assert sums == [(33_000, 10_000), (9_900, 9_200)]
    assert page.context["in_all"].open == page.context["to_pay"].open == 19_200
    assert page.context["to_pay"].overdue == 14_950
    october = next(row for row in page.context["charged"].rows if row[0] == OCTOBER)
    assert october[1:] == ((16_500, 4_950), 21_450)
    text = page.content.decode()
    assert "一部入金" in text and "10日超過" in text and "¥42,900" in text and "4件" in text
    assert text.count("<rect ") == 2 * 24


def test_mistakes_are_named_in_words(owner, numbers):
    asked = {"from_day": "2026-12-31", "to_day": "2026-12-01", "least": "10万", "most": "5", "payment": "x"}
    page = owner.get(LIST, asked)
    errors = page.context["search"].errors
    assert errors["to_day"] == ["終了日が開始日より前になっています。"]
    assert errors["least"] == ["金額は数字だけで入力してください（例：100000）。"]
    assert "x" not in "".join(errors["payment"])
    reversed_ = owner.get(LIST, {"least": "20", "most": "10"}).context["search"].errors
    assert list(reversed_) == ["most"]


def test_what_was_found_is_taken_out_as_documents_and_as_a_list(owner, numbers):
    overdue = f"{EXPORT}?payment=overdue&service=ct-e1"
    with ZipFile(io.BytesIO(owner.post(overdue, {"format": "documents"}).getvalue())) as files:
        assert [name for name in files.namelist() if name.endswith(".pdf")] == [
            f"2026-12/{numbers['ct-e1 11']}.pdf"
        ]
    listed_out = owner.post(overdue, {"format": "csv"}).getvalue().decode("utf-8-sig")
    assert listed_out.count("\r\n") == 2 and numbers["ct-e1 11"] in listed_out
    nothing = owner.post(f"{EXPORT}?year=2026&least=1000000", {"format": "documents"}, follow=True)
    assert nothing.redirect_chain[0][0] == LIST


def test_an_open_invoice_says_first_how_to_pay_it(owner, numbers):
    late, paid = numbers["ct-e1 11"], numbers["ct-e1 10"]
    address = reverse("billing:invoice-detail", args=[late])
    page = owner.get(address).content.decode()
    for said in ("¥10,000", "10日超過", "入金済み", "振込先"):
        assert page.index(said) < page.index('id="lines"')
    assert f">{late[3:].replace('-', '')}</span>" in page
    assert "外線ライセンスを3 × 単価5,000円で計算します。" in page
    assert '<details class="decision" open>' not in page
    assert owner.get(address, {"reasons": "open"}).content.decode().count('class="decision" open') > 3
    assert 'id="pay"' not in owner.get(reverse("billing:invoice-detail", args=[paid])).content.decode()


def test_who_paid_all_of_an_invoice_takes_the_confirmation(owner, numbers, make_user, signed_in, details):
    paid, late = (
        reverse("billing:invoice-payment-pdf", args=[numbers[name]]) for name in ("ct-e1 10", "ct-e1 11")
    )
    reply = owner.get(paid)
    with pdfplumber.open(io.BytesIO(b"".join(reply.streaming_content))) as pdf:
        text = "".join("".join(page.extract_text().split()) for page in pdf.pages)
    for said in ("入金確認書", numbers["ct-e1 10"], "16,500円", "2026年10月30日", "領収書ではありません"):
        assert said in text
    assert paid in owner.get(reverse("billing:invoice-detail", args=[numbers["ct-e1 10"]])).content.decode()
    assert owner.get(late).status_code == 404
    stranger = make_user("taro@other.example")
    create_organisation(stranger, details)
    assert signed_in(stranger).get(paid).status_code == 404

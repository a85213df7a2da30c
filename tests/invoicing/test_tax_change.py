"""A tax rate to come, passed in as a table: what is charged and returned before, across and after it."""

import io
import re
import unicodedata
from datetime import date
from decimal import Decimal

import pdfplumber
import pytest
from django.utils.timezone import now

from billing.calculation.tax import TaxRate, TaxRates, tax_rates
from billing.documents.einvoice import einvoice
from billing.documents.invoice_document import InvoiceDocument
from billing.documents.invoice_pdf import render
from billing.invoicing.drafts import MonthlyCharges
from billing.invoicing.issuing import locked_counter, number_of, unsaved_invoice
from billing.invoicing.returns import return_all
from billing.models import BillingRun, Invoice, InvoiceKind
from billing.pricing.pending import mark_as_stated
from billing.pricing.usage import import_usage
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from tests.approving import approved
from tests.billing_scene import load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.scenes import at, staff_member
from tests.usage_files import row, usage_file

CHANGE = date(2031, 4, 1)
TO_COME = TaxRates(
    rates=(
        *tax_rates().rates,
        TaxRate(category="standard", since=CHANGE, percent=Decimal(12), source="invented for this test"),
    )
)
MARCH, APRIL, MAY = Month(2031, 3), Month(2031, 4), Month(2031, 5)


@pytest.fixture
def contract(db, organisation, user) -> Contract:
    """A contract of one line at 5,000 yen, with calls for 333 yen in March and in April."""
    service = load_priced_service("ct-e1")
    contract = make_contract(
        service, organisation, user, "C26-000001", {"line": 1}, billed_from=date(2031, 3, 1)
    )
    calls = [row(month, month=month, day=f"{month}-15", quantity=333) for month in ("2031-03", "2031-04")]
    assert import_usage(usage_file(calls), "calls.csv", None).taken == len(calls)
    return contract


@pytest.fixture(autouse=True)
def in_the_year_of_the_change(time_machine) -> None:
    time_machine.move_to(at("2031-06-01"), tick=False)


def issued(contract: Contract, month: Month) -> Invoice:
    """The month's invoice at the rates of the table; a month's calls stand beside the next one's fees."""
    charges = MonthlyCharges(month, TO_COME)
    found = Contract.objects.select_related("organisation", "service__provider").get(pk=contract.pk)
    charges.prepare([found])
    draft = charges.draft(found)
    assert draft is not None
    day, provider = (month + 1).first, found.service.provider
    counter = locked_counter(provider, InvoiceKind.INVOICE, day)
    number = number_of(provider, counter, month.month)
    run = BillingRun.objects.create(provider=provider, month=month.first, issued_on=day, started_at=now())
    invoice = unsaved_invoice(draft.document(number, day), counter, month.month, found, run=run)
    invoice.save(force_insert=True)
    mark_as_stated([invoice], [draft.pending])
    return invoice


def rates(document: InvoiceDocument) -> list[tuple[str | None, int, int]]:
    return [(rate["rate"], rate["net"], rate["tax"]) for rate in document["rates"]]


def text_of(document: InvoiceDocument) -> str:
    with pdfplumber.open(io.BytesIO(render(document))) as pdf:
        read = "".join(page.extract_text() for page in pdf.pages)
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", read))


EXPECTED = {
    "the month before": (MARCH, [("10", 5000, 500)]),
    "across": (APRIL, [("12", 5000, 600), ("10", 333, 33)]),
    "after": (MAY, [("12", 5333, 639)]),
}


@pytest.mark.parametrize(("month", "expected"), EXPECTED.values(), ids=EXPECTED.keys())
def test_each_supply_has_the_rate_of_its_own_day_and_each_rate_is_rounded_once(contract, month, expected):
    if month == MAY:
        issued(contract, APRIL)
    document = issued(contract, month).document
    assert rates(document) == expected
    assert document["gross"] == sum(net + tax for _rate, net, tax in expected)
    assert problems(einvoice(document)) == []
    text = text_of(document)
    for rate, net, tax in expected:
        assert f"{rate}%対象{net:,}{tax:,}" in text


@pytest.mark.parametrize("month", [MARCH, APRIL])
def test_what_is_returned_after_the_change_is_returned_at_the_rate_of_its_supply(contract, month):
    invoice = issued(contract, month)
    returned = return_all(invoice, "解約", staff_member(), approval=approved("return"))
    assert rates(returned.document) == [(rate, -net, -tax) for rate, net, tax in rates(invoice.document)]
    assert invoice.gross + returned.gross == 0
    assert problems(einvoice(returned.document)) == []


def test_the_reduced_rate_stays_until_it_has_another():
    assert TO_COME.percent("reduced", CHANGE) == 8
    assert TO_COME.percent("standard", date(2031, 3, 31)) == 10
    assert tax_rates().percent("standard", CHANGE) == 10

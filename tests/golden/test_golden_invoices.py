"""One invoice of each service, worked out by hand: the file says how, the portal must come to the same.

Each is issued as any invoice is; then its PDF and e-invoice are read back and must state the same.
"""

import io
import re
import tomllib
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
import time_machine
from lxml import etree

from billing.adjustments.outages import OutageReport, record_outage
from billing.documents.einvoice import einvoice
from billing.documents.invoice_document import shown_rates
from billing.invoicing.returns import return_all
from billing.invoicing.stored_pdfs import issued_pdf
from billing.models import Invoice
from billing.pricing.special_prices import set_special_price
from billing.pricing.usage import import_usage
from billing.runs.bill import bill
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from tests.approving import approved
from tests.billing_scene import CATALOG, load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.scenes import at, staff_member
from tests.usage_files import row, usage_file

GOLDEN = sorted(Path(__file__).parent.glob("*.toml"))
UBL = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def golden(request) -> dict[str, Any]:
    return {"slug": request.param.stem, **read(request.param)}


@pytest.fixture
def month(golden) -> Month:
    return Month.parse(golden["month"])


@pytest.fixture
def contract(db, golden, month, organisation, user) -> Contract:
    service = load_priced_service(golden["slug"])
    contract = make_contract(
        service,
        organisation,
        user,
        "C26-000001",
        golden["items"],
        billed_from=date(2026, 8, 1),
        payment_method=golden["payment_method"],
    )
    staff = staff_member()
    for product, price in golden.get("special_prices", {}).items():
        set_special_price(
            contract, product, price, month.first, "個別の見積もり", staff, approval=approved("special_price")
        )
    for outage in golden.get("outages", []):
        known_at, restored_at = at(outage["known_at"]), at(outage["restored_at"])
        report = OutageReport(known_at, restored_at, "ordinary", damage=outage.get("damage"))
        record_outage(contract, report, "", staff, at(f"{month}-28"), approval=approved("outage"))
    return contract


@pytest.fixture
def invoice(contract, golden, month) -> Invoice:
    with time_machine.travel(at(f"{month + 1}-10"), tick=False):
        used = [
            row(
                f"row-{number}",
                product=usage["product"],
                month=usage["month"],
                quantity=usage["quantity"],
                day=f"{usage['month']}-05",
            )
            for number, usage in enumerate(golden.get("usage", []))
        ]
        if used:
            assert import_usage(usage_file(used), "calls.csv", None).taken == len(used)
        bill(contract.service.provider, month, (month + 1).day(10))
    return Invoice.objects.get()


def test_it_comes_to_what_was_worked_out_by_hand(invoice, golden):
    expected, document = golden["expected"], invoice.document
    lines = [
        [line["product"], line["quantity"], line["unit_price"], line["amount"], line["rate"] or "outside"]
        for line in document["lines"]
    ]
    assert lines == expected["lines"]
    rates = {rate["rate"] or "outside": [rate["net"], rate["tax"]] for rate in document["rates"]}
    assert rates == expected["rates"]
    totals = (invoice.net, invoice.tax, invoice.gross, invoice.due_on)
    assert totals == tuple(expected[name] for name in ("net", "tax", "gross", "due_on"))
    specials = {line["product"] for line in document["lines"] if line.get("special")}
    assert specials == set(golden.get("special_prices", {}))


def plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("−", "-")


def pdf_text(invoice: Invoice) -> str:
    content = issued_pdf(invoice)
    assert content, "the PDF that was issued is there, unchanged"
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return plain("".join(page.extract_text() for page in pdf.pages))


def states_all_numbers(text: str, invoice: Invoice) -> None:
    """Every number of the stored document stands in the text, in its place beside the others."""
    document = invoice.document
    for line in document["lines"]:
        amounts = f"{line['quantity']:,}{line['unit']['ja']}{line['unit_price']:,}{line['amount']:,}"
        assert plain(amounts) in text
    for rate in shown_rates(document):
        untaxed = "輸出免税" if rate.get("exported") else "対象外"
        label = f"{rate['rate']}%対象" if rate["rate"] else untaxed
        tax = f"{rate['tax']:,}" if rate["rate"] else "-"
        assert f"{label}{rate['net']:,}{tax}" in text
    assert f"小計(税抜){document['net']:,}" in text
    assert f"消費税{document['tax']:,}" in text
    assert f"合計(税込){document['gross']:,}円" in text
    assert invoice.number in text


def test_its_pdf_states_every_number(invoice):
    text = pdf_text(invoice)
    states_all_numbers(text, invoice)
    due = invoice.due_on
    assert f"{due.year}年{due.month}月{due.day}日" in text


def test_its_e_invoice_states_every_number(invoice):
    written = einvoice(invoice.document)
    assert problems(written) == []
    tree = etree.fromstring(written)

    def amounts(path: str) -> list[int]:
        return [int(found.text) for found in tree.iterfind(path, UBL)]

    assert amounts(".//cac:InvoiceLine/cbc:LineExtensionAmount") == [
        line["amount"] for line in invoice.document["lines"]
    ]
    assert amounts("./cac:LegalMonetaryTotal/cbc:PayableAmount") == [invoice.gross]
    assert amounts("./cac:TaxTotal/cbc:TaxAmount") == [invoice.tax]


def test_its_full_return_leaves_nothing(invoice, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        returned = return_all(
            invoice, "契約がなかったため", staff_member("高橋"), approval=approved("return")
        )
    returned.refresh_from_db()
    assert (invoice.net + returned.net, invoice.tax + returned.tax) == (0, 0)
    by_rate = zip(invoice.document["rates"], returned.document["rates"], strict=True)
    assert all((a["net"] + b["net"], a["tax"] + b["tax"]) == (0, 0) for a, b in by_rate)
    text = pdf_text(returned)
    assert "適格返還請求書" in text
    assert invoice.number in text
    states_all_numbers(text, returned)


def test_there_is_one_for_every_service():
    assert {path.stem for path in GOLDEN} == {folder.name for folder in CATALOG.iterdir() if folder.is_dir()}

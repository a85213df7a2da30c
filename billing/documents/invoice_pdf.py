"""The invoice as a PDF/A-3 that carries its structured e-invoice, made from its frozen document alone."""

from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

from billing.documents.embedded import attachment
from billing.documents.invoice_document import InvoiceDocument, Line, RateTotal, digest

_PAYMENT_METHODS = {"transfer": "銀行振込", "debit": "口座振替"}


def render(document: InvoiceDocument) -> bytes:
    """The invoice's PDF in Japanese, whatever the active language. The same document gives the same bytes."""
    style, fonts = _style()
    html = render_to_string("pdf/invoice.html", _page(document))
    return HTML(string=html, url_fetcher=_own_static_file, base_url="static:/").write_pdf(
        stylesheets=[style],
        font_config=fonts,
        pdf_identifier=bytes.fromhex(digest(document))[:16],
        pdf_tags=True,
        pdf_variant="pdf/a-3b",
        attachments=[attachment(document)],
    )


@cache
def _style() -> tuple[CSS, FontConfiguration]:
    """Style sheet and fonts, read once a process: reading the fonts takes longer than a page."""
    fonts = FontConfiguration()
    style = (settings.BASE_DIR / "static" / "css" / "pdf" / "invoice.css").read_text(encoding="utf-8")
    return CSS(string=style, font_config=fonts, url_fetcher=_own_static_file, base_url="static:/"), fonts


def _own_static_file(url: str) -> URLFetcherResponse:
    """Serve `static:/…` from our own static files; anything else stops the rendering."""
    scheme, _, path = url.partition(":/")
    root = (settings.BASE_DIR / "static").resolve()
    file = (root / path).resolve()
    if scheme != "static" or not file.is_relative_to(root) or not file.is_file():
        raise FatalURLFetchingError(f"A document may use our own static files only, not {url}")
    return URLFetcherResponse(url, file.read_bytes())


def _page(document: InvoiceDocument) -> dict[str, Any]:
    """What the template shows: every value as the text that is printed."""
    return {
        "number": document["number"],
        "issued_on": _day(document["issued_on"]),
        "issued_on_iso": document["issued_on"],
        "contract": document["contract"],
        "service": document["service"]["ja"],
        "recipient": document["recipient"],
        "issuer": document["issuer"],
        "bank_account": document["bank_account"] if document["payment_method"] == "transfer" else None,
        "gross": _figure(document["gross"]),
        "net": _figure(document["net"]),
        "tax": _figure(document["tax"]),
        "inclusive_shown": document["inclusive_shown"],
        "due_on": _day(document["due_on"]),
        "payment_method": _PAYMENT_METHODS[document["payment_method"]],
        "period_from": _day(document["period"]["from"]),
        "period_to": _day(document["period"]["to"]),
        "lines": [_line(line) for line in document["lines"]],
        "has_reduced": any(line["reduced"] for line in document["lines"]),
        "rates": [_rate(rate) for rate in document["rates"]],
        "notes": [note["ja"] for note in document["notes"]],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "name": line["name"]["ja"],
        "unit": line["unit"]["ja"],
        "quantity": _figure(line["quantity"]),
        "included": line["included"],
        "unit_price": _figure(line["unit_price"]),
        "amount": _figure(line["amount"]),
        "reduced": line["reduced"],
        "outside": line["rate"] is None,
        "sample": line["sample"],
    }


def _rate(rate: RateTotal) -> dict[str, str]:
    if rate["rate"] is None:
        return {"label": "対象外", "net": _figure(rate["net"]), "tax": "－"}
    label = f"{rate['rate']}％対象" + ("（軽減税率）" if rate["reduced"] else "")
    return {"label": label, "net": _figure(rate["net"]), "tax": _figure(rate["tax"])}


def _figure(number: int) -> SafeString:
    """A number with thousands separated; every 1 is marked for the style sheet to widen."""
    return SafeString(f"{number:,}".replace("1", "<i>1</i>"))


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"

"""The invoice as a PDF/A-3 that carries its structured e-invoice, made from its frozen document alone."""

from datetime import date
from typing import Any

from django.template.loader import render_to_string

from billing.documents.embedded import embedded_file
from billing.documents.invoice_document import (
    InvoiceDocument,
    Line,
    Original,
    RateTotal,
    Recipient,
    digest,
    is_exported,
    is_qualified,
    is_registered,
    is_return,
    month_of_use,
    shown_rates,
)
from portal.pdf import DrawnPdf, write_alike
from portal.pdf.typeface import BOLD, split_to_fit

# Widths of the style sheet in points; the name leaves room for 御中.
_RECIPIENT_WIDTH, _NAME_WIDTH, _ISSUER_WIDTH = 260, 230, 192
_PAYMENT_METHODS = {"transfer": "銀行振込", "debit": "口座振替"}


def render(document: InvoiceDocument) -> bytes:
    """The invoice's PDF in Japanese, whatever the active language. The same document gives the same bytes."""
    return draw(document).content


def draw(document: InvoiceDocument) -> DrawnPdf:
    """The invoice's PDF as `render` makes it, and whether that needed the plain way."""
    return write_alike(
        render_to_string("pdf/invoice.html", page_of(document)),
        stylesheet="css/pdf/invoice.css",
        identifier=bytes.fromhex(digest(document)),
        variant="pdf/a-3b",
        files=[embedded_file(document)],
    )


def page_of(document: InvoiceDocument) -> dict[str, Any]:
    """What the template shows: every value as the text that is printed."""
    returned, qualified = is_return(document), is_qualified(document)
    by_transfer = document["payment_method"] == "transfer" and not returned
    return {
        "title": "返還請求書" if returned else "請求書",
        "returned": returned,
        "qualified": qualified,
        "original": _original(document["original"]) if "original" in document else None,
        "reason": document.get("reason", ""),
        "corrects": document.get("corrects", False),
        "number": document["number"],
        "issued_on": _day(document["issued_on"]),
        "issued_on_iso": document["issued_on"],
        "contract": document["contract"],
        "service": document["service"]["ja"],
        "recipient": document["recipient"],
        "sent_to": _sent_to(document["recipient"]),
        "recipient_name": split_to_fit(document["recipient"]["name"], _NAME_WIDTH, 13, BOLD),
        "recipient_address": split_to_fit(document["recipient"]["address"], _RECIPIENT_WIDTH, 9),
        "issuer": document["issuer"],
        "issuer_address": split_to_fit(document["issuer"]["address"], _ISSUER_WIDTH, 8.5),
        "bank_account": document["bank_account"] if by_transfer else None,
        "gross": _figure(document["gross"]),
        "net": _figure(document["net"]),
        "tax": _figure(document["tax"]),
        "inclusive_shown": document["inclusive_shown"],
        "due_on": _day(document["due_on"]),
        "payment_method": _PAYMENT_METHODS[document["payment_method"]],
        "period_from": _day(document["period"]["from"]),
        "period_to": _day(document["period"]["to"]),
        "lines": [_line(line, qualified, returned) for line in document["lines"]],
        "reduced_rates": "・".join(f"{rate['rate']}％" for rate in document["rates"] if rate["reduced"]),
        "without_number": qualified and not all(map(is_registered, document["rates"])),
        "rates": [_rate(rate, qualified) for rate in shown_rates(document)],
        "notes": [note["ja"] for note in document["notes"]],
    }


def _sent_to(recipient: Recipient) -> dict[str, list[str]] | None:
    """Where an invoice goes, if not to the recipient's address, which is then told in small print."""
    if "sent_to" not in recipient:
        return None
    seat = f"所在地 〒{recipient['postal_code']} {recipient['address']}"
    return {
        "lines": [part for line in recipient["sent_to"] for part in split_to_fit(line, _RECIPIENT_WIDTH, 9)],
        "seat": split_to_fit(seat, _RECIPIENT_WIDTH, 7.5),
    }


def _original(original: Original) -> dict[str, str]:
    return {
        "number": original["number"],
        "issued_on": _day(original["issued_on"]),
        "period_from": _day(original["period"]["from"]),
        "period_to": _day(original["period"]["to"]),
    }


def _line(line: Line, qualified: bool, returned: bool) -> dict[str, Any]:
    return {
        "name": line["name"]["ja"],
        "unit": line["unit"]["ja"],
        "quantity": _figure(line["quantity"]),
        "included": line["included"],
        "unit_price": _figure(line["unit_price"]),
        "amount": _figure(line["amount"]),
        "reduced": line["reduced"],
        "outside": line["rate"] is None and not is_exported(line),
        "exported": is_exported(line),
        "without_number": qualified and not is_registered(line),
        "sample": line["sample"],
        "special": line.get("special", False),
        "period": _month(month) if (month := month_of_use(line)) else "",
        "cited": line["cited"]["ja"] if "cited" in line else "",
        "follows": "" if returned else line.get("follows", ""),
    }


def _rate(rate: RateTotal, qualified: bool) -> dict[str, str]:
    if rate["rate"] is None:
        untaxed = "輸出免税" if is_exported(rate) else "対象外"
        return {"label": untaxed, "net": _figure(rate["net"]), "tax": "－"}
    label = f"{rate['rate']}％対象" + ("（軽減税率）" if rate["reduced"] else "")
    if qualified and not is_registered(rate):
        label += "（番号なし）"
    return {"label": label, "net": _figure(rate["net"]), "tax": _figure(rate["tax"])}


def _figure(number: int) -> str:
    return f"{number:,}".replace("-", "−")


def _month(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月"


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"

"""The frozen content of an invoice: plain JSON that says all that the invoice states.

An invoice page and its PDF are made from this alone, so that later changes of names, prices or accounts
change nothing that was issued. `InvoiceDocument` is its shape; texts that a reader sees in either language
are kept in both.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Literal, NotRequired, TypedDict

FORMAT = 1


class Text(TypedDict):
    ja: str
    en: str


class Issuer(TypedDict):
    """Who issued it: the provider, or a sales agent.

    `registration_number` is empty where it has none for what the document is about, and
    `corporate_number` is empty for who has none; the first documents do not state it.
    """

    name: str
    corporate_number: NotRequired[str]
    registration_number: str
    postal_code: str
    address: str
    phone: str
    email: str


class Recipient(TypedDict):
    """The customer. `corporate_number` is empty for who has none; the first documents do not state it.

    `sent_to` is where the customer wants documents sent, in its own lines, where that is not its address.
    """

    name: str
    corporate_number: NotRequired[str]
    postal_code: str
    address: str
    sent_to: NotRequired[list[str]]


class Original(TypedDict):
    """The earlier invoice that a document returns an amount of, or replaces; its period of supply."""

    number: str
    issued_on: str
    period: dict[str, str]


class Line(TypedDict):
    """Amounts are yen without tax. `rate` is the percentage as text, None outside the tax.

    `included` units come with other products: they are held, but not charged. `period` is that of the supply
    where it is not the document's. `special` marks a price of this contract alone, `adjustment` is the kind
    of a one-off amount. `follows` is the invoice of the line's month, which did not charge it; `lump` marks
    one sum instead of units of the product. `registered` is False for what was supplied on a day without a
    registration number. `exported` marks what bears no tax as an export (消費税法7条1項), not for being
    outside the tax. `cited` are the articles of a one-off amount in words, `why` is what staff said of a
    one-off charge. `reasons` are the places in `steps` of what explains the line; the first documents state
    none of these.
    """

    product: str
    name: Text
    unit: Text
    quantity: int
    included: int
    unit_price: int
    amount: int
    rate: str | None
    reduced: bool
    sample: bool
    articles: list[str]
    period: NotRequired[dict[str, str]]
    special: NotRequired[bool]
    adjustment: NotRequired[str]
    cited: NotRequired[Text]
    follows: NotRequired[str]
    lump: NotRequired[bool]
    registered: NotRequired[bool]
    exported: NotRequired[bool]
    why: NotRequired[str]
    reasons: NotRequired[list[int]]


class RateTotal(TypedDict):
    """What belongs to one tax rate; the tax is rounded once, here.

    What was supplied without a registration number stands apart: `registered` is False. `exported` is said by
    `shown_rates` alone.
    """

    rate: str | None
    reduced: bool
    net: int
    tax: int
    registered: NotRequired[bool]
    exported: NotRequired[bool]


class Added(TypedDict):
    """What is due on a day of its own, in yen with tax: added by a reissue, or by a day that was set."""

    amount: int
    due_on: str


class InvoiceDocument(TypedDict):
    """Days are ISO dates, the month is `YYYY-MM`, amounts are whole yen.

    A document without `kind` is an invoice. With a registration number it is a 適格請求書 (消費税法57条の4
    第1項) or, for a return, a 適格返還請求書 (第3項); else it is plain. A return states negative quantities,
    amounts and taxes, so that an invoice and its full return add up to nothing, but unit prices as they were;
    `period` is when the amount was returned, `original` the invoice that charged it, `reason` why; `corrects`
    marks one that followed from facts, and was not decided by staff. An invoice with an `original` replaces
    that one, which was cancelled. What was `added` to that is due on its own day, and so is what the provider
    set a day for.
    `bank_account` has bank, branch, kind, number and holder; with `bank_code` and `branch_code` where known.
    """

    format: int
    kind: NotRequired[Literal["invoice", "return"]]
    original: NotRequired[Original]
    added: NotRequired[Added]
    reason: NotRequired[str]
    corrects: NotRequired[bool]
    number: str
    issued_on: str
    month: str
    period: dict[str, str]
    due_on: str
    payment_method: str
    inclusive_shown: bool
    issuer: Issuer
    bank_account: dict[str, str]
    recipient: Recipient
    contract: str
    service: Text
    terms_version: str
    lines: list[Line]
    rates: list[RateTotal]
    net: int
    tax: int
    gross: int
    notes: list[Text]
    steps: list[dict[str, Any]]


_LOWERS_FEES = "outage-credit"


def month_of_use(line: Line) -> str | None:
    """The first day of the month that a line is for, as an ISO date, where that is not the document's.

    None for one-off amounts, too, but for those that lower a month's fees: their names say what they are for.
    """
    by_month = line.get("adjustment", _LOWERS_FEES) == _LOWERS_FEES
    return line["period"]["from"] if by_month and "period" in line else None


def is_return(document: InvoiceDocument) -> bool:
    """Whether a document is a return; otherwise it is an invoice."""
    return document.get("kind") == "return"


def is_qualified(document: InvoiceDocument) -> bool:
    """Whether a document is a 適格請求書 or 適格返還請求書; otherwise it may look like none (57条の5)."""
    return bool(document["issuer"]["registration_number"])


def is_registered(stated: Line | RateTotal) -> bool:
    """Whether the issuer had a registration number for what a line or a total states."""
    return stated.get("registered", True)


def is_exported(stated: Line | RateTotal) -> bool:
    """Whether a line or a total states an export; not so documents from before that was said of products."""
    return stated.get("exported", False)


def shown_rates(document: InvoiceDocument) -> list[RateTotal]:
    """The totals of a document; exports, which bear no tax, apart from what is outside the tax."""
    shown: list[RateTotal] = []
    for rate in document["rates"]:
        exports = [line["amount"] for line in document["lines"] if is_exported(line)]
        if rate["rate"] is not None or not exports:
            shown.append(rate)
            continue
        if any(line["rate"] is None and not is_exported(line) for line in document["lines"]):
            shown.append({**rate, "net": rate["net"] - sum(exports)})
        shown.append({**rate, "net": sum(exports), "exported": True})
    return shown


def states_number(lines: Iterable[Line]) -> bool:
    """Whether a document of these lines states the number: not if all that is taxed was supplied without."""
    taxed = [line for line in lines if line["rate"] is not None]
    return not taxed or any(map(is_registered, taxed))


def as_original(document: InvoiceDocument) -> Original:
    """How a later document refers to this one."""
    return Original(number=document["number"], issued_on=document["issued_on"], period=document["period"])


def digest(document: InvoiceDocument) -> str:
    """The SHA-256, in hexadecimal, of the document in its canonical writing."""
    written = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()

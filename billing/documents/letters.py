"""Letters about what is owed: their frozen content, and their PDFs in the look of the invoice."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, NotRequired, TypedDict

from django.template.loader import render_to_string

from billing.documents.invoice_document import Issuer, Recipient
from portal.pdf import write_pdf

FORMAT = 1


class ReminderItem(TypedDict):
    """An overdue invoice in yen; `days` since the due date, `step` how often it was reminded.

    `kept` came in already and counts once the rest is there.
    """

    number: str
    service: str
    month: str
    due_on: str
    days: int
    open_amount: int
    interest: int
    step: int
    kept: NotRequired[int]


class ReminderDocument(TypedDict):
    """A payment reminder (督促状). Late interest is stated up to the issue day, and not charged by it."""

    format: int
    issued_on: str
    pay_by: str
    step: int
    issuer: Issuer
    recipient: Recipient
    bank_account: dict[str, str]
    items: list[ReminderItem]
    open_amount: int
    interest: int
    grounds: list[str]


class SetOffItem(TypedDict):
    """An invoice that is paid by setting off, in yen; it counts from the day on which both sides were due."""

    number: str
    service: str
    due_on: str
    open_before: int
    amount: int
    effective_on: NotRequired[str]


class SetOffDocument(TypedDict):
    """A statement of set-off (相殺通知): equal amounts of both sides' claims."""

    format: int
    issued_on: str
    issuer: Issuer
    recipient: Recipient
    items: list[SetOffItem]
    amount: int
    credit_before: int
    credit_after: int
    basis: str


class DepositItem(TypedDict):
    """An invoice against which a part of a deposit was set, in yen."""

    number: str
    used_on: str
    amount: int


class DepositDocument(TypedDict):
    """A letter about a deposit (利用保証金): request, receipt, a use or return. It bears no interest.

    `used` is what was set against an invoice, and `left` what is left after that. `unpaid` and `set_against`
    are the articles on what follows where it is not paid, and on its use; `reason` is why it is asked for.
    """

    format: int
    kind: Literal["asked", "received", "used", "returned"]
    issued_on: str
    issuer: Issuer
    recipient: Recipient
    contract: str
    service: str
    amount: int
    asked_on: str
    pay_by: str
    received_on: str
    billed: bool
    items: list[DepositItem]
    returned: int
    bank_account: dict[str, str]
    basis: str
    reason: NotRequired[str]
    used: NotRequired[int]
    left: NotRequired[int]
    unpaid: NotRequired[str]
    set_against: NotRequired[str]


class Movement(TypedDict):
    """A line of a statement of account: `charge` is owed, `paid` came in, both in yen."""

    day: str
    text: str
    number: NotRequired[str]
    charge: int
    paid: int
    balance: int


class OpenItem(TypedDict):
    number: str
    due_on: str
    gross: int
    open_amount: int
    days: int


class StatementDocument(TypedDict):
    """A statement of account for a time: what was owed before, what happened, what is owed after."""

    format: int
    issued_on: str
    from_day: str
    to_day: str
    issuer: Issuer
    recipient: Recipient
    opening: int
    movements: list[Movement]
    closing: int
    open_items: list[OpenItem]
    credit: int


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256, in hexadecimal, of a document in its canonical writing."""
    written = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def render_reminder(document: ReminderDocument) -> bytes:
    """The reminder's PDF in Japanese. The same document gives the same bytes."""
    return _pdf("pdf/reminder.html", document)


def render_set_off(document: SetOffDocument) -> bytes:
    """The statement of set-off as a PDF in Japanese. The same document gives the same bytes."""
    return _pdf("pdf/set_off.html", document)


def render_deposit(document: DepositDocument) -> bytes:
    """A letter about a deposit as a PDF in Japanese. The same document gives the same bytes."""
    return _pdf("pdf/deposit.html", document)


def render_statement(document: StatementDocument) -> bytes:
    """The statement of account as a PDF in Japanese. The same document gives the same bytes."""
    return _pdf("pdf/statement.html", document)


def _pdf(template: str, document: Any) -> bytes:
    page = {**_printed(document), "issued_on_iso": document["issued_on"]}
    return write_pdf(
        render_to_string(template, page),
        stylesheet="css/pdf/letter.css",
        identifier=bytes.fromhex(digest(document)),
    )


def _printed(value: Any, name: str = "") -> Any:
    """A document with every value as the text that is printed."""
    if isinstance(value, Mapping):
        return {key: _printed(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_printed(part, name) for part in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _figure(value)
    if value and name.endswith(("_on", "_by", "day")):
        return _day(value)
    return value


def _figure(number: int) -> str:
    return f"{number:,}".replace("-", "−")


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"

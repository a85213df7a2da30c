"""E-mails that come back: reports of other mail servers (RFC 3464) to the bounce address."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import Message

from django.db import transaction

from portal.audit.record import record
from portal.outbox.delivery import reported_back
from portal.outbox.models import Mail

_TOKEN = re.compile(r"\+([0-9a-f]{32})@")
_MESSAGE_ID = re.compile(r"^(?:Message-ID:)?\s*<([^<>\s]+)>", re.MULTILINE | re.IGNORECASE)
_LONGEST_WHY = 500
_SENT_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "To")


class StillSendingError(Exception):
    """A report came while the e-mail is being handed over; it is to be brought again later."""


@dataclass(frozen=True)
class Report:
    """What a report says: which e-mail it may be about, and why that can't be delivered.

    `tokens` come from the address that it went to, `message_ids` from what came back. `why` is empty where it
    says something else, such as that delivery is late.
    """

    tokens: list[str]
    message_ids: list[str]
    why: str


def take_bounce(raw: bytes, at: datetime, sent_to: str = "") -> Mail | None:
    """Take a report that was sent to the bounce address (`sent_to`, where the mail server says that).

    Gives the e-mail that came back; None where the report is none, is about no e-mail of the outbox, tells of
    no failure, or was taken before. StillSendingError while it is not known what became of the e-mail.
    """
    report = read_report(raw, sent_to)
    mail = _reported(report) if report.why else None
    if mail and mail.state == Mail.State.SENDING:
        raise StillSendingError(mail.name)
    return mail if mail and _store(mail, at, report.why) else None


def _reported(report: Report) -> Mail | None:
    found = (
        *(Mail.objects.filter(message_id__startswith=f"{token}@") for token in report.tokens),
        Mail.objects.filter(message_id__in=report.message_ids),
    )
    return next((mail for mails in found if (mail := mails.first())), None)


@transaction.atomic
def _store(mail: Mail, at: datetime, why: str) -> bool:
    if not reported_back(mail, at, why):
        return False
    record("mail.bounced", None, mail, kind=mail.kind, number=mail.number, personal={"why": why})
    return True


def read_report(raw: bytes, sent_to: str = "") -> Report:
    """Read a report; one that nobody can read says nothing."""
    message = email.message_from_bytes(raw, policy=policy.compat32)
    addresses = [sent_to, *(str(value) for name in _SENT_TO for value in message.get_all(name, []))]
    tokens = [token for address in addresses for token in _TOKEN.findall(address)]
    message_ids = [one for part in _returned(message) for one in _MESSAGE_ID.findall(part)]
    whys = [why for status in _statuses(message) if (why := _why(status))]
    return Report(tokens, message_ids, _printable("; ".join(dict.fromkeys(whys)))[:_LONGEST_WHY])


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _returned(message: Message) -> Iterator[str]:
    """What names the e-mail in the copy of it, or of its headers, that came with the report."""
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            yield str(part.get_payload())
        elif part is not message and part["Message-ID"]:
            yield str(part["Message-ID"])


def _statuses(message: Message) -> Iterator[Message]:
    """What the report says of each recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from (one for one in part.get_payload() if isinstance(one, Message))


def _why(status: Message) -> str:
    """Why an e-mail can't be delivered; empty where it can, or may still be."""
    if str(status.get("Action", "")).strip().lower() != "failed":
        return ""
    stated = str(status.get("Diagnostic-Code") or status.get("Status") or "failed")
    return " ".join(stated.partition(";")[2].split() or stated.split())

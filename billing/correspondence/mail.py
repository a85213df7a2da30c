"""E-mails that carry letters, as they go out: about what is owed, and about deposits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from billing.correspondence.letter_pdfs import AnyLetter, letter_file
from billing.models import DepositLetter, Reminder
from contracts.wording.formats import day_text, yen_text
from portal.outbox.kinds import Written
from portal.outbox.models import Mail

_DEPOSIT_TEXTS = {
    DepositLetter.Kind.ASKED: (
        gettext_noop("Request for a deposit from %(provider)s"),
        gettext_noop("Please pay the deposit below. The letter is attached, and lies in the portal."),
    ),
    DepositLetter.Kind.RECEIVED: (
        gettext_noop("Receipt of your deposit from %(provider)s"),
        gettext_noop("We received your deposit. The receipt is attached, and lies in the portal."),
    ),
    DepositLetter.Kind.USED: (
        gettext_noop("Your deposit was set against an unpaid invoice of %(provider)s"),
        gettext_noop(
            "We set your deposit against an invoice that was not paid by its due date. The letter is"
            " attached, and lies in the portal."
        ),
    ),
    DepositLetter.Kind.RETURNED: (
        gettext_noop("Return of your deposit from %(provider)s"),
        gettext_noop(
            "We returned what was left of your deposit. The letter is attached, and lies in the portal."
        ),
    ),
}


def written_reminder(mail: Mail, at: datetime) -> Written:
    """A reminder with its PDF, which is drawn if it is not there yet."""
    reminder = Reminder.objects.select_related("organisation", "provider").get(pk=mail.about)
    with override(mail.language):
        values = {
            "reminder": reminder,
            "organisation": reminder.organisation,
            "provider": reminder.provider,
            "lines": reminder.lines.select_related("invoice"),
            "url": settings.PORTAL_URL + reverse("billing:invoice-list"),
        }
        subject = render_to_string("billing/email/reminder_subject.txt", values)
        text = render_to_string("billing/email/reminder.txt", values)
    return _with_letter(subject, text, reminder, f"reminder-{reminder.issued_on:%Y%m%d}.pdf")


def written_deposit(mail: Mail, at: datetime) -> Written:
    """A letter about a deposit with its PDF, which is drawn if it is not there yet."""
    letter = DepositLetter.objects.select_related("deposit").get(pk=mail.about)
    document = letter.document
    with override(mail.language):
        subject, opening = _DEPOSIT_TEXTS[DepositLetter.Kind(letter.kind)]
        values = {
            "recipient": document["recipient"]["name"],
            "opening": _(opening),
            "letter": letter,
            "contract": document["contract"],
            "amount": yen_text(letter.deposit.amount),
            "pay_by": day_text(letter.deposit.pay_by) if letter.kind == DepositLetter.Kind.ASKED else "",
            "reason": document.get("reason", "") if letter.kind == DepositLetter.Kind.ASKED else "",
            "uses": [f"{one['number']} {yen_text(one['amount'])}" for one in _used(document)],
            "left": yen_text(document["left"]) if "left" in document else "",
            "returned": yen_text(document["returned"]) if letter.kind == DepositLetter.Kind.RETURNED else "",
            "url": settings.PORTAL_URL + reverse("billing:deposit-letter-pdf", args=[letter.pk]),
            "issuer": document["issuer"],
        }
        subject = _(subject) % {"provider": document["issuer"]["name"]}
        text = render_to_string("billing/email/deposit.txt", values)
    return _with_letter(subject, text, letter, f"deposit-{letter.kind}-{letter.issued_on:%Y%m%d}.pdf")


def _used(document: Mapping[str, Any]) -> list[Any]:
    """The invoices that a letter about a use names; none in letters of other kinds."""
    return list(document["items"]) if document["kind"] == DepositLetter.Kind.USED else []


def _with_letter(subject: str, text: str, letter: AnyLetter, file_name: str) -> Written:
    return Written(" ".join(subject.split()), text.strip() + "\n", (letter_file(letter, file_name),))

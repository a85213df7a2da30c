"""E-mails that tell customers of a direct debit that the bank could not make: one for each try."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from billing.correspondence.letters import email_on
from billing.models import DirectDebitLine
from contracts.correspondence.sending import sender_of
from contracts.wording.formats import day_text, yen_text
from portal.outbox.kinds import Kind, Written
from portal.outbox.models import Mail
from portal.outbox.queue import enqueue

DEBIT_FAILED = "debit_failed"

NEEDS_NEW_MANDATE = (
    DirectDebitLine.Result.ACCOUNT,
    DirectDebitLine.Result.HOLDER,
    DirectDebitLine.Result.MANDATE,
)
"""The reasons for which the same mandate can't be used again."""


def tell_of_failed(line: DirectDebitLine) -> None:
    """Put the e-mail about a failed debit into the outbox. Runs inside the caller's transaction."""
    invoice = line.invoice
    language = invoice.contract.application.language
    enqueue(
        DEBIT_FAILED,
        invoice.pk,
        _address(line),
        sender_of(invoice.provider, language),
        key=f"{DEBIT_FAILED}:{line.pk}",
        number=invoice.number,
        organisation=invoice.debtor,
        language=language,
        data={"line": line.pk},
    )


def _address(line: DirectDebitLine) -> str:
    """Where the contract's invoices go; for who is no longer its customer, the own address."""
    contract, debtor = line.invoice.contract, line.invoice.debtor
    if contract.organisation_id != debtor.pk:
        return debtor.invoice_email
    return email_on(contract, localdate())


def _line_of(mail: Mail) -> DirectDebitLine:
    related = ("invoice__contract__organisation", "invoice__debtor", "batch")
    return DirectDebitLine.objects.select_related(*related).get(pk=mail.data["line"])


def _written(mail: Mail, at: datetime) -> Written:
    line = _line_of(mail)
    issuer = line.invoice.document["issuer"]
    with override(mail.language):
        values = {
            "invoice": line.invoice,
            "issuer": issuer,
            "debtor": line.invoice.debtor.name,
            "amount": yen_text(line.amount),
            "due": day_text(line.invoice.due_on),
            "debit_day": day_text(line.batch.debit_on),
            "reason": line.get_result_display(),
            "needs_new_mandate": line.result in NEEDS_NEW_MANDATE,
            "url": settings.PORTAL_URL + reverse("billing:invoice-detail", args=[line.invoice.number]),
        }
        subject = _("Direct debit of invoice %(number)s could not be made") % {"number": line.invoice.number}
        text = render_to_string("billing/email/debit_failed.txt", values)
    return Written(subject, text.strip() + "\n")


def _is_settled(mail: Mail) -> bool:
    """Whether nothing is open of the invoice any more."""
    return bool(_line_of(mail).invoice.open_amount == 0)


FAILED_DEBITS = Kind(
    key=DEBIT_FAILED,
    label=gettext_lazy("Failed direct debit"),
    model="billing.invoice",
    write=_written,
    address=lambda mail: _address(_line_of(mail)),
    is_over=_is_settled,
)

"""E-mails that tell customers of their invoices: one for each, ever."""

import logging
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.invoice_mail import invoice_mail
from billing.models import Invoice, InvoiceMail
from billing.operations.letters import email_on
from portal.audit.record import record
from portal.organisations.models import User

_log = logging.getLogger(__name__)


def queue_mails(invoices: QuerySet[Invoice]) -> None:
    """Put into the ledger an e-mail for each invoice with a PDF that has none, and is not cancelled."""
    ready = invoices.exclude(pdf="").filter(cancelled_on__isnull=True, mail__isnull=True)
    found = ready.select_related("contract__organisation", "contract__application").prefetch_related(
        "contract__particulars"
    )
    InvoiceMail.objects.bulk_create(
        [
            InvoiceMail(
                invoice=invoice,
                address=email_on(invoice.contract, localdate()),
                language=invoice.contract.application.language,
            )
            for invoice in found
        ],
        ignore_conflicts=True,
    )


def hand_over(invoices: QuerySet[Invoice]) -> None:
    """Hand the waiting e-mails of invoices to the mail server; nobody gets one twice.

    Each is claimed in the database first, so this may be killed, started again and run by several at once.
    Raises OSError when the server can't be reached or asks to come again later: the rest waits.
    """
    waiting = InvoiceMail.objects.filter(invoice__in=invoices, claimed_at__isnull=True)
    if not waiting.exists():
        return
    with get_connection() as connection:
        for mail in waiting.select_related("invoice__organisation", "invoice__provider", "invoice__contract"):
            if InvoiceMail.objects.filter(pk=mail.pk, claimed_at__isnull=True).update(
                claimed_at=timezone.now()
            ):
                _send(mail, connection)


@transaction.atomic
def send_again(mail: InvoiceMail, staff: User) -> InvoiceMail:
    """Send an e-mail that was interrupted or refused to the organisation's address of now.

    Raises ValidationError for another one.
    """
    current = InvoiceMail.objects.select_for_update(of=("self",)).select_related(
        "invoice__contract__organisation"
    )
    found = current.get(pk=mail.pk)
    if found.state not in (InvoiceMail.State.INTERRUPTED, InvoiceMail.State.REFUSED):
        raise ValidationError(_("Only what was interrupted or refused is sent again."), code="not_needed")
    found.address = email_on(found.invoice.contract, localdate())
    found.claimed_at, found.refusal = None, ""
    found.save()
    record("invoice_mail.again", staff, found.invoice, number=found.invoice.number, address=found.address)
    return found


def _send(mail: InvoiceMail, connection: BaseEmailBackend) -> None:
    try:
        invoice_mail(mail, connection).send()
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        if _is_passing(refusal):
            InvoiceMail.objects.filter(pk=mail.pk).update(claimed_at=None)
            raise
        _log.warning("The e-mail of invoice %s was refused: %s", mail.invoice, refusal)
        InvoiceMail.objects.filter(pk=mail.pk).update(refusal=str(refusal)[:500])
    else:
        InvoiceMail.objects.filter(pk=mail.pk).update(accepted_at=timezone.now())


def _is_passing(refusal: SMTPRecipientsRefused | SMTPResponseException) -> bool:
    """Whether the server asks to come again later (codes from 400 to 499)."""
    if isinstance(refusal, SMTPResponseException):
        return 400 <= refusal.smtp_code < 500
    return all(400 <= code < 500 for code, _reply in refusal.recipients.values())

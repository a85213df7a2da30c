"""E-mails that tell customers of their invoices: one for each, ever."""

import logging
from collections.abc import Callable, Sequence
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
from billing.models import BillingChunk, Invoice, InvoiceMail
from billing.operations.letters import email_on
from contracts.models import Contract
from portal.audit.record import record
from portal.organisations.models import User

_log = logging.getLogger(__name__)


def queue_mails(invoices: Sequence[Invoice], about: InvoiceMail.About = InvoiceMail.About.ISSUED) -> None:
    """Put into the ledger an e-mail for each new invoice, to be sent once its PDF is there.

    Or one that tells that it was cancelled.
    """
    contracts = Contract.objects.filter(pk__in=[invoice.contract_id for invoice in invoices])
    languages = dict(contracts.values_list("pk", "application__language"))
    today = localdate()
    InvoiceMail.objects.bulk_create(
        InvoiceMail(
            invoice=invoice,
            about=about,
            address=email_on(invoice.contract, today),
            language=languages[invoice.contract_id],
        )
        for invoice in invoices
    )


def hand_over(invoices: QuerySet[Invoice], after_each: Callable[[], None] = lambda: None) -> None:
    """Hand the waiting e-mails of invoices to the mail server; nobody gets one twice.

    Each is claimed in the database first, so this may be killed, started again and run by several at once.
    What was claimed and never confirmed stays `interrupted`, for staff to look at. Raises OSError when the
    server can't be reached, or asks to come again later: what it has not taken waits.
    """
    waiting = InvoiceMail.objects.waiting(invoices).exclude(invoice__pdf="")
    if not waiting.exists():
        return
    later: OSError | None = None
    with get_connection() as connection:
        for mail in waiting.select_related("invoice__organisation", "invoice__provider", "invoice__contract"):
            if _claim(mail):
                later = _send(mail, connection) or later
            after_each()
    if later:
        raise later


@transaction.atomic
def send_again(mail: InvoiceMail, staff: User) -> BillingChunk | None:
    """Put an e-mail that was interrupted or refused back among those that wait, to the address of now.

    Gives the chunk that waits for a worker again; None where the document belongs to none. Raises
    ValidationError for another e-mail.
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
    return _reopen_chunk_of(found.invoice)


def _claim(mail: InvoiceMail) -> bool:
    """Take an e-mail for this process; false where another one was first."""
    return bool(
        InvoiceMail.objects.filter(pk=mail.pk, claimed_at__isnull=True).update(claimed_at=timezone.now())
    )


def _send(mail: InvoiceMail, connection: BaseEmailBackend) -> OSError | None:
    """Hand one e-mail over; gives why the server wants it later. Other errors are the caller's."""
    own = InvoiceMail.objects.filter(pk=mail.pk)
    try:
        invoice_mail(mail, connection).send()
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        if _is_passing(refusal):
            own.update(claimed_at=None)
            _reopen_chunk_of(mail.invoice)
            return refusal
        _log.warning("The e-mail of invoice %s was refused: %s", mail.invoice, refusal)
        own.update(refusal=str(refusal)[:500])
    else:
        own.update(accepted_at=timezone.now())
    return None


def _reopen_chunk_of(invoice: Invoice) -> BillingChunk | None:
    """Have workers look at the chunk of an invoice again; None where it belongs to none."""
    of_invoice = BillingChunk.objects.filter(
        run=invoice.run_id,
        run__isnull=False,
        fiscal_year=invoice.fiscal_year,
        first__lte=invoice.sequence,
        last__gte=invoice.sequence,
    )
    of_invoice.update(finished_at=None)
    return of_invoice.first()


def _is_passing(refusal: SMTPRecipientsRefused | SMTPResponseException) -> bool:
    """Whether the server asks to come again later (codes from 400 to 499)."""
    if isinstance(refusal, SMTPResponseException):
        return 400 <= refusal.smtp_code < 500
    return all(400 <= code < 500 for code, _reply in refusal.recipients.values())

"""E-mails that tell customers of their invoices: one for each, ever."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate

from billing.correspondence.letters import email_on
from billing.correspondence.mail_ledger import hand_over_each, put_back
from billing.invoicing.invoice_mail_text import invoice_mail
from billing.models import BillingChunk, Invoice, InvoiceMail
from contracts.models import Contract
from portal.audit.record import record
from portal.organisations.models import User


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

    Raises OSError when the server can't be reached, or asks to come again later: what it has not taken waits.
    """
    waiting = InvoiceMail.objects.waiting(invoices).exclude(invoice__pdf="")
    if waiting.exists():
        related = waiting.select_related("invoice__organisation", "invoice__provider", "invoice__contract")
        hand_over_each(related, invoice_mail, lambda mail: _reopen_chunk_of(mail.invoice), after_each)


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
    put_back(found, email_on(found.invoice.contract, localdate()))
    record(
        "invoice_mail.again",
        staff,
        found.invoice,
        number=found.invoice.number,
        personal={"address": found.address},
    )
    return _reopen_chunk_of(found.invoice)


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

"""What it costs a worker to hand over an invoice's e-mail, beside writing and giving it without a record.

The mail server is one in memory. Without a record nobody knows what went out: an e-mail is written from its
templates and given to the server, and nothing is claimed or stored.
"""

import gc
import time
from collections.abc import Callable
from statistics import median
from unittest.mock import patch

from measure import QUICK, remark, report
from scene import ISSUE_DAY, contracts, portal

MAILS = 200 if QUICK else 1000
ROUNDS = 3


def main() -> None:
    with portal():
        contracts(MAILS)
        _measure()


def _measure() -> None:
    from django.conf import settings
    from django.core import mail
    from django.core.mail import get_connection

    from billing.invoicing.invoice_mail_text import written_invoice_mail
    from billing.models import Invoice
    from portal.outbox.message import message_of
    from portal.outbox.models import Mail
    from portal.outbox.worker import send_these

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    _issue_invoices()
    gc.freeze()
    waiting = Mail.objects.filter(kind="invoice")

    def with_record() -> None:
        waiting.update(claimed_at=None, claimed_by="", taken_at=None)
        send_these(waiting)

    def without_record() -> None:
        server = get_connection()
        for row in waiting:
            message = message_of(row, written_invoice_mail(row, row.created_at))
            message.connection = server
            message.send()

    ours, plain = [], []
    for _round in range(ROUNDS):
        mail.outbox = []
        ours.append(_each(with_record))
        plain.append(_each(without_record))
        if len(mail.outbox) != 2 * Invoice.objects.count():
            raise SystemExit(f"{len(mail.outbox)} e-mails went out")
    report("mails_handed_over (time)", median(ours) / median(plain), "written and given without a record")
    remark(
        f"{median(ours) * 1000:.1f} ms of processor time an e-mail;"
        f" without a record {median(plain) * 1000:.1f} ms"
    )


def _each(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) / MAILS


def _issue_invoices() -> None:
    """Invoices with a PDF each, of which nobody reads a byte here, and whose e-mails wait."""
    from billing.models import Invoice
    from billing.runs.bill import bill
    from contracts.models import Provider
    from contracts.rules.calendar.period import Month

    with patch("billing.runs.bill.make_missing_pdfs"), patch("billing.runs.bill.hand_over", return_value=""):
        bill(Provider.objects.get(), Month(2026, 4), ISSUE_DAY, sends_mail=True)
    Invoice.objects.update(pdf="x.pdf", pdf_hash="0" * 64)


if __name__ == "__main__":
    main()

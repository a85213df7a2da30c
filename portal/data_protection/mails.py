"""The e-mail that brings who asked to be erased the report, and is itself forgotten once it went out."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from portal.data_protection.erasing.report import number_of
from portal.data_protection.models import Erasure
from portal.outbox.attachments import KeptFile
from portal.outbox.keeping import forget_mail
from portal.outbox.kinds import Kind, Written
from portal.outbox.models import Mail
from portal.outbox.queue import Sender, enqueue

REPORT = "erasure_report"


def queue_report(erasure: Erasure) -> None:
    """Put the e-mail with a report into the outbox, where there is an address that it goes to.

    The address is kept nowhere else from then on. Runs inside the caller's transaction.
    """
    if not erasure.answer_to:
        return
    sender = Sender(settings.MFA_TOTP_ISSUER, "")
    key = f"{REPORT}:{erasure.pk}"
    enqueue(REPORT, erasure.pk, erasure.answer_to, sender, key=key, number=number_of(erasure))
    Erasure.objects.filter(pk=erasure.pk).update(answer_to="")


def _written(mail: Mail, at: datetime) -> Written:
    erasure = Erasure.objects.get(pk=mail.about)
    number = number_of(erasure)
    with override("ja"):
        subject = gettext("Report on the erasure of your data (%(number)s)") % {"number": number}
        text = render_to_string("data_protection/email/report.txt", {"number": number})
    return Written(subject, text, (KeptFile(f"{number}.pdf", str(erasure.pdf), erasure.pdf_hash),))


def _forget(mail: Mail, at: datetime) -> None:
    forget_mail(mail)


REPORTS = Kind(
    key=REPORT,
    label=_("Report of an erasure"),
    model="data_protection.erasure",
    write=_written,
    taken=_forget,
)

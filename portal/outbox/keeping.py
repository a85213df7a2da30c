"""How long secrets in e-mails are kept: until the server took the e-mail, and some days more."""

from datetime import datetime, timedelta

from django.db.models import Q

from portal.outbox.models import Mail

KEPT = timedelta(days=7)
KEPT_AT_MOST = timedelta(days=90)


def erase_secrets(now: datetime) -> int:
    """Erase the secrets of e-mails that went out, were settled, or were put into the outbox long enough ago.

    Gives of how many. One that still waits then is left to staff: it can't be written any more.
    """
    until = now - KEPT
    over = Q(taken_at__lte=until) | Q(taken_at__isnull=True, closed_at__lte=until)
    over |= Q(created_at__lte=now - KEPT_AT_MOST)
    return Mail.objects.exclude(secret="").filter(over).update(secret="", secret_erased_at=now)


def forget_mail(mail: Mail) -> bool:
    """Erase whom an e-mail went to and what it said; when it went stays. Gives whether that could be done.

    One that is on its way, or that staff have to look at, stays until it is settled.
    """
    settled = Q(closed_at__isnull=False) | Q(taken_at__isnull=False, bounced_at__isnull=True)
    key = f"{mail.kind}:erased:{mail.pk}" if mail.address and mail.address in mail.key else mail.key
    return bool(
        Mail.objects.filter(settled, pk=mail.pk).update(
            key=key,
            address="",
            subject="",
            text="",
            attachments=[],
            data={},
            secret="",
            bounce_note="",
            trouble="",
        )
    )

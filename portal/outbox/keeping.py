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

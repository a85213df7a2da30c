"""How long secrets in e-mails are kept: until the server took the e-mail, and some days more."""

from datetime import datetime, timedelta

from django.db.models import Q

from portal.outbox.models import Mail

KEPT = timedelta(days=7)


def erase_secrets(now: datetime) -> int:
    """Erase the secrets of e-mails that went out, or were settled, long enough ago; gives of how many."""
    until = now - KEPT
    over = Q(taken_at__lte=until) | Q(taken_at__isnull=True, closed_at__lte=until)
    return Mail.objects.exclude(secret="").filter(over).update(secret="", secret_erased_at=now)

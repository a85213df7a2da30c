"""Uniting in the background."""

from celery import shared_task
from django.utils.timezone import now

from portal.uniting.later import bring_all_over


@shared_task
def bring_over() -> None:
    """Bring over what was stored for organisations after they became others."""
    bring_all_over(now())

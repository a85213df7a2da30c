"""Work in the background on contracts."""

from celery import shared_task
from django.utils import timezone

from contracts.operations.daily import run_day


@shared_task
def run_today() -> None:
    """Send the reminders of today that have not gone out yet."""
    run_day(timezone.localdate())

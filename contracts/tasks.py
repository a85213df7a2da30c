"""Work in the background on contracts."""

from celery import shared_task
from django.utils import timezone

from contracts.inbox.daily import run_day
from portal.installation.holding import unless_held


@shared_task
@unless_held
def run_today() -> None:
    """Send the reminders of today that have not gone out yet."""
    run_day(timezone.localdate())

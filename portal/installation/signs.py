"""Signs of life of the installation's parts, written by who sees them work or fail.

That a sign can't be stored stops nobody's work: it is logged.
"""

import logging

from django.db import Error, transaction
from django.utils import timezone

from portal.installation.models import SignOfLife
from portal.installation.processes import this_process

_log = logging.getLogger(__name__)


def alive(part: SignOfLife.Part) -> None:
    """Store that a part works at this moment."""
    seen = {"at": timezone.now(), "seen_by": this_process()}
    try:
        SignOfLife.objects.update_or_create(
            part=part, defaults={**seen, "failing_since": None, "failed_at": None, "trouble": ""}
        )
    except Error as error:
        _log.warning("That the %s works could not be stored: %s", part, error)


def failing(part: SignOfLife.Part, trouble: BaseException) -> None:
    """Store that a part failed at this moment, and why."""
    try:
        with transaction.atomic():
            sign, _created = SignOfLife.objects.select_for_update().get_or_create(part=part)
            sign.failed_at = timezone.now()
            sign.failing_since = sign.failing_since or sign.failed_at
            sign.trouble = f"{type(trouble).__name__}: {trouble}"[:500]
            sign.save(update_fields=["failed_at", "failing_since", "trouble"])
    except Error as error:
        _log.warning("That the %s fails could not be stored: %s", part, error)

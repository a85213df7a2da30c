"""What a process of an installation says before it begins to serve."""

import logging

from django.conf import settings
from django.core.checks import ERROR, run_checks

_log = logging.getLogger(__name__)


class NotReadyError(RuntimeError):
    """The settings, or what they name, would let every page fail."""


def ensure_ready() -> None:
    """Log all that `manage.py check` says of an installation for real customers.

    Raises NotReadyError where some of that is an error: better no process than one that fails each page.
    """
    if not settings.PRODUCTION:
        return
    found = run_checks()
    for message in found:
        _log.log(message.level, "%s %s", message.msg, message.hint or "")
    if errors := [message for message in found if message.is_serious(ERROR)]:
        raise NotReadyError(" ".join(message.msg for message in errors))

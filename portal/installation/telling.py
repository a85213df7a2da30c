"""Telling workers that there is something to do."""

import logging
from typing import Any

from celery import Task

from portal.installation.models import SignOfLife
from portal.installation.signs import failing

_log = logging.getLogger(__name__)


def tell(task: Task, *about: int, **options: Any) -> None:
    """Send a message; where the broker can't be reached, the next look for work does instead."""
    try:
        task.apply_async(about, **options)
    except Exception as trouble:
        _log.exception("The broker could not be told of work.")
        failing(SignOfLife.Part.BROKER, trouble)

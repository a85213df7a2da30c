"""Work in the background carries its own id, and that of the request that told of it, into each line."""

from typing import Any

import structlog
from celery.signals import before_task_publish, task_postrun, task_prerun

HEADER = "portal_request_id"


@before_task_publish.connect
def _send_along(headers: dict[str, Any], **_about: Any) -> None:
    """Name the request in the message."""
    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        headers[HEADER] = request_id


@task_prerun.connect
def _bind(sender: Any, task_id: str, **_about: Any) -> None:
    if sender.request.is_eager:
        return
    known = {"job_id": task_id, "job": sender.name, "request_id": sender.request.get(HEADER)}
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{name: value for name, value in known.items() if value})


@task_postrun.connect
def _unbind(sender: Any, **_about: Any) -> None:
    if not sender.request.is_eager:
        structlog.contextvars.clear_contextvars()

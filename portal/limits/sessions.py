"""How long a session lasts: without use, and in all. Staff's are shorter than customers'."""

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

_BEGAN, _USED = "began_at", "used_at"
_NOTED_EACH = 60
"""Seconds: a session that is used all the time is written once a minute, not at every request."""


def begin(session: SessionBase) -> None:
    """Count from now on: somebody has signed in."""
    session[_BEGAN] = session[_USED] = int(time.time())
    session.set_expiry(None)


def signed_in(request: HttpRequest, **about: Any) -> None:
    """Receiver of Django's signal."""
    begin(request.session)


def is_over(session: SessionBase, *, staff: bool) -> bool:
    """Whether a session was unused for too long, or lasts too long; without a beginning, from now."""
    if _BEGAN not in session:
        begin(session)
    idle, whole = limits_of(staff=staff)
    now = time.time()
    unused, old = now - int(session[_USED]), now - int(session[_BEGAN])
    return unused >= idle.total_seconds() or old >= whole.total_seconds()


def note_use(session: SessionBase) -> None:
    """Keep that the session was used just now, at most once a minute."""
    now = int(time.time())
    if now - session[_USED] >= _NOTED_EACH:
        session[_USED] = now


def asks_by_itself(request: HttpRequest) -> bool:
    """Whether a page looks how far something is, without anybody having touched it: that is no use."""
    return "Portal-Looks-Again" in request.headers


def limits_of(*, staff: bool) -> tuple[timedelta, timedelta]:
    """How long a session lasts without use, and in all."""
    if staff:
        return settings.STAFF_IDLE, settings.STAFF_SESSION
    return settings.CUSTOMER_IDLE, settings.CUSTOMER_SESSION

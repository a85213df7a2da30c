"""What was typed when a session ran out: kept for the same person, in the session of the browser."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

KEPT_FOR = timedelta(hours=2)
MOST = 100_000
"""Characters: what is longer is not kept."""

_KEPT = "kept_input"


@dataclass(frozen=True)
class KeptInput:
    """What was sent to a path, as names with their values in their order; files are not among it."""

    path: str
    fields: list[tuple[str, str]]


def keep(request: HttpRequest, session: SessionBase, person: int) -> None:
    """Keep in a session, which ends after that time, what a person sent; no secrets, nothing very long."""
    fields = [(name, text) for name, texts in request.POST.lists() for text in texts if _may_be_kept(name)]
    if sum(len(name) + len(text) for name, text in fields) > MOST:
        return
    session[_KEPT] = {"person": person, "path": request.path, "fields": fields, "at": int(time.time())}
    session.set_expiry(KEPT_FOR)


def _may_be_kept(name: str) -> bool:
    return name != "csrfmiddlewaretoken" and "password" not in name


def kept_for(session: SessionBase, person: int) -> KeptInput | None:
    """What is kept for a person; None where there is nothing, or no longer. Of others it is forgotten."""
    kept = session.get(_KEPT)
    if kept is None:
        return None
    if kept["person"] != person or time.time() - kept["at"] >= KEPT_FOR.total_seconds():
        forget(session)
        return None
    return KeptInput(kept["path"], _pairs(kept["fields"]))


def _pairs(fields: Iterable[Iterable[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, text in fields]


def forget(session: SessionBase) -> None:
    """Keep it no longer."""
    session.pop(_KEPT, None)

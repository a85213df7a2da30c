"""Holding an installation back that was restored from a backup, until somebody has looked.

What went out after the backup waits in its ledgers again, and numbers given after it would be given again.
Whatever goes out or gets a number therefore passes `going_out`, which moves the database's count and then the
mark among the stored files (portal/installation/mark.py) on. A mark that is ahead of the database, is
missing, is a copy or belongs to another installation tells of a restore; nothing goes out then.

Neither a crash between the two nor several processes at once look like one: the database is written first
and read last.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import ParamSpec

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.installation import mark
from portal.installation.mark import Mark, OpenMark
from portal.installation.models import Installation

P = ParamSpec("P")

_log = logging.getLogger(__name__)

SLACK = 100
"""So many moves a mark may lie behind the database: of processes that were killed before they wrote it."""


_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)


class Reason(StrEnum):
    """Why an installation is held back."""

    DATABASE_OLDER = "database_older"
    NO_MARK = "no_mark"
    COPIED = "copied"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"

    @property
    def text(self) -> str:
        return str(_TEXTS[self])


_TEXTS = {
    Reason.DATABASE_OLDER: gettext_lazy(
        "The database is older than what has gone out: it was restored from a backup."
    ),
    Reason.NO_MARK: gettext_lazy(
        "The mark of the installation is missing from the folder of stored files: the folder is not mounted,"
        " or the portal was restored from a backup."
    ),
    Reason.COPIED: gettext_lazy(
        "The folder of stored files is a copy: it was moved, or restored from a backup."
    ),
    Reason.FOREIGN: gettext_lazy("The folder of stored files belongs to another installation or database."),
    Reason.UNREADABLE: gettext_lazy("The folder of stored files can't be read and written."),
}


class HeldBackError(ValidationError):
    """Nothing goes out, and nothing gets a number, until somebody has looked."""

    def __init__(self, reason: Reason) -> None:
        text = _("%(reason)s Nothing is sent or billed until `manage.py after_restore` has settled it.")
        super().__init__(text % {"reason": reason.text}, code="held_back")
        self.reason = reason


@dataclass(frozen=True)
class State:
    """Why the installation is held back, if it is; and whether files were found to be older than it."""

    reason: Reason | None
    files_behind: bool = False


@contextmanager
def rehearsing() -> Iterator[None]:
    """Let nothing be held back, and no count move: all that is done within is taken back by the caller."""
    token = _rehearsing.set(True)
    try:
        yield
    finally:
        _rehearsing.reset(token)


def state() -> State:
    """How the installation stands, by its mark and its row."""
    if _rehearsing.get():
        return State(None)
    try:
        said, installation = _seen()
    except OSError:
        return State(Reason.UNREADABLE)
    return State(_reason(said, installation), installation is not None and installation.files_behind)


def _seen() -> tuple[Mark | None, Installation | None]:
    """The mark and then the row, which is there before what the mark says.

    The first mark is there before the row moves: one that was not there a moment ago is looked for again.
    """
    said, installation = mark.read(), Installation.objects.first()
    if said is None and installation and installation.moves:
        return mark.read(), Installation.objects.first()
    return said, installation


def reason_held() -> Reason | None:
    """Why the installation is held back, if it is."""
    return state().reason


def ensure_free() -> None:
    """Raise HeldBackError where the installation is held back."""
    if reason := reason_held():
        raise HeldBackError(reason)


@contextmanager
def going_out() -> Iterator[None]:
    """A transaction of its own, after which something goes out that was claimed, or numbered, within it.

    Raises HeldBackError, before anything is done, where the installation is held back.
    """
    if _rehearsing.get():
        with transaction.atomic():
            yield
        return
    with _free_mark() as found:
        said = found.read()
        with transaction.atomic(durable=True):
            yield
            moves = _move(said.moves)
        found.move(moves)


def unless_held(work: Callable[P, None]) -> Callable[P, None]:
    """Leave work in the background undone while the installation is held back: it waits in the database."""

    @wraps(work)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        if reason := reason_held():
            _log.warning("%s waits: %s", work.__name__, reason.value)
        else:
            work(*args, **kwargs)

    return wrapped


def move_on() -> None:
    """Note that something goes out now, or that time has passed. Raises HeldBackError."""
    with going_out():
        pass


def begin_anew() -> Installation:
    """Let the database and the stored files as they are now belong together: nothing is held back any more.

    The count goes on from the higher of the two, so that older backups are known as such from now on too.
    Raises OSError where the folder of stored files can't be read or written.
    """
    said = mark.read()
    with transaction.atomic():
        installation, _created = Installation.objects.select_for_update().get_or_create(pk=1)
        installation.moves = max(installation.moves, said.moves if said else 0) + 1
        installation.files_behind = False
        installation.save()
        transaction.on_commit(lambda: mark.replace(installation.identity, installation.moves))
    return installation


@contextmanager
def _free_mark() -> Iterator[OpenMark]:
    """The mark, made if the installation is new. Raises HeldBackError."""
    with _found_or_made() as found:
        said = found.read()
        if reason := _reason(said, Installation.objects.first()):
            raise HeldBackError(reason)
        yield found


def _found_or_made() -> OpenMark:
    try:
        found = mark.find()
        if found is None:
            installation, _created = Installation.objects.get_or_create(pk=1)
            if not installation.moves:
                mark.create(installation.identity)
            found = mark.find()
    except OSError as error:
        raise HeldBackError(Reason.UNREADABLE) from error
    if found is None:
        raise HeldBackError(Reason.NO_MARK)
    return found


def _reason(said: Mark | None, installation: Installation | None) -> Reason | None:
    if said is None:
        return Reason.NO_MARK if installation and installation.moves else None
    if installation is None or said.identity != installation.identity:
        return Reason.FOREIGN
    if said.moves > installation.moves:
        return Reason.DATABASE_OLDER
    return Reason.COPIED if said.is_copy else None


def _move(said: int) -> int:
    """Move the count on, as the last step of a transaction; `said` is where the mark was before."""
    before: int
    before, behind = Installation.objects.select_for_update().values_list("moves", "files_behind").get()
    moved = {"moves": before + 1}
    if before - said > SLACK and not behind:
        moved["files_behind"] = True
    Installation.objects.update(**moved)
    return before + 1

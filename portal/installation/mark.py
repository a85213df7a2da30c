"""The mark of an installation: a small file among the stored files, and so shared by its machines.

It says which installation the files belong to and how far that has moved on. The database says the same, and
is always first to move: a mark that is ahead of it was written after the database's present content, which
then is an older one, put back. The mark also names the place on the disk where it was made: a copy of it, put
back from a backup together with its database, lies in another.

It is written over in one piece, under a lock, and not flushed: what a crash of the machine may take from it
is its last moves, which makes it no newer.
"""

import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Self

from django.conf import settings

NAME = ".installation"
LENGTH = 128

_GET_GENERATION = 0x80087601  # FS_IOC_GETVERSION of Linux


@dataclass(frozen=True)
class Mark:
    """What a mark says; `is_copy` where it doesn't lie in the place that it names."""

    identity: str
    moves: int
    is_copy: bool


def _stored(identity: str, moves: int, place: str) -> bytes:
    said = {"identity": identity, "moves": moves, "place": place}
    return json.dumps(said).encode().ljust(LENGTH - 1) + b"\n"


class OpenMark:
    """A mark that is there and may be written; to be used as a context, which closes it."""

    def __init__(self, file: FileIO) -> None:
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._file.close()

    def read(self) -> Mark:
        """What it says; what nobody can read is the mark of no installation."""
        with self._locked(fcntl.LOCK_SH):
            identity, moves, place = self._content()
        return Mark(identity, moves, is_copy=place != _place(self._file.fileno()))

    def move(self, moves: int) -> None:
        """Move it on, never back: several write at once, not in the order of their moves."""
        with self._locked(fcntl.LOCK_EX):
            identity, before, place = self._content()
            if before < moves:
                os.pwrite(self._file.fileno(), _stored(identity, moves, place), 0)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        fcntl.flock(self._file, how)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _content(self) -> tuple[str, int, str]:
        try:
            said = json.loads(os.pread(self._file.fileno(), LENGTH, 0))
            return str(said["identity"]), int(said["moves"]), str(said["place"])
        except (ValueError, TypeError, KeyError):
            return "", 0, ""


def _place(descriptor: int) -> str:
    """The number of a file on its disk, and how often it was used before, where that is known."""
    number = os.fstat(descriptor).st_ino
    try:
        generation = fcntl.ioctl(descriptor, _GET_GENERATION, bytes(8))
    except OSError:
        return str(number)
    return f"{number}.{int.from_bytes(generation, sys.byteorder)}"


def path() -> Path:
    return Path(settings.MEDIA_ROOT) / NAME


def find() -> OpenMark | None:
    """The mark; None where there is none. Raises OSError where it can't be read or written."""
    try:
        return OpenMark(path().open("r+b", buffering=0))
    except FileNotFoundError:
        return None


def read() -> Mark | None:
    """What the mark says; None where there is none. Raises OSError where it can't be read or written."""
    found = find()
    if found is None:
        return None
    with found:
        return found.read()


def create(identity: str) -> None:
    """Make the mark of an installation that has not moved yet, unless somebody has just done so."""
    with _made(identity, 0) as made, suppress(FileExistsError):
        os.link(made, path())


def replace(identity: str, moves: int) -> None:
    """Make the mark anew, whatever was there."""
    with _made(identity, moves) as made:
        made.replace(path())


@contextmanager
def _made(identity: str, moves: int) -> Iterator[Path]:
    """The file of a new mark under another name, which is gone afterwards."""
    folder = path().parent
    folder.mkdir(mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=NAME, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_stored(identity, moves, _place(descriptor)))
            file.flush()
            os.fsync(descriptor)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)

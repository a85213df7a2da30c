"""The mark as a file in the folder of stored files.

It is written over in one piece, under a lock, and not flushed: what a crash of the machine may take from it
is its last moves, which makes it no newer.
"""

import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Self

from django.conf import settings

from portal.installation.mark.content import LENGTH, NAME, Mark, read_content, written

_GET_GENERATION = 0x80087601  # FS_IOC_GETVERSION of Linux


class FileMark:
    """The open file of a mark; to be used as a context, which closes it."""

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
                os.pwrite(self._file.fileno(), written(identity, moves, place), 0)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        fcntl.flock(self._file, how)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _content(self) -> tuple[str, int, str]:
        return read_content(os.pread(self._file.fileno(), LENGTH, 0))


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


def find() -> FileMark | None:
    """The mark; None where there is none. Raises OSError where it can't be read or written."""
    try:
        return FileMark(path().open("r+b", buffering=0))
    except FileNotFoundError:
        return None


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
            file.write(written(identity, moves, _place(descriptor)))
            file.flush()
            os.fsync(descriptor)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)

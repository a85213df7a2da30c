"""Private files that are kept: each is stored whole, or not at all."""

import fcntl
import os
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.storage import default_storage


def store(name: str, content: bytes) -> None:
    """Write a private file in one step: it is there whole, or not at all.

    It is written beside its place first, under a name that is always the same: what a killed process leaves
    there, the next one writes over. Raises OSError, leaving nothing behind, where it cannot be written.
    """
    target = Path(default_storage.path(name))
    target.parent.mkdir(mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with _alone(part) as file:
        try:
            file.truncate(0)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _alone(part: Path) -> BinaryIO:
    """Open a file that nobody else writes meanwhile; the lock ends with the process, however that happens."""
    while True:
        file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, settings.FILE_UPLOAD_PERMISSIONS), "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is_there(file, part):
            return file
        file.close()  # who had it before has put it into its place: what was waited for is no longer here


def _is_there(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False

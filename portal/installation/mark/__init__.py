"""The mark of an installation: a small file among the stored files, and so shared by its machines.

It says which installation the files belong to and how far that has moved on. The database says the same, and
is always first to move: a mark that is ahead of it was written after the database's present content, which
then is an older one, put back. The mark also names the place where it was made: a copy of it, put back from a
backup together with its database, lies in another.
"""

from types import ModuleType

from django.core.files.storage import FileSystemStorage, storages

from portal.installation.mark import bucket, folder
from portal.installation.mark.content import Mark, OpenMark

__all__ = ["Mark", "OpenMark", "create", "find", "read", "replace"]


def find() -> OpenMark | None:
    """The mark; None where there is none. Raises OSError where it can't be read or written."""
    found: OpenMark | None = _where().find()
    return found


def read() -> Mark | None:
    """What the mark says; None where there is none. Raises OSError where it can't be read or written."""
    found = find()
    if found is None:
        return None
    with found:
        return found.read()


def create(identity: str) -> None:
    """Make the mark of an installation that has not moved yet, unless somebody has just done so."""
    _where().create(identity)


def replace(identity: str, moves: int) -> None:
    """Make the mark anew, whatever was there."""
    _where().replace(identity, moves)


def _where() -> ModuleType:
    return folder if isinstance(storages["default"], FileSystemStorage) else bucket

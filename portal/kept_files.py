"""Files that are kept: each is stored whole, or not at all, and handed out only as it was stored.

Where they lie, the settings say (portal/storage.py). What a file holds is known by its SHA-256, which whoever
stores it keeps beside its name.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db import transaction
from django.utils.timezone import now

from portal.installation.models import DamagedFile
from portal.storage import StorageError

__all__ = [
    "DamagedFileError",
    "StorageError",
    "is_kept",
    "kept_in",
    "names_below",
    "place_of",
    "read_checked",
    "remove_on_commit",
    "store",
]

_log = logging.getLogger(__name__)


_elsewhere: ContextVar[Storage | None] = ContextVar("elsewhere", default=None)


@contextmanager
def kept_in(storage: Storage) -> Iterator[None]:
    """Have files stored in, and read from, another storage than that of the installation."""
    token = _elsewhere.set(storage)
    try:
        yield
    finally:
        _elsewhere.reset(token)


def _storage() -> Storage:
    return _elsewhere.get() or default_storage


class DamagedFileError(FileNotFoundError):
    """A kept file is missing, or is not the one that was stored."""

    def __init__(self, name: str, how: DamagedFile.How) -> None:
        super().__init__(f"the stored file {name} is {how.value}")


def store(name: str, content: bytes) -> str:
    """Store a file under a name, in one step; gives its SHA-256, in hexadecimal.

    What had the name before is written over: the same content again is no second file. Raises StorageError,
    leaving nothing behind, where it can't be written.
    """
    _storage().save(name, ContentFile(content))
    return hashlib.sha256(content).hexdigest()


def read_checked(name: str, sha256: str) -> bytes:
    """A stored file, as it was stored.

    Raises DamagedFileError where it is missing or another one, and has staff told; StorageError where nobody
    can say.
    """
    try:
        with _storage().open(name) as file:
            content: bytes = file.read()
    except FileNotFoundError as error:
        raise _damaged(name, DamagedFile.How.MISSING) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _damaged(name, DamagedFile.How.ALTERED)
    if DamagedFile.objects.filter(name=name).exists():
        DamagedFile.objects.filter(name=name).delete()
    return content


def is_kept(name: str) -> bool:
    """Whether there is such a file, whatever it holds. Raises StorageError."""
    return _storage().exists(name)


def remove_on_commit(name: str) -> None:
    """Remove a file once the transaction is committed. Where that fails it stays, and nothing names it."""
    transaction.on_commit(partial(_storage().delete, name), robust=True)


def names_below(folder: str) -> Iterator[str]:
    """The names of all files in a folder, and in those in it, without the folders. Raises StorageError."""
    try:
        folders, files = _storage().listdir(folder)
    except FileNotFoundError:
        return
    yield from files
    for inner in folders:
        yield from names_below(f"{folder}/{inner}")


def place_of(name: str) -> str:
    """Where a file or a folder lies, for people."""
    storage: Any = _storage()
    return str(storage.place_of(name))


def _damaged(name: str, how: DamagedFile.How) -> DamagedFileError:
    _log.error("The stored file %s is %s", name, how.value)
    DamagedFile.objects.update_or_create(name=name, defaults={"how": how, "found_at": now()})
    return DamagedFileError(name, how)

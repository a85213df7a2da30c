"""Where stored files lie: in a folder, or in a bucket of an S3-compatible object storage (portal/bucket.py).

Either way a file is there whole or not at all, under the name that it was given; what had that name is
written over.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, InMemoryStorage

BUCKETS = "s3"
"""What addresses of buckets begin with."""

_OPTIONS = {"endpoint": "endpoint_url", "region": "region_name"}


class StorageError(OSError):
    """Stored files can't be read or written at the moment: the disk is full, the object storage is away."""


class FolderStorage(FileSystemStorage):
    """A folder. A file is written beside its place first, and then takes it.

    Its name before is always the same: what a killed process leaves there, the next one writes over.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def place_of(self, name: str) -> str:
        """Where a file or a folder lies, for people."""
        return self.path(name)

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        with storage_errors():
            return File(Path(self.path(name)).open(mode))

    def _save(self, name: str, content: "File[Any]") -> str:
        target = Path(self.path(name))
        with storage_errors():
            target.parent.mkdir(mode=self.directory_permissions_mode or 0o777, parents=True, exist_ok=True)
            self._write(target, content)
            _flush_folder(target.parent)
        return name

    def _write(self, target: Path, content: "File[Any]") -> None:
        part = target.with_name(f".{target.name}.part")
        with _alone(part, self.file_permissions_mode or 0o666) as file:
            try:
                file.truncate(0)
                for chunk in content.chunks():
                    file.write(chunk)
                _flush(file)
                part.replace(target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise


class MemoryStorage(InMemoryStorage):
    """Files that are gone with the storage; what has a name already is written over, as elsewhere."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name


def storage_at(url: str) -> dict[str, Any]:
    """Django's setting for the storage that `STORAGE_URL` names; without one, for the folder of stored files.

    `s3://bucket?endpoint=https://…&region=…`; both parameters may be left out. What is wrong with an address,
    `problem_of` says.
    """
    if not url:
        return {"BACKEND": "portal.storage.FolderStorage"}
    parts = urlsplit(url)
    options = {_OPTIONS[name]: value for name, value in parse_qsl(parts.query) if name in _OPTIONS}
    return {"BACKEND": "portal.bucket.BucketStorage", "OPTIONS": {"bucket_name": parts.netloc, **options}}


def problem_of(url: str) -> str | None:
    """What is wrong with a `STORAGE_URL`; None where nothing is."""
    parts = urlsplit(url)
    unknown = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)} - set(_OPTIONS)
    if parts.scheme != BUCKETS:
        return f"it does not begin with {BUCKETS}://"
    if not parts.netloc:
        return "it names no bucket"
    if parts.path.strip("/"):
        return f"{parts.path} follows the bucket, which is used as a whole"
    if unknown:
        return f"there are no parameters {', '.join(sorted(unknown))}"
    return None


@contextmanager
def storage_errors() -> Iterator[None]:
    """What the system refuses becomes a StorageError; a file that is not there stays a FileNotFoundError."""
    try:
        yield
    except (FileNotFoundError, StorageError):
        raise
    except OSError as error:
        raise StorageError(*error.args) from error


def _alone(part: Path, permissions: int) -> BinaryIO:
    """Open a file that nobody else writes meanwhile; the lock ends with the process, however that happens."""
    while True:
        file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, permissions), "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is_there(file, part):
            return file
        file.close()  # who had it before has put it into its place: what was waited for is no longer here


def _is_there(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Let a new name outlast a power cut too: the database is about to say that the file is there."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

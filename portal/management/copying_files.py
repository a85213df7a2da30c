"""Copying all kept files to another place, as the database names them; nothing is removed."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db.models import FileField
from django.utils.module_loading import import_string

from portal.outbox.models import Mail
from portal.storage import StorageError, storage_at

_HASHES = {"pdf": "pdf_hash", "file": "content_hash"}
"""Where the SHA-256 of what a field of files names is kept."""


@dataclass
class Copied:
    """How many files were copied and how many were there already; the names of those that can't be copied."""

    copied: int = 0
    there: int = 0
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.copied + self.there + len(self.missing) + len(self.altered)


def copy_files(url: str, report: Callable[[Copied], None] = lambda so_far: None) -> Copied:
    """Copy each kept file to the place that a `STORAGE_URL` names, and call `report` after each.

    Each is read where it lies and held against the SHA-256 that was stored with it, written, and read again
    there. What is there as it should be is not copied again, so that it may be stopped anywhere. What is
    missing, or is not what was stored, is named and left out. Raises StorageError where a place can't be read
    or written, or does not give back what was written.
    """
    target, done = _storage_at(url), Copied()
    for name, sha256 in kept_files():
        _copy(name, sha256, target, done)
        report(done)
    return done


def kept_files() -> Iterator[tuple[str, str]]:
    """The name and the SHA-256 of each file that the database names, once."""
    seen: set[str] = set()
    for name, sha256 in _named():
        if name not in seen:
            seen.add(name)
            yield name, sha256


def _named() -> Iterator[tuple[str, str]]:
    for model in apps.get_models():
        for named in (one for one in model._meta.concrete_fields if isinstance(one, FileField)):
            rows = model._default_manager.exclude(**{named.name: ""}).order_by("pk")
            yield from rows.values_list(named.name, _HASHES[named.name]).iterator()
    for attachments in Mail.objects.exclude(attachments=[]).values_list("attachments", flat=True).iterator():
        yield from ((file["file"], file["hash"]) for file in attachments)


def _copy(name: str, sha256: str, target: Storage, done: Copied) -> None:
    if _hash(_content(target, name)) == sha256:
        done.there += 1
        return
    content = _content(default_storage, name)
    if content is None:
        done.missing.append(name)
    elif _hash(content) != sha256:
        done.altered.append(name)
    else:
        target.save(name, ContentFile(content))
        if _hash(_content(target, name)) != sha256:
            raise StorageError(f"{name} was written, and is another file when it is read")
        done.copied += 1


def _content(storage: Any, name: str) -> bytes | None:
    try:
        with storage.open(name) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        return None


def _hash(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _storage_at(url: str) -> Storage:
    named = storage_at(url)
    storage: Storage = import_string(named["BACKEND"])(**named["OPTIONS"])
    return storage

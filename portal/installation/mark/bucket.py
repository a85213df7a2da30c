"""The mark as an object in a bucket.

Nobody can lock an object. Where several move it on at once, it may fall behind by as many moves until the
next one, never ahead of the database: what lies a little behind tells of nothing
(portal/installation/holding.py). Its place is the bucket and the server: objects put back into the same
bucket, the mark among them, can't be told from those that were there.
"""

import logging
from typing import Any, Self

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from portal.installation.mark.content import NAME, Mark, read_content, written

_log = logging.getLogger(__name__)


class ObjectMark:
    """The mark as it was when it was looked for."""

    def __init__(self, content: bytes) -> None:
        self._identity, self._moves, self._place = read_content(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        pass

    def read(self) -> Mark:
        """What it says; what nobody can read is the mark of no installation."""
        return Mark(self._identity, self._moves, is_copy=self._place != _place())

    def move(self, moves: int) -> None:
        """Move it on. Where the server can't be reached, the next move makes up for it."""
        if moves <= self._moves:
            return
        try:
            _put(written(self._identity, moves, self._place))
        except OSError:
            _log.warning("The installation's mark could not be moved on", exc_info=True)


def find() -> ObjectMark | None:
    try:
        with _storage().open(NAME) as file:
            return ObjectMark(file.read())
    except FileNotFoundError:
        return None


def create(identity: str) -> None:
    replace(identity, 0)


def replace(identity: str, moves: int) -> None:
    _put(written(identity, moves, _place()))


def _put(content: bytes) -> None:
    _storage().save(NAME, ContentFile(content))


def _place() -> str:
    return f"{_storage().endpoint_url or ''} {_storage().bucket_name}"


def _storage() -> Any:
    return storages["default"]

"""Stored files in a bucket of an S3-compatible object storage.

The keys are the environment's: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from portal.storage import BUCKETS, StorageError

_PATIENCE = 10
"""Seconds that a server has to answer: who waits may be a person, or a worker that others wait for."""


class BucketStorage(S3Storage):
    """A bucket. An object is put in one piece: who reads it meanwhile gets the one before, or none."""

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "file_overwrite": True,
            "default_acl": None,
        }

    def __init__(self, **options: Any) -> None:
        # Servers other than Amazon's seldom have an address for each bucket.
        addressing = "path" if options.get("endpoint_url") else "auto"
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": addressing},
            connect_timeout=_PATIENCE,
            read_timeout=_PATIENCE,
            retries={"mode": "standard", "total_max_attempts": 3},
        )
        super().__init__(client_config=config, **options)

    def place_of(self, name: str) -> str:
        """Where an object lies, for people."""
        return f"{BUCKETS}://{self.bucket_name}/{name}"

    def exists(self, name: str) -> bool:
        with _bucket_errors():
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _bucket_errors():
            folders, files = super().listdir(path)
            return folders, files

    def delete(self, name: str) -> None:
        with _bucket_errors():
            super().delete(name)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _bucket_errors():
            opened = super()._open(name, mode)
            opened.seek(0)  # fetches it
            return opened

    def _save(self, name: str, content: "File[Any]") -> str:
        with _bucket_errors():
            return str(super()._save(name, content))


@contextmanager
def _bucket_errors() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageError(str(error)) from error

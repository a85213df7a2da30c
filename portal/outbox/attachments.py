"""Files that go out with an e-mail: stored before it does, and kept as they went out."""

import hashlib
from dataclasses import asdict, dataclass

from portal.kept_files import is_kept, read_checked, store
from portal.outbox.models import Mail

PDF = "application/pdf"


@dataclass(frozen=True)
class KeptFile:
    """A stored file: the name under which it goes out, that under which it lies, its SHA-256, its type."""

    name: str
    file: str
    hash: str
    content_type: str = PDF

    def content(self) -> bytes:
        """The bytes as they were stored.

        Raises DamagedFileError where they are missing or were changed; StorageError.
        """
        return read_checked(self.file, self.hash)

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def keep(name: str, content: bytes, content_type: str = PDF) -> KeptFile:
    """Store a file that is to go out; the same bytes are stored once. Raises OSError."""
    digest = hashlib.sha256(content).hexdigest()
    file = f"outbox/{digest[:2]}/{digest}"
    if not is_kept(file):
        store(file, content)
    return KeptFile(name, file, digest, content_type)


def attachments_of(mail: Mail) -> list[KeptFile]:
    """The files of an e-mail that was written."""
    return [KeptFile(**stated) for stated in mail.attachments]

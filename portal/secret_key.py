"""The secret key of an installation that was not given one."""

import os
import secrets
from pathlib import Path


def read_or_create(path: Path) -> str:
    """Return the key stored at `path`; the first caller makes it, readable by its owner only.

    Two processes may start together: the key is written aside and linked into place, so both read the same.
    """
    if not path.exists():
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(64))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text().strip()

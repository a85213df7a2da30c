"""The secret key of an installation that was not given one."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def read_or_create(path: Path) -> str:
    """Return the key stored at `path`; the first caller makes it, readable by its owner only.

    Two processes may start together: the key is written aside and linked into place, so both read the same.
    """
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as aside:
            aside.write(secrets.token_urlsafe(64))
            aside.flush()
            with contextlib.suppress(FileExistsError):
                os.link(aside.name, path)
    return path.read_text().strip()

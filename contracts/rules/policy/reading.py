"""Files and texts that somebody wrote, read or refused with the reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from contracts.problems.reasons import Reason
from contracts.rules.problems import DataError, Problem


class PolicyError(DataError):
    """A policy that can't be taken, with every problem found in it."""


def read_file(path: Path, refused: type[DataError]) -> str:
    """The text of a file in UTF-8, without byte order mark; raises `refused` where there is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise refused([Problem("", Reason("file_missing"))]) from error
    except OSError as error:
        raise refused([Problem("", Reason("file_unreadable", {"why": error.strerror or error}))]) from error
    except UnicodeDecodeError as error:
        raise refused([Problem("", Reason("not_utf_8", {"byte": error.start}))]) from error


def read_toml(text: str, refused: type[DataError]) -> dict[str, Any]:
    """The data of a TOML text; raises `refused` with the place where it can't be read on."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = Reason("not_toml", _place(text, error))
        raise refused([Problem("", reason)]) from error
    except (ValueError, RecursionError) as error:
        # What the reader lets through: Python's limits on the digits of a number and on depth.
        raise refused([Problem("", Reason("toml_too_much"))]) from error


def _place(text: str, error: tomllib.TOMLDecodeError) -> dict[str, int]:
    """Where reading stopped. Before Python 3.14 only the message says it; none at the very end."""
    if found := re.search(r"\(at line (\d+), column (\d+)\)$", str(error)):
        return {"line": int(found[1]), "column": int(found[2])}
    lines = text.split("\n")
    return {"line": len(lines), "column": len(lines[-1]) + 1}

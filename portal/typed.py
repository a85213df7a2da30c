"""What comes with a request, looked at before anything is done with it."""

import re
from collections.abc import Iterable

_KEY = re.compile("[0-9]{1,18}")
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


def whole_number(text: str) -> int | None:
    """The number that a text of plain digits is; None for anything else, and for more than a key can hold.

    Other digits than 0 to 9, such as ①, are none here.
    """
    return int(text) if _KEY.fullmatch(text) else None


def are_readable(texts: Iterable[str]) -> bool:
    """Whether texts can be stored: a database takes no NUL, and no half of a pair of UTF-16."""
    return not any(_UNREADABLE.search(text) for text in texts)

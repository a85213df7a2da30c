"""Text files: UTF-8 with or without byte order mark, UTF-16 with one, Shift_JIS as Windows writes it."""

from __future__ import annotations

import codecs
import re

from contracts.problems.reasons import Reason
from contracts.source_files.errors import UnreadableFile

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HALF_WIDTH_KATAKANA = re.compile(r"[\uff61-\uff9f]")
_MOST_HALF_WIDTH = 0.1
_SAVE_AGAIN = Reason("save_as_utf_8")


def read_text(data: bytes) -> str:
    """Decode a text file. Raises UnreadableFile when it is empty, not text, or in another encoding."""
    text = _decode(data)
    if _CONTROL.search(text):
        raise UnreadableFile(Reason("no_text_file"))
    if not text.strip():
        raise UnreadableFile(Reason("file_empty"))
    return text


def _decode(data: bytes) -> str:
    if data.startswith(_UTF16_MARKS):
        return _strictly(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken_utf8 = error
    text = _strictly(data, "cp932", broken_utf8)
    if len(_HALF_WIDTH_KATAKANA.findall(text)) > _MOST_HALF_WIDTH * len(text):
        raise UnreadableFile(Reason("euc_jp", {"do": _SAVE_AGAIN}))
    return text


def _strictly(data: bytes, encoding: str, broken_utf8: UnicodeDecodeError | None = None) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        # What breaks later was the better guess: a UTF-8 file with one bad byte names that byte.
        start = max(error.start, broken_utf8.start) if broken_utf8 else error.start
        line = data.count(b"\n", 0, start) + 1
        raise UnreadableFile(Reason("encoding", {"line": line, "do": _SAVE_AGAIN})) from error

"""Reads the files in which terms come (text, Markdown, Word, PDF) as plain text for the importer."""

from __future__ import annotations

from contracts.problems.reasons import Reason
from contracts.source_files.errors import UnreadableFile
from contracts.source_files.pdf import read_pdf
from contracts.source_files.text import read_text
from contracts.source_files.word import read_word

__all__ = ["UnreadableFile", "read_source"]

LARGEST_FILE = 20_000_000
"""Bytes. The longest terms texts are far below a megabyte; pictures in a file may add some."""

_PDF, _ZIP, _OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_source(data: bytes) -> str:
    """The text of a file, of which the content (not the name) says what it is.

    Rows of tables come as Markdown rows, pages of a PDF are divided by form feeds. Raises UnreadableFile with
    what is wrong and what to do.
    """
    if len(data) > LARGEST_FILE:
        raise UnreadableFile(Reason("file_too_large", {"size": LARGEST_FILE // 1_000_000}))
    if data.lstrip()[: len(_PDF)] == _PDF:
        return read_pdf(data)
    if data.startswith(_ZIP):
        return read_word(data)
    if data.startswith(_OLE):
        raise UnreadableFile(Reason("word_old"))
    return read_text(data)

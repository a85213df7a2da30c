"""Terms that somebody brings, read in a process of their own: what is odd there takes no time here."""

from __future__ import annotations

from contracts.problems.reasons import Reason
from contracts.source_files import read_source
from contracts.source_files.errors import UnreadableFile
from contracts.terms.amending import Amendment, amend
from contracts.terms.importing import ImportedTerms, TermsImportError, import_text
from contracts.terms.reader import TermsProblem
from contracts.terms.tree import Terms
from portal.limits.reading import TooMuchToReadError, read_apart


def read_source_apart(data: bytes) -> str:
    """As `read_source`. UnreadableFile also for what can't be read in time."""
    try:
        return read_apart(read_source, data)
    except TooMuchToReadError as error:
        raise UnreadableFile(Reason("too_much_to_read")) from error


def import_apart(text: str) -> ImportedTerms:
    """As `import_text`. TermsImportError also for what can't be read in time."""
    try:
        return read_apart(import_text, text)
    except TooMuchToReadError as error:
        raise TermsImportError([TermsProblem(1, Reason("too_much_to_read"))]) from error


def amend_apart(old: Terms, text: str) -> Amendment:
    """As `amend`. TermsImportError also for what can't be read in time."""
    try:
        return read_apart(amend, old, text)
    except TooMuchToReadError as error:
        raise TermsImportError([TermsProblem(1, Reason("too_much_to_read"))]) from error

"""PDF files that have a text layer."""

from __future__ import annotations

import io

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import PdfminerException

from contracts.problems.reasons import Reason
from contracts.source_files.errors import UnreadableFile
from contracts.source_files.pdf_tables import page_text

_MOST_PAGES = 500


def read_pdf(data: bytes) -> str:
    """The text of all pages, divided by form feeds; rows of ruled tables as Markdown.

    Raises UnreadableFile for files that are damaged, protected by a password, or pictures without text.
    """
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            if len(pdf.pages) > _MOST_PAGES:
                raise UnreadableFile(Reason("pdf_pages", {"most": _MOST_PAGES}))
            texts = [page_text(page) for page in pdf.pages]
            pictures = any(page.images for page in pdf.pages)
    except UnreadableFile:
        raise
    except (PdfminerException, PDFException) as error:
        raise UnreadableFile(_reason(error)) from error
    except Exception as error:
        # What pdfminer raises for damaged files is of many kinds (struct.error, KeyError, AssertionError …).
        raise UnreadableFile(Reason("pdf_damaged")) from error
    if any(text.strip() for text in texts):
        return "\n\f".join(texts)
    if pictures:
        raise UnreadableFile(Reason("pdf_pictures"))
    raise UnreadableFile(Reason("pdf_empty"))


def _reason(error: Exception) -> Reason:
    causes = (error, error.__cause__, error.__context__, *error.args)
    if any(isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError) for cause in causes):
        return Reason("pdf_locked")
    return Reason("pdf_damaged")

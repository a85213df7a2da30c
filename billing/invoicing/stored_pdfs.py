"""Issued PDFs as they lie in the private storage."""

from billing.models import Invoice
from portal.kept_files import read_checked


def issued_pdf(invoice: Invoice) -> bytes | None:
    """The stored bytes; None where there are none yet.

    Raises DamagedFileError where they are missing or not those that were issued; StorageError.
    """
    return read_checked(str(invoice.pdf), invoice.pdf_hash) if invoice.pdf else None

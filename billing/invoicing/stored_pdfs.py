"""Issued PDFs as they lie in the private storage."""

import hashlib
import logging
from typing import cast

from billing.models import Invoice

logger = logging.getLogger(__name__)


def issued_pdf(invoice: Invoice) -> bytes | None:
    """The stored bytes; None when there is no file, or not the one that was issued."""
    if not invoice.pdf:
        return None
    try:
        with invoice.pdf.open() as file:
            content = file.read()
    except FileNotFoundError:
        logger.error("The PDF of invoice %s is missing: %s", invoice.number, invoice.pdf.name)
        return None
    if hashlib.sha256(content).hexdigest() != invoice.pdf_hash:
        logger.error("The PDF of invoice %s was changed after it was issued", invoice.number)
        return None
    return cast(bytes, content)

"""The structured e-invoice that an invoice's PDF carries: put in, and taken out of stored bytes."""

from datetime import UTC, datetime
from io import BytesIO

from pypdf import PdfReader

from billing.documents.einvoice import einvoice
from billing.documents.invoice_document import InvoiceDocument
from portal.pdf import EmbeddedFile


def embedded_file(document: InvoiceDocument) -> EmbeddedFile:
    """The e-invoice as a file of the PDF, which says the same in another way (ISO 32000-2, 7.11.3)."""
    return EmbeddedFile(
        name=file_name(document["number"]),
        content=einvoice(document),
        description="JP PINT",
        made_at=datetime.fromisoformat(f"{document['issued_on']}T00:00:00+09:00").astimezone(UTC),
        relationship="Alternative",
    )


def file_name(number: str) -> str:
    """What the e-invoice of an invoice is called, in its PDF and when it is downloaded."""
    return f"{number}.xml"


def embedded_einvoice(pdf: bytes, number: str) -> bytes | None:
    """The e-invoice in the bytes of an invoice's PDF; None for a PDF that carries none."""
    found = PdfReader(BytesIO(pdf)).attachments.get(file_name(number))
    return found[0] if found else None

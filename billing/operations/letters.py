"""What letters to customers have in common: the parties as they are on the day, and the stored PDF."""

import hashlib
from typing import Any

from django.core.files.storage import default_storage

from billing.documents.invoice_document import Issuer, Recipient
from billing.operations.pdfs import store
from contracts.models import Provider
from portal.organisations.models import Organisation


def issuer_of(provider: Provider) -> Issuer:
    """The provider as a letter states it."""
    return {
        "name": provider.name,
        "registration_number": provider.registration_number,
        "postal_code": provider.postal_code,
        "address": provider.address,
        "phone": provider.phone,
        "email": provider.email,
    }


def recipient_of(organisation: Organisation) -> Recipient:
    """The customer as a letter states it."""
    return {
        "name": organisation.name,
        "corporate_number": organisation.corporate_number,
        "postal_code": organisation.postal_code,
        "address": organisation.address,
    }


def keep_pdf(kind: str, provider: Provider, document_hash: str, content: bytes) -> tuple[str, str]:
    """Store a letter's PDF where only views hand it out; its name and its hash."""
    name = f"letters/{provider.code}/{kind}-{document_hash[:16]}.pdf"
    store(name, content)
    return name, hashlib.sha256(content).hexdigest()


def kept_pdf(letter: Any) -> bytes | None:
    """The stored bytes of a letter; None when they are missing or not those that were issued."""
    if not default_storage.exists(letter.pdf.name):
        return None
    with default_storage.open(letter.pdf.name) as file:
        content: bytes = file.read()
    return content if hashlib.sha256(content).hexdigest() == letter.pdf_hash else None

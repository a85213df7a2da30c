"""The particulars of a customer that an application may ask for, beyond name and address."""

from __future__ import annotations

from typing import Literal

FieldKey = Literal[
    "representative",
    "phone",
    "fax",
    "contract_contact",
    "technical_contact",
    "emergency_contact",
    "billing_address",
    "administrator",
    "responsible_person",
    "usage_breakdown",
    "identity_document",
    "sales_agent",
]

"""The particulars of a customer that an application may ask for, beyond name and address; their groups."""

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

OF_THE_CUSTOMER = ("name", "kana", "corporate_number", "postal_code", "address", "invoice_email")
"""What a contract knows of its customer beside the application's particulars."""

COMPANY = ("kana", "corporate_number", "postal_code", "address")
"""What an application states of the organisation itself; its name is the registered one."""

CONTACTS: tuple[FieldKey, ...] = (
    "contract_contact",
    "technical_contact",
    "emergency_contact",
    "administrator",
    "responsible_person",
)
PHONES: tuple[FieldKey, ...] = ("phone", "fax")
MAY_BE_NONE: tuple[FieldKey, ...] = ("fax",)
"""What many have none of: that there is none is an answer, also where the terms ask for it."""

OF_CONTACTS: tuple[FieldKey, ...] = (*CONTACTS, "billing_address")
"""Whom to call, and where to write to."""

OF_THE_ORDER: tuple[FieldKey, ...] = ("usage_breakdown",)
LONG: tuple[FieldKey, ...] = ("billing_address", "usage_breakdown")

SENT_TO: FieldKey = "billing_address"
"""Where documents about money go by post, in the customer's own words; not the legal address."""

"""The particulars that an application may ask for, as screens, e-mails and the admin name them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.rules.policy.schema import FieldKey, Policy

LABELS: dict[FieldKey, Any] = {
    "representative": _("Representative"),
    "phone": _("Phone"),
    "fax": _("Fax"),
    "contract_contact": _("Contact for the contract"),
    "technical_contact": _("Technical contact"),
    "emergency_contact": _("Emergency contact"),
    "billing_address": _("Where invoices go"),
    "administrator": _("Administrator of the service"),
    "responsible_person": _("Person responsible for use"),
    "usage_breakdown": _("Breakdown of use"),
    "identity_document": _("Identity document to be presented"),
    "sales_agent": _("Sales agent through whom the contract is made, if any"),
}
OF_THE_CUSTOMER: dict[str, Any] = {
    "name": _("Organisation's name"),
    "kana": _("Name in kana"),
    "corporate_number": _("Corporate number"),
    "postal_code": _("Postal code"),
    "address": _("Address"),
    "invoice_email": _("E-mail address for invoices"),
}
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
OF_CONTACTS: tuple[FieldKey, ...] = (*CONTACTS, "billing_address")
"""Whom to call, and where to write to."""

OF_THE_ORDER: tuple[FieldKey, ...] = ("usage_breakdown",)
LONG: tuple[FieldKey, ...] = ("billing_address", "usage_breakdown")


SENT_TO: FieldKey = "billing_address"
"""Where documents about money go by post, in the customer's own words; not the legal address."""


def label_of(key: str) -> Any:
    """The name of a particular, or of what a contract knows of its customer."""
    known: dict[str, Any] = {str(one): label for one, label in LABELS.items()}
    return {**known, **OF_THE_CUSTOMER}.get(key, key)


def labelled(policy: Policy, particulars: Mapping[str, str]) -> Iterator[tuple[Any, str]]:
    """Name and value of each particular that was given: of the company, then in the policy's order."""
    for key in COMPANY:
        if particulars.get(key):
            yield OF_THE_CUSTOMER[key], particulars[key]
    for asked in policy.application.fields:
        if particulars.get(asked.key):
            yield LABELS[asked.key], particulars[asked.key]

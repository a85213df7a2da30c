"""The particulars that an application may ask for, as screens, e-mails and the admin name them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from contracts.rules.policy.particulars import COMPANY
from contracts.rules.policy.schema import FieldKey, Policy
from contracts.wording.local_text import localised

if TYPE_CHECKING:
    from contracts.models import TermsVersion

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
_OF_THE_CUSTOMER: dict[str, Any] = {
    "name": _("Organisation's name"),
    "kana": _("Name in kana"),
    "corporate_number": _("Corporate number"),
    "postal_code": _("Postal code"),
    "address": _("Address"),
    "invoice_email": _("E-mail address for invoices"),
}


def label_of(key: str) -> Any:
    """The name of a particular, or of what a contract knows of its customer."""
    known: dict[str, Any] = {str(one): label for one, label in LABELS.items()}
    return {**known, **_OF_THE_CUSTOMER}.get(key, key)


def labelled(policy: Policy, particulars: Mapping[str, str]) -> Iterator[tuple[Any, str]]:
    """Name and value of each particular that was given: of the company, then in the policy's order."""
    for key in COMPANY:
        if particulars.get(key):
            yield _OF_THE_CUSTOMER[key], particulars[key]
    for asked in policy.application.fields:
        if particulars.get(asked.key):
            yield LABELS[asked.key], particulars[asked.key]


def account_text(account: dict[str, str]) -> str:
    """An account in a line, as invoices name it; empty for none."""
    if not account:
        return ""
    bank, branch = (_with_code(account, part) for part in ("bank", "branch"))
    return " ".join([bank, branch, *(account.get(part, "") for part in ("kind", "number", "holder"))])


def _with_code(account: dict[str, str], part: str) -> str:
    code = account.get(f"{part}_code")
    return f"{account.get(part, '')} ({code})" if code else account.get(part, "")


def data_statement(version: "TermsVersion") -> str:
    """What who applies is told of the data that pass to its sales agent; empty where none do."""
    rule = version.policy.agents
    return localised(rule.data.text) if rule and rule.data and version.seller else ""

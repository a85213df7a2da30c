"""Words about requests: what their days are called, and why somebody takes the customer's place."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.models import ContractRequest

Kind = ContractRequest.Kind

CAUSES: dict[str, Any] = {
    "merger": _("Merger"),
    "split": _("Company split"),
    "business_transfer": _("Transfer of the business"),
    "inheritance": _("Inheritance"),
}
_DAYS: dict[str, Any] = {
    Kind.CANCELLATION: _("Wanted end"),
    Kind.NON_RENEWAL: _("End of the term"),
    Kind.DROP_ITEM: _("Wanted last day of use"),
    Kind.DROP_OPTION: _("Wanted last day of use"),
    Kind.SUCCESSION: _("Day of the succession"),
    Kind.PARTICULARS: _("Date of the change"),
    Kind.NAME: _("Date of the change"),
    Kind.RESPONSIBLE_PERSON: _("Date of the change"),
    Kind.INTERRUPTION: _("First day of the interruption"),
    Kind.OPTION_INTERRUPTION: _("First day of the interruption"),
}


def cause_label(cause: str) -> str:
    """The cause of a succession in words."""
    return str(CAUSES.get(cause, cause))


def day_label(kind: str) -> str:
    """What the wanted day of a kind of request is called."""
    return str(_DAYS.get(kind, _("Wanted date")))

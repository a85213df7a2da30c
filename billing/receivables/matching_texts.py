"""Why a suggestion was made, in words."""

from django.utils.translation import gettext_lazy as _

from billing.calculation.owed.matching import Reason, Suggestion

TEXTS: dict[Reason, object] = {
    "reference": _("the invoice's number"),
    "name": _("the payer's name"),
    "similar_name": _("a similar name"),
    "amount": _("the amount of an invoice"),
    "total": _("the amount of several invoices"),
    "underpaid": _("less than the terms count as paid"),
}


def reason_texts(suggestion: Suggestion) -> str:
    """The reasons of a suggestion, one after the other."""
    return ", ".join(str(TEXTS[reason]) for reason in suggestion.reasons)

"""What contracts will cost, for pages of contracts."""

from typing import Any

from django import template
from django.utils.timezone import localdate

from billing.invoicing.forecast import forecast
from contracts.models import Contract
from contracts.requests.what_if import Answer

register = template.Library()


@register.inclusion_tag("billing/_forecast.html")
def cost_forecast(contract: Contract, answer: Answer) -> dict[str, Any]:
    """The fees of the coming months as they are and as an answer would change them."""
    return {
        "forecast": forecast(contract, answer, localdate()),
        "ends": answer.day("ends_on") is not None,
        "minimum_term_charge": answer.decision.get("minimum_term_charge"),
    }

"""What contracts will cost, on pages of contracts."""

from django.utils.timezone import localdate

from billing.invoicing.forecast import forecast
from contracts.extensions.panels import Panel
from contracts.models import Contract
from contracts.requests.what_if import Answer
from contracts.rules.life.end_with_minimum_term import minimum_term_charge


def cost_forecast(contract: Contract, answer: Answer) -> Panel:
    """The fees of the coming months as they are and as an answer would change them."""
    return Panel(
        "billing/_forecast.html",
        {
            "forecast": forecast(contract, answer, localdate()),
            "ends": answer.ends_on is not None,
            "minimum_term_charge": minimum_term_charge(answer.decision),
        },
    )

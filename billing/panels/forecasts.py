"""What contracts will cost, on pages of contracts."""

from datetime import date

from django.utils.timezone import localdate

from billing.invoicing.forecast import forecast
from contracts.extensions.costs import CostsAhead, MonthCosts
from contracts.extensions.panels import Panel
from contracts.models import Contract
from contracts.requests.what_if.asking import Answer, Together
from contracts.rules.calendar.period import Month
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


def fees_ahead(contract: Contract, changes: Together, day: date, through: Month | None) -> CostsAhead | None:
    """The fees of the coming months without and with changes, without what is used."""
    found = forecast(contract, changes, day, fees_only=True, through=through)
    if found is None:
        return None
    months = [MonthCosts(one.month, one.now.gross, one.then.gross) for one in found.months]
    return CostsAhead(months, found.sample)

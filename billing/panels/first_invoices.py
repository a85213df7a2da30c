"""The first invoice of what is applied for, on pages of applications."""

from collections.abc import Mapping
from typing import Any

from billing.calculation.due import due_on, due_rule, issue_by
from billing.calculation.tax import tax_by_rate
from billing.panels.prices import estimates_of
from contracts.extensions.panels import Panel
from contracts.models import TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.period import Month
from contracts.rules.decision import NotProvided


def first_invoice(
    version: TermsVersion, quantities: Mapping[str, int], payment_method: Any, month: Month
) -> Panel | None:
    """What the first charged month comes to, with what is charged once, by when it is issued and due.

    By the prices that are known for the month's last day; None where a price is missing.
    """
    found = estimates_of(version, quantities, month.last)
    lines = [estimated.line for estimate in found["estimates"] for estimated in estimate.lines]
    if not lines:
        return None
    charging, rules = version.policy.charging, rulebook_for(version)
    totals, _steps = tax_by_rate(lines, month.last, charging.tax)
    due = due_on(due_rule(charging, "usage", payment_method), month, rules.calendars_on(month.last))
    return Panel(
        "billing/_first_invoice.html",
        {
            "month": month,
            "gross": sum(line.amount for line in lines) + sum(total.tax for total in totals),
            "sample": any(estimate.sample for estimate in found["estimates"]),
            "quoted": found["quoted"],
            "issue_by": _issue_by(version, month),
            "due_on": due.due_on,
        },
    )


def _issue_by(version: TermsVersion, month: Month) -> Any:
    """By when the terms want it issued; None where they name no day."""
    try:
        return issue_by(version.policy.charging, month).issue_by
    except NotProvided:
        return None

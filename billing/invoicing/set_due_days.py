"""What of an invoice is due on a day that the provider set for it, later than the invoice itself."""

from collections.abc import Sequence
from datetime import date

from billing.calculation.charges import ChargeLine, net_of
from billing.calculation.invoice import Invoice as Calculation
from billing.calculation.tax import Taxation, tax_by_rate
from billing.documents.invoice_document import Added, Text
from billing.models import Adjustment
from contracts.rules.calendar.period import Month
from contracts.rules.policy.schema import Policy


def set_apart(
    amounts: Calculation,
    policy: Policy,
    month: Month,
    taxation: Taxation,
    adjustments: Sequence[Adjustment],
) -> tuple[Added, Text] | None:
    """What is due later, with tax, and the note that says so; None where nothing is.

    `adjustments` are those of the last lines, in their order. Of several days the last one holds for all.
    """
    if not any(one.due_on for one in adjustments):
        return None
    decided = iter(adjustments)
    apart: list[tuple[Adjustment, date]] = []
    others: list[ChargeLine] = []
    for line in amounts.lines:
        adjustment = next(decided) if line.product is None else None
        if adjustment and adjustment.due_on and adjustment.due_on > amounts.due_on:
            apart.append((adjustment, adjustment.due_on))
        else:
            others.append(line)
    totals, _steps = tax_by_rate(others, month.last, policy.charging.tax, taxation)
    gross = amounts.gross - net_of(others) - sum(total.tax for total in totals)
    amount = min(gross, amounts.gross)
    if not apart or amount < 1:
        return None
    due = max(day for _adjustment, day in apart)
    return Added(amount=amount, due_on=due.isoformat()), _note([one for one, _day in apart], amount, due)


def _note(adjustments: Sequence[Adjustment], amount: int, due: date) -> Text:
    names = {code: dict.fromkeys(one.names[code] for one in adjustments) for code in ("ja", "en")}
    return Text(
        ja=f"請求額のうち{'、'.join(names['ja'])}{amount:,}円のお支払期日は{due.year}年{due.month}月{due.day}日です。",
        en=f"Of the total, ¥{amount:,} ({', '.join(names['en'])}) are due on {due:%Y-%m-%d}.",
    )

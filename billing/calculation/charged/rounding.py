"""The tax that an invoice states, beside what the terms give for its totals by now."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.calculation.charged.differences import Difference
from billing.calculation.charged.standing import Supply
from billing.calculation.money import rounded
from contracts.rules.calendar.period import Month
from contracts.rules.policy.charging import TaxRule

TAX = "consumption-tax"
"""The product of supplies that are the tax of a month's invoice alone."""


@dataclass(frozen=True, slots=True)
class StatedTax:
    """What an invoice states for one rate, in percent as text, None outside the tax; yen."""

    rate: str | None
    net: int
    tax: int

    def owed(self, rule: TaxRule) -> int:
        return rounded(self.net * Decimal(self.rate) / 100, rule.rounding) if self.rate else 0


def tax_difference(
    month: Month, invoice: str, stated: Sequence[StatedTax], rule: TaxRule
) -> Difference | None:
    """The difference of an invoice, by its number, whose tax is rounded otherwise than the terms say by now.

    Tax is rounded once for each rate and document, so that only an invoice issued anew corrects it; `owed`,
    `charged` and `amount` are yen of tax.
    """
    owed = [one.owed(rule) for one in stated]
    charged = [one.tax for one in stated]
    if owed == charged:
        return None
    return Difference(
        supply=Supply(month, TAX),
        owed=sum(owed),
        charged=sum(charged),
        amount=sum(owed) - sum(charged),
        cause="error",
        invoice=invoice,
    )

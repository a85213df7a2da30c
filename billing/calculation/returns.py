"""What a return of an invoice's amounts comes to (適格返還請求書, 消費税法57条の4第3項)."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.rules.decision import Step, step
from contracts.rules.policy.charging import TaxRule

from .money import rounded
from .tax import OUTSIDE, RateTotal, from_label, in_order, told

Nets = Mapping[str, int]
"""Yen without tax by the rate's label, such as `10`, `8`, `outside`."""


class TooMuchReturnedError(ValueError):
    """More would be returned at a rate than is left of what was charged at it."""

    def __init__(self, rate: str, left: int) -> None:
        self.rate, self.left = rate, left
        super().__init__(f"only {left} yen are left at the rate {rate}")


def return_totals(
    rule: TaxRule, charged: Nets, returned: Nets, now: Nets
) -> tuple[tuple[RateTotal, ...], tuple[Step, ...]]:
    """The totals of a return by rate, below zero, the highest rate first and untaxed amounts last.

    `charged` is what the invoice states, `returned` what earlier returns took back, `now` what this one does;
    above zero, unless credits exceeded what was charged. The tax returned is the tax of what was left less
    the tax of what is left now: an invoice and its returns together always state the tax of what remains,
    and nothing once all is returned.
    TooMuchReturnedError if more is returned than is left.
    """
    totals: list[RateTotal] = []
    steps: list[Step] = []
    for label in sorted(now, key=in_order):
        before = charged.get(label, 0) - returned.get(label, 0)
        after = before - now[label]
        if after < min(0, before):
            raise TooMuchReturnedError(label, before)
        percent, registered = from_label(label)
        if percent == OUTSIDE:
            totals.append(RateTotal(OUTSIDE, -now[label], 0))
            steps.append(step(rule, "tax.outside", 0, net=-now[label]))
            continue
        tax = rounded(after * percent / 100, rule.rounding) - rounded(before * percent / 100, rule.rounding)
        totals.append(RateTotal(percent, -now[label], tax, registered))
        steps.append(
            step(
                rule,
                "tax.returned",
                tax,
                net=-now[label],
                percent=percent,
                before=before,
                after=after,
                rounding=rule.rounding,
                **told(registered),
            )
        )
    return tuple(totals), tuple(steps)

"""The amounts of an invoice and when it is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision, Step, step
from contracts.rules.policy.charging import ChargeKind, Charging, PaymentMethod

from .charges import ChargeLine, net_of
from .due import Due, due_on, due_rule, months_behind
from .tax import RateTotal, Taxation, tax_by_rate

if TYPE_CHECKING:
    from contracts.rules.rulebook import Rulebook

_LEADING_CHARGE: tuple[ChargeKind, ...] = ("usage", "initial", "calls")


@dataclass(frozen=True, kw_only=True)
class Invoice(Decision):
    """Amounts are whole yen. `net` is the sum of all lines without tax, those outside the tax included.

    `by_rate` holds the totals by their labels: the rate in percent (`10`, `8`), `outside`.
    """

    net: int
    tax: int
    gross: int
    by_rate: Mapping[str, RateTotal]
    due_on: date
    lines: tuple[ChargeLine, ...]


def calculate(
    rulebook: Rulebook,
    lines: Sequence[ChargeLine],
    month: Month,
    method: PaymentMethod | None = None,
    taxation: Taxation | None = None,
) -> Invoice:
    """The invoice of a month's lines, at the tax rate of its closing date.

    It is due with its usage fees; without any, with the initial cost, else with the call charges. A charge
    without a due date of its own is due with the usage fees. What was supplied in a month of its own has that
    month's tax rate. `taxation` as for `tax_by_rate`. NotProvided for an unknown payment method.
    """
    charging = rulebook.policy.charging
    totals, tax_steps = tax_by_rate(lines, month.last, charging.tax, taxation)
    net, tax = net_of(lines), sum(total.tax for total in totals)
    due = _due(rulebook, lines, month, method)
    steps: list[Step] = [line.step for line in lines if line.step]
    steps.append(step(charging.proration, f"proration.{charging.proration.rule}", net, month=month))
    steps += tax_steps
    steps.append(step(charging.tax, "invoice.gross", net + tax, net=net, tax=tax))
    return Invoice(
        net=net,
        tax=tax,
        gross=net + tax,
        by_rate={total.label: total for total in totals},
        due_on=due.due_on,
        lines=tuple(lines),
        steps=(*steps, *due.steps),
    )


def _due(rulebook: Rulebook, lines: Sequence[ChargeLine], month: Month, method: PaymentMethod | None) -> Due:
    charging = rulebook.policy.charging
    charge = _leading_charge(charging, lines)
    leading = [line for line in lines if _due_kind(charging, line) == charge]
    calendars = rulebook.calendars_on(month.last)
    if leading and all(line.month and not line.later for line in leading):
        month += -months_behind(charging, charge, method)
    return due_on(due_rule(charging, charge, method), month, calendars)


def _leading_charge(charging: Charging, lines: Sequence[ChargeLine]) -> ChargeKind:
    present = {_due_kind(charging, line) for line in lines}
    return next((charge for charge in _LEADING_CHARGE if charge in present), "usage")


def _due_kind(charging: Charging, line: ChargeLine) -> ChargeKind:
    return line.charge if line.charge in charging.due else "usage"

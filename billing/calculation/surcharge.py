"""The surcharge on fees that were evaded unlawfully (割増金)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.rules.decision import Decision, NotProvided, step
from contracts.rules.policy.charging import Charging

from .tax import TaxedAmount, tax_by_rate


@dataclass(frozen=True, kw_only=True)
class Surcharge(Decision):
    """Amounts are whole yen."""

    net: int
    tax: int
    gross: int


@dataclass(frozen=True, kw_only=True)
class EvadedFee(Decision):
    """The fee itself, in yen without tax."""

    net: int


def surcharge(charging: Charging, evaded_net: int, on: date) -> Surcharge:
    """What evading a fee costs: `evaded_net` is without tax; `on` is the day whose tax rate counts.

    NotProvided if the terms know no surcharge.
    """
    rule = charging.surcharge
    if rule is None:
        raise NotProvided("charging.surcharge")
    net = evaded_net * rule.multiple
    (total,), tax_steps = tax_by_rate([TaxedAmount(amount=net, tax="standard")], on, charging.tax)
    gross = net + total.tax
    return Surcharge(
        net=net,
        tax=total.tax,
        gross=gross,
        steps=(
            step(rule, "surcharge.net", net, evaded_net=evaded_net, multiple=rule.multiple),
            *tax_steps,
            step(rule, "surcharge.gross", gross, net=net, tax=total.tax),
        ),
    )


def evaded_fee(charging: Charging, evaded_net: int) -> EvadedFee:
    """The fee itself that was evaded, in yen without tax. NotProvided if the terms know no surcharge."""
    if charging.surcharge is None:
        raise NotProvided("charging.surcharge")
    return EvadedFee(net=evaded_net, steps=(step(charging.surcharge, "surcharge.evaded", evaded_net),))

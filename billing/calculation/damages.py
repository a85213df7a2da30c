"""The limit of damages: one monthly fee, or an average of what was charged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from contracts.problems.reasons import Reason, UnfitError
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision, NotProvided, Step, step
from contracts.rules.policy.charging import Charging, DamagesCapRule, Fault

from .money import rounded

Fees = Mapping[Month, int]
"""What was charged for each month, in yen without tax."""

_DAYS_OF_A_MONTHLY_FEE = 30


@dataclass(frozen=True, kw_only=True)
class DamagesCap(Decision):
    """`cap` is in yen."""

    cap: int


@dataclass(frozen=True, kw_only=True)
class Damages(Decision):
    """`amount` is in yen, outside the consumption tax; of free service, the fee without tax."""

    amount: int


def damages(
    charging: Charging, on: date, damage: int, fault: Fault, fees: Fees, started_on: date | None = None
) -> Damages:
    """What the provider owes for a damage in yen that arose on a day by its fault, up to the limit.

    NotProvided if the terms set no limit, UnfitError as `damages_cap`.
    """
    rule = charging.damages_cap
    if rule is None:
        raise NotProvided("charging.damages_cap")
    if fault in rule.falls_away_for:
        return Damages(amount=damage, steps=(step(rule, "damages.no_limit", damage, fault=fault),))
    limit = damages_cap(charging, on, fees, started_on)
    amount = min(damage, limit.cap)
    taken = step(rule, "damages.amount", amount, damage=damage, cap=limit.cap)
    return Damages(amount=amount, steps=(*limit.steps, taken))


def free_service(charging: Charging, month: Month, fee: int) -> Damages:
    """A month of service free instead of damages in money: its fee, in yen without tax, is not charged.

    NotProvided if the terms don't let the provider do so.
    """
    rule = charging.damages_cap and charging.damages_cap.service_instead
    if rule is None:
        raise NotProvided("charging.damages_cap.service_instead")
    return Damages(amount=fee, steps=(step(rule, "damages.service", fee, month=month),))


def damages_cap(charging: Charging, on: date, fees: Fees, started_on: date | None = None) -> DamagesCap:
    """The limit for damage that arose on a day.

    `started_on` is when service started; without it, the months listed are taken as all there were, from the
    first of the earliest on.
    NotProvided if the terms set no limit; UnfitError if the fees do not suffice to compute it.
    """
    rule = charging.damages_cap
    if rule is None:
        raise NotProvided("charging.damages_cap")
    if rule.rule == "one_month_fee":
        exact, taken = _one_month_fee(rule, on, fees)
    else:
        exact, taken = _average(rule, on, fees, started_on)
    cap = rounded(exact, charging.rounding)
    final = step(rule, "damages.cap", cap, exact=exact.quantize(Decimal("0.01")), rounding=charging.rounding)
    return DamagesCap(cap=cap, steps=(taken, final))


def _one_month_fee(rule: DamagesCapRule, on: date, fees: Fees) -> tuple[Decimal, Step]:
    """The fee of the month of the damage, or of the last month charged before it."""
    charged = [month for month in fees if month <= Month.of(on)]
    if not charged:
        raise UnfitError(Reason("no_fee_of_month", {"month": Month.of(on)}), at="history")
    month = max(charged)
    return Decimal(fees[month]), step(rule, "damages.one_month_fee", fees[month], on=on, month=month)


def _average(rule: DamagesCapRule, on: date, fees: Fees, started_on: date | None) -> tuple[Decimal, Step]:
    last = Month.of(on) + -1
    first = _first_whole_month(last, fees, started_on)
    if first is None:
        return _thirty_days(rule, on, fees, started_on)
    months = [first + distance for distance in range(last - first + 1)]
    missing = [str(month) for month in months if month not in fees]
    if missing:
        raise UnfitError(Reason("fees_missing", {"months": ", ".join(missing)}), at="history")
    total = sum(fees[month] for month in months)
    taken = step(
        rule,
        "damages.average_months",
        total,
        on=on,
        first_month=first,
        last_month=last,
        months=len(months),
    )
    return Decimal(total) / len(months), taken


def _first_whole_month(last: Month, fees: Fees, started_on: date | None) -> Month | None:
    """The first of at most 12 whole months of service up to the last one; None if there is none."""
    earliest = last + -11
    if started_on is None:
        listed = [month for month in fees if earliest <= month <= last]
        return min(listed, default=None)
    started = Month.of(started_on)
    first = max(earliest, started if started_on == started.first else started + 1)
    return first if first <= last else None


def _thirty_days(rule: DamagesCapRule, on: date, fees: Fees, started_on: date | None) -> tuple[Decimal, Step]:
    """Less than a whole month of service: thirty times the average fee of a day up to the day before."""
    if started_on is None:
        if not fees:
            raise UnfitError(Reason("no_start"))
        started_on = min(fees).first
    days = (on - started_on).days
    if days < 1:
        raise UnfitError(Reason("late_start"), at="started_on")
    until = Month.of(on - timedelta(days=1))
    charged = sum(fee for month, fee in fees.items() if Month.of(started_on) <= month <= until)
    taken = step(rule, "damages.average_days", charged, started=started_on, on=on, days=days)
    return Decimal(charged * _DAYS_OF_A_MONTHLY_FEE) / days, taken

"""What an outage is worth to the customer (障害時の減額)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from contracts.problems.reasons import Reason, UnfitError
from contracts.rules.calendar.period import JAPAN, Month, japan_date, months_after, period_end
from contracts.rules.decision import Decision, NotProvided, Step, step
from contracts.rules.life.consent import start_of
from contracts.rules.policy.charging import Charging, Fault, OutageRule

from .money import rounded

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Stop:
    """A time during which the service could not be used, from the moment when the provider knew of it."""

    known_at: datetime
    restored_at: datetime
    fault: Fault

    @property
    def months(self) -> list[Month]:
        """The months in which days of it begin."""
        first, last = (Month.of(japan_date(at)) for at in (self.known_at, self.restored_at))
        return [first + distance for distance in range(last - first + 1)]


def within_service(stop: Stop, starts_on: date | None, ends_on: date | None) -> Stop | None:
    """An outage as far as the service was to be provided then; None where it was not."""
    if starts_on is None:
        return None
    begins = max(stop.known_at, start_of(starts_on))
    ends = min(stop.restored_at, start_of(ends_on + timedelta(days=1))) if ends_on else stop.restored_at
    return replace(stop, known_at=begins, restored_at=ends) if begins < ends else None


@dataclass(frozen=True, kw_only=True)
class OutageFacts:
    """An outage from the moment when the provider knew of it; amounts are yen without tax.

    `fees` are those of months that may have another one than `monthly_fee`, which is that of the first.
    `later` are outages after it, none overlapping another: rules that add up within a month count them in.
    """

    known_at: datetime
    restored_at: datetime
    fault: Fault
    monthly_fee: int
    fees: Mapping[Month, int] = field(default_factory=dict)
    paid_last_12_months: int | None = None
    later: tuple[Stop, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outage(Decision):
    """`units` are whole days, or whole hours where the terms credit by the hour; `credit` is in yen.

    `arose_at` is when the outage had lasted long enough: the claim's time counts from there. What lowers a
    fee is `taxed` as the fee is; what is not is the limit of the actual damage.
    """

    qualifies: bool
    units: int
    credit: int
    taxed: bool = True
    arose_at: datetime | None = None


def outage(charging: Charging, facts: OutageFacts) -> Outage:
    """Whether an outage qualifies for a credit, and for how much.

    Where several rules cover the fault, the one that credits most decides. NotProvided if the terms have no
    rule on outages; UnfitError if it ended before it began.
    """
    if not charging.outages:
        raise NotProvided("charging.outages")
    if facts.restored_at < facts.known_at:
        raise UnfitError(Reason("restored_too_early"), at="restored_at")
    covering = [rule for rule in charging.outages if facts.fault in rule.faults]
    if not covering:
        steps = (step(rule, "outage.fault", False, fault=facts.fault) for rule in charging.outages)
        return Outage(qualifies=False, units=0, credit=0, steps=tuple(steps))
    answers = [_by_rule(rule, charging, facts) for rule in covering]
    best = max(answers, key=lambda answer: (answer.qualifies, answer.credit))
    others = (taken for answer in answers if answer is not best for taken in answer.steps)
    return Outage(
        qualifies=best.qualifies,
        units=best.units,
        credit=best.credit,
        taxed=best.taxed,
        arose_at=best.arose_at,
        steps=(*others, *best.steps),
    )


def _by_rule(rule: OutageRule, charging: Charging, facts: OutageFacts) -> Outage:
    spans = _counted(rule, facts)
    duration = sum((end - start for start, end in spans), timedelta())
    qualifies = duration >= rule.minimum_hours * _HOUR
    steps: list[Step] = [
        step(rule, "outage.fault", True, fault=facts.fault),
        step(
            rule,
            f"outage.qualifies.{rule.count}",
            qualifies,
            known=facts.known_at,
            restored=spans[-1][1],
            hours=duration // _HOUR,
            minimum_hours=rule.minimum_hours,
        ),
    ]
    if not qualifies:
        return Outage(qualifies=False, units=0, credit=0, steps=tuple(steps))
    units, exact, how = _worth(rule, facts, duration)
    credit = rounded(exact, charging.rounding)
    steps.append(
        step(
            rule,
            "outage.credit.by_months" if "parts" in how else f"outage.credit.{rule.credit}",
            credit,
            units=units,
            monthly_fee=facts.monthly_fee,
            rounding=charging.rounding,
            **how,
        )
    )
    paid = facts.paid_last_12_months
    if rule.capped_by_paid_12_months and paid is not None:
        credit = min(credit, paid)
        steps.append(step(rule, "outage.cap", credit, paid_last_12_months=paid))
    return Outage(
        qualifies=True,
        units=units,
        credit=credit,
        taxed=not (rule.limits_damage or rule.credit == "monthly_fee"),
        arose_at=_reached(spans, rule.minimum_hours * _HOUR),
        steps=tuple(steps),
    )


def _worth(
    rule: OutageRule, facts: OutageFacts, duration: timedelta
) -> tuple[int, Decimal, dict[str, int | str]]:
    """Whole units, their exact worth in yen, and by what the monthly fee was divided, for the explanation."""
    match rule.credit:
        case "days":
            return _worth_of_days(facts, duration // _DAY)
        case "hours":
            units = max(timedelta(0), duration - rule.grace_hours * _HOUR) // _HOUR
            exact = Decimal(facts.monthly_fee * units) / rule.hours_in_month
            return units, exact, {"divisor": rule.hours_in_month}
        case "monthly_fee":
            return duration // _DAY, Decimal(facts.monthly_fee), {}


def _worth_of_days(facts: OutageFacts, units: int) -> tuple[int, Decimal, dict[str, int | str]]:
    """Each unit of 24 hours is worth a day of the month in which it begins."""
    first = japan_date(facts.known_at)
    months = Counter(Month.of(first + number * _DAY) for number in range(units)) or {Month.of(first): 0}
    fees = {month: facts.fees.get(month, facts.monthly_fee) for month in months}
    exact = sum((Fraction(fees[month] * days, month.days) for month, days in months.items()), Fraction())
    worth = Decimal(exact.numerator) / exact.denominator
    if len(set(fees.values())) > 1:
        parts = (f"{fees[month]:,} × {days}/{month.days}" for month, days in months.items())
        return units, worth, {"parts": " + ".join(parts)}
    shares = " + ".join(f"{days}/{month.days}" for month, days in months.items())
    return units, worth, {"shares": f"({shares})" if len(months) > 1 else shares}


def _counted(rule: OutageRule, facts: OutageFacts) -> list[Span]:
    """When the service was down, as far as the rule counts it, in order."""
    if rule.count == "in_a_row":
        return [(facts.known_at, facts.restored_at)]
    over = month_from(facts.known_at)
    later = sorted(
        (stop.known_at, min(stop.restored_at, over))
        for stop in facts.later
        if stop.fault in rule.faults and stop.known_at < over
    )
    return [(facts.known_at, min(facts.restored_at, over)), *later]


def _reached(spans: list[Span], needed: timedelta) -> datetime:
    """The moment at which the times add up to what is needed; they do."""
    for start, end in spans:
        if end - start >= needed:
            return start + needed
        needed -= end - start
    raise ValueError("the times do not add up to what is needed")


def month_from(moment: datetime) -> datetime:
    """When the month that begins with a moment is over; the day itself counts only from 0:00 (民法140条)."""
    local = moment.astimezone(JAPAN)
    day = local.date()
    last: date = period_end(day, 1) if local.time() == time(0) else months_after(day, 1)
    return datetime.combine(last + _DAY, time(0), tzinfo=JAPAN)

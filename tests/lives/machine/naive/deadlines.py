"""By when something must arrive, and what becomes of it: the deadline rules of the policies."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.lives.machine.naive.days import (
    ONE_DAY,
    Calendar,
    last_of,
    later_month,
    month_end,
    month_of,
    months_before,
    through,
)

Rule = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """The day that is settled; None where what was asked for is late and therefore refused."""

    on: date | None
    in_time: bool = True


def last_day(rule: Rule, wanted: date, calendar: Calendar) -> date:
    """The last day on which something for a wanted day is in time."""
    anchor = {
        "wanted_month_end": month_end(wanted),
        "end_of_month_before": last_of(later_month(month_of(wanted), -1)),
    }.get(rule["anchor"], wanted)
    ((unit, amount),) = rule["before"].items()
    match unit:
        case "months":
            day = months_before(anchor, amount)
        case "business_days":
            day = calendar.count(anchor, -amount)
        case _:
            day = anchor - amount * ONE_DAY
    return calendar.moved(day, rule.get("adjust", "none"))


def answered(
    rule: Rule, moment: datetime, wanted: date | None, calendar: Calendar, *, at_month_end: bool
) -> Answer:
    """What a wish for a day comes to; without a day, for the first that is possible."""
    received, late = calendar.received(moment), rule.get("late", "refuse")
    if wanted is None:
        return Answer(_earliest(rule, received, calendar, at_month_end=at_month_end))
    day = month_end(wanted) if at_month_end else wanted
    if received <= last_day(rule, day, calendar):
        return Answer(day)
    if late == "take":
        return Answer(day, in_time=False)
    if late == "refuse":
        return Answer(None, in_time=False)
    earliest = _earliest(rule, received, calendar, at_month_end=at_month_end)
    return Answer(max(day, earliest) if late == "deem" else earliest, in_time=False)


def _earliest(rule: Rule, received: date, calendar: Calendar, *, at_month_end: bool) -> date:
    if rule.get("late", "refuse") == "deem":
        return calendar.count(received, rule["before"]["business_days"])
    day = month_end(received) if at_month_end else received
    while last_day(rule, day, calendar) < received:
        day = month_end(day + ONE_DAY) if at_month_end else day + ONE_DAY
    return day


def starts(rule: str, service_starts: date) -> date:
    """The first day of a charged or minimum time, by how the policies call it."""
    month = month_of(service_starts)
    match rule:
        case "first_of_start_month":
            return service_starts.replace(day=1)
        case "first_of_next_month":
            return last_of(month) + ONE_DAY
        case _:
            return service_starts


def term_ends(renewal: Rule, service_starts: date, until: date) -> list[date]:
    """The ends of all terms up to a day, and of the one after."""
    first = starts(renewal.get("starts", "first_of_start_month"), service_starts)
    ends = [
        through(first, renewal["first_term_months"]) if "first_term_months" in renewal else month_end(first)
    ]
    while ends[-1] <= until:
        ends.append(through(ends[-1] + ONE_DAY, renewal["months"]))
    return ends

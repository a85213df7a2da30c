"""Deadlines: an anchor, an offset, a day-adjustment, and what happens when one is missed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from contracts.rules.calendar.period import Month, months_after, months_before
from contracts.rules.decision import Step, step
from contracts.rules.policy.base import Rule, Strict
from contracts.rules.problems import refusal

if TYPE_CHECKING:
    from contracts.rules.calendar.business_days import BusinessCalendar, Calendars

Adjust = Literal["none", "previous_business_day", "next_business_day"]
Late = Literal["refuse", "move", "deem", "take"]
"""What becomes of what comes after a deadline; `take`: it counts as it was sent, as a report does."""
Outcome = Literal["accepted", "refused", "moved", "deemed"]
EndRule = Literal["month_end", "any_day"]
"""The days that come into question for an end."""
Anchor = Literal[
    "wanted_date", "wanted_month_end", "end_of_month_before", "term_end", "planned_date", "arrival"
]
CalendarName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Offset(Strict):
    """A distance in exactly one unit: months, days or business days."""

    months: Annotated[int, Field(ge=0)] | None = None
    days: Annotated[int, Field(ge=0)] | None = None
    business_days: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Offset:
        if sum(unit is not None for unit in (self.months, self.days, self.business_days)) != 1:
            raise refusal("one_unit")
        return self

    @property
    def unit(self) -> str:
        return next(name for name in ("months", "days", "business_days") if getattr(self, name) is not None)

    @property
    def amount(self) -> int:
        return int(getattr(self, self.unit))

    def before(self, day: date, calendar: BusinessCalendar) -> date:
        """Count back from a day, which is not counted itself."""
        if self.months is not None:
            return months_before(day, self.months)
        if self.days is not None:
            return day - timedelta(days=self.days)
        return calendar.count(day, -self.amount)

    def after(self, day: date, calendar: BusinessCalendar) -> date:
        """The last day of the period that an event on a day starts; that day is not counted (民法140条)."""
        if self.months == 0 or self.days == 0:
            return day
        if self.months is not None:
            return months_after(day, self.months)
        if self.days is not None:
            return day + timedelta(days=self.days)
        return calendar.count(day, self.amount)


class DeadlineRule(Rule):
    """The last day on which something may still be submitted, counted back from its anchor."""

    anchor: Anchor
    before: Offset
    adjust: Adjust = "none"
    calendar: CalendarName = "company"
    late: Late = "refuse"


def anchor_day(anchor: Anchor, day: date) -> date:
    """The day from which a deadline is counted, for the day that is asked about."""
    match anchor:
        case "wanted_month_end":
            return Month.of(day).last
        case "end_of_month_before":
            return (Month.of(day) + -1).last
        case _:
            return day


def adjusted(day: date, adjust: Adjust, *calendars: BusinessCalendar) -> date:
    """Move a day off the closed days of all the calendars, in the direction that the rule gives."""
    if adjust == "none":
        return day
    one_day = timedelta(days=-1 if adjust == "previous_business_day" else 1)
    while not all(calendar.is_business_day(day) for calendar in calendars):
        day += one_day
    return day


def deadline_on(rule: DeadlineRule, day: date, calendars: Calendars) -> tuple[date, tuple[Step, ...]]:
    """The last day to submit for what is wanted on a day, with the steps that lead there."""
    calendar = calendars[rule.calendar]
    anchor = anchor_day(rule.anchor, day)
    counted = rule.before.before(anchor, calendar)
    final = adjusted(counted, rule.adjust, calendar)
    steps = [
        step(
            rule,
            f"deadline.{rule.before.unit}_before",
            counted,
            anchor=anchor,
            anchor_kind=rule.anchor,
            amount=rule.before.amount,
        )
    ]
    if rule.before.unit == "business_days" or rule.adjust != "none":
        closed = calendar.rule
        steps.append(step(closed, "calendar.business_days", final, calendar=rule.calendar))
    if rule.adjust != "none":
        steps.append(step(rule, f"deadline.adjust.{rule.adjust}", final, day=counted))
    return final, tuple(steps)


def last_moment(rule: DeadlineRule, day: date, calendars: Calendars) -> tuple[datetime, tuple[Step, ...]]:
    """The last moment at which what is submitted is still received by a deadline's day.

    Where business hours decide, it may lie days before, and a step says so.
    """
    calendar = calendars[rule.calendar]
    moment = calendar.last_moment(day)
    if calendar.rule.hours is None:
        return moment, ()
    return moment, (step(calendar.rule, "calendar.last_moment", moment, day=day),)


def earliest_end(
    ends: EndRule, deadline: DeadlineRule, received: date, calendars: Calendars
) -> tuple[date, tuple[Step, ...]]:
    """The earliest day of use's end that a submission received on a day can still reach."""
    if deadline.late == "deem":
        day = deadline.before.after(received, calendars[deadline.calendar])
        return day, (
            step(
                deadline,
                f"deadline.deemed.{deadline.before.unit}",
                day,
                received=received,
                amount=deadline.before.amount,
            ),
        )
    day = Month.of(received).last if ends == "month_end" else received
    while deadline_on(deadline, day, calendars)[0] < received:
        day = (Month.of(day) + 1).last if ends == "month_end" else day + timedelta(days=1)
    return day, (step(deadline, "deadline.earliest", day, received=received),)

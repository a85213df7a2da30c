"""What an outage takes off the fee, by the fees as they are known when it is recorded.

Outages that are added up within a month, and those that limit a damage, are left out; so are caps, which the
articles set for damages alone.
"""

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from tests.lives.machine.naive.clerk import Clerk, Event
from tests.lives.machine.naive.days import ONE_DAY, days_of, last_of, month_of
from tests.lives.machine.naive.fees import quantities, worth

HOUR = timedelta(hours=1)


def credit(clerk: Clerk, event: Event) -> int:
    """Yen without tax that fall away."""
    begins, ends = (datetime.fromisoformat(event[name]) for name in ("from", "to"))
    rules = [
        rule
        for rule in clerk.policy(begins.date())["charging"].get("outages", ())
        if event["fault"] in rule["faults"]
    ]
    if clerk.starts_on is None:
        return 0
    begins = max(begins, datetime.combine(clerk.starts_on, time(0), begins.tzinfo))
    if clerk.ends_on:
        ends = min(ends, datetime.combine(clerk.ends_on + ONE_DAY, time(0), begins.tzinfo))
    return max((_worth(clerk, rule, begins, ends, event.get("product")) for rule in rules), default=0)


def is_followed(clerk: Clerk, event: Event) -> bool:
    day = datetime.fromisoformat(event["from"]).date()
    rules = clerk.policy(day)["charging"].get("outages", ())
    return not any(rule.get("count") == "within_a_month" or rule.get("limits_damage") for rule in rules)


def _worth(clerk: Clerk, rule: dict[str, Any], begins: datetime, ends: datetime, product: str | None) -> int:
    lasted = ends - begins
    if lasted < rule["minimum_hours"] * HOUR:
        return 0
    if rule["credit"] == "hours":
        hours = max(timedelta(0), lasted - rule.get("grace_hours", 0) * HOUR) // HOUR
        return _fee(clerk, begins.date(), product) * hours // rule["hours_in_month"]
    days = [begins.date() + number * ONE_DAY for number in range(lasted // (24 * HOUR))]
    exact = sum((Fraction(_fee(clerk, day, product), _length(day)) for day in days), Fraction())
    return exact.numerator // exact.denominator


def _fee(clerk: Clerk, day: date, product: str | None) -> int:
    """The monthly fee of the month of a day, of all or of one option."""
    held = quantities(clerk, month_of(day))
    if product:
        held = {product: held.get(product, 0)}
    return worth(clerk, held, last_of(month_of(day)))


def _length(day: date) -> int:
    return len(list(days_of(month_of(day))))

"""What is left to pay of minimum terms where the customer ends the contract, or some of it, before they end.

By the fees as they are on the last day, which is charged to the end of its month already.
"""

from datetime import date
from typing import Any

from tests.lives.machine.naive.clerk import ENDINGS, FEWER, Clerk
from tests.lives.machine.naive.days import ONE_DAY, first_of, month_of, through
from tests.lives.machine.naive.deadlines import starts
from tests.lives.machine.naive.fees import worth


def rest(clerk: Clerk) -> int | None:
    """Yen without tax that are left to pay; None where the provider ended it too: that is left open."""
    if clerk.starts_on is None or clerk.withdrawn_on:
        return 0
    if set(clerk.ends) - clerk.requests.keys():
        return None
    total = 0
    for name, asked in clerk.requests.items():
        rule = asked.policy.get("minimum_term")
        if rule is None:
            continue
        if asked.kind in ENDINGS and name in clerk.ends and clerk.ends[name] == clerk.ends_on:
            total += _at_the_end(clerk, rule, clerk.ends[name])
        elif asked.kind in FEWER and rule.get("by_product"):
            total += _given_up(clerk, rule, name)
    return total


def _at_the_end(clerk: Clerk, rule: dict[str, Any], day: date) -> int:
    held = clerk.monthly(day)
    if not rule.get("by_product"):
        assert clerk.starts_on
        return _left(rule, clerk.starts_on, day) * worth(clerk, held, day)
    return sum(
        _left(rule, _since(clerk, product, day), day) * worth(clerk, {product: count}, day)
        for product, count in held.items()
    )


def _given_up(clerk: Clerk, rule: dict[str, Any], name: str) -> int:
    for change in clerk.changes:
        if change.key == name:
            day = change.first - ONE_DAY
            gone = clerk.held(change.product, day) - change.total
            since = _since(clerk, change.product, day)
            return _left(rule, since, day) * worth(clerk, {change.product: gone}, day)
    return 0


def _since(clerk: Clerk, product: str, day: date) -> date:
    while clerk.held(product, day - ONE_DAY):
        day -= ONE_DAY
    return day


def _left(rule: dict[str, Any], since: date, day: date) -> int:
    """The whole months of the minimum term after the month of a day."""
    last = through(starts(rule["starts"], since), rule["months"])
    first, end = first_of(month_of(last)), first_of(month_of(day))
    return max(0, (first.year - end.year) * 12 + first.month - end.month)

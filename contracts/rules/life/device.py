"""Returning a device after its replacement has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.rules.calendar.business_days import Calendars
from contracts.rules.calendar.deadline import CalendarName, Offset
from contracts.rules.decision import Decision, step
from contracts.rules.policy.base import Rule


class DeviceReturnRule(Rule):
    """How long after receiving the replacement the old device must be sent; else its list price is due."""

    within: Offset
    calendar: CalendarName = "company"


@dataclass(frozen=True, kw_only=True)
class DeviceReturn(Decision):
    """`penalty` is in yen without tax; 0 when the device was sent in time, or there is still time."""

    return_by: date
    in_time: bool
    penalty: int


def return_device(
    rule: DeviceReturnRule,
    received_on: date,
    sent_back_on: date | None,
    on: date,
    list_price: int,
    calendars: Calendars,
) -> DeviceReturn:
    """By when a device goes back, and what is due on a day if it was not sent.

    `list_price` is its price when the contract was made, in yen without tax.
    """
    return_by = rule.within.after(received_on, calendars[rule.calendar])
    in_time = (sent_back_on or on) <= return_by
    penalty = 0 if in_time else list_price
    return DeviceReturn(
        return_by=return_by,
        in_time=in_time,
        penalty=penalty,
        steps=(
            step(
                rule,
                f"device_return.{rule.within.unit}",
                return_by,
                received=received_on,
                amount=rule.within.amount,
            ),
            step(rule, "device_return.compare", in_time, sent=sent_back_on, on=on, return_by=return_by),
            step(rule, "device_return.penalty", penalty, list_price=list_price),
        ),
    )

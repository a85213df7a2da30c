"""What a customer has to do: each thing as plain data, for the first page and the numbers in the menu."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import TypeVar

Found = TypeVar("Found")

SOON_DAYS = 14
"""A day that is no further away is soon."""

MOST = 3
"""More things of one kind than these are told as one."""


class Area(StrEnum):
    """The entry of the menu at which a thing is counted."""

    HOME = "home"
    CONTRACTS = "contracts"
    INVOICES = "invoices"
    NOTICES = "notices"


class Urgency(IntEnum):
    """How a thing presses, the worst first."""

    LATE = 0
    SOON = 1
    OPEN = 2


@dataclass(frozen=True, kw_only=True)
class ToDo:
    """Something that a customer has to do, as things are on a day.

    `text` says what, `detail` what one needs for it, such as the account to pay to; `action` is what the
    link to `url` says. `amount` is what is to be paid, in yen with tax, `deadline` the last day in time.
    `presses` where it is late whatever the day, as a suspended service is. `by_post`: it is done by sending
    a form to the address, and not by going there. `count`: how many things are told as this one.
    """

    kind: str
    area: Area
    text: str
    url: str
    action: str
    day: date
    detail: str = ""
    amount: int | None = None
    deadline: date | None = None
    presses: bool = False
    by_post: bool = False
    count: int = 1

    @property
    def days_left(self) -> int | None:
        """Days up to the deadline, negative once it is over."""
        return (self.deadline - self.day).days if self.deadline else None

    @property
    def days_late(self) -> int:
        return max(0, -(self.days_left or 0))

    @property
    def urgency(self) -> Urgency:
        if self.presses or self.days_late:
            return Urgency.LATE
        return Urgency.SOON if self.days_left is not None and self.days_left <= SOON_DAYS else Urgency.OPEN


def in_order(things: Iterable[ToDo]) -> list[ToDo]:
    """What presses first, and of that what is due first."""
    return sorted(things, key=lambda thing: (thing.urgency, not thing.presses, thing.deadline or date.max))


def each_or_one(
    found: Sequence[Found], each: Callable[[Found], ToDo], together: Callable[[], ToDo]
) -> Iterator[ToDo]:
    """Each of what was found, or all of it together where that is more than `MOST`; ask for one more."""
    if len(found) > MOST:
        yield together()
    else:
        yield from map(each, found)

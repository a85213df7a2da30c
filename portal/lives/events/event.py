"""What every event has: its moment, what it is called, and what is done at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from contracts.rules.examples.given import Moment
from contracts.rules.policy.base import Strict

if TYPE_CHECKING:
    from portal.lives.stage import Stage


class Event(Strict):
    """The base of all events. `do` is what a life calls it; `play` does it by the portal's operations.

    What the portal refuses, `play` raises: a ValidationError of an operation, or its PriceListError.
    """

    do: ClassVar[str]

    at: Moment

    def play(self, stage: Stage) -> None:
        raise NotImplementedError

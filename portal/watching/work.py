"""Work that waits for a worker."""

from dataclasses import dataclass
from datetime import timedelta

TOO_LONG = timedelta(minutes=15)
"""Workers look for work every half minute, and free what a lost one held after a minute."""


@dataclass(frozen=True)
class Waiting:
    """Work of one kind that nobody does: how much, and for how long the oldest has waited."""

    kind: str
    count: int
    oldest: timedelta

    @property
    def too_long(self) -> bool:
        return self.oldest > TOO_LONG

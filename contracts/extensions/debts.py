"""What a customer owes a provider, as far as a decision on what it asks for should know it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Debts:
    """What is open and overdue, in yen, and since when; the contracts that could be terminated for it.

    Contracts are named by their numbers, each with the day since which its terms let the provider do that.
    """

    open: int = 0
    overdue: int = 0
    oldest_due_on: date | None = None
    could_end: tuple[tuple[str, date], ...] = ()

    @property
    def are_doubtful(self) -> bool:
        """Whether who decides should know of it: something is past due, or a contract could be terminated."""
        return bool(self.overdue or self.could_end)

"""Counts work, so that a test can say that it grows in proportion."""

import sys
from collections.abc import Callable


def steps(work: Callable[[], object], *refusals: type[Exception]) -> int:
    """How many calls something makes, of our functions and of others; `refusals` are answers, too."""
    made = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal made
        made += 1

    sys.setprofile(count)
    try:
        work()
    except refusals:
        pass
    finally:
        sys.setprofile(None)
    return made

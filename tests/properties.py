"""How many examples the property tests draw: more of them in a soak."""

import os

TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))


def examples(usual: int) -> int:
    """The number of examples of a test that usually draws so many."""
    return usual * TIMES

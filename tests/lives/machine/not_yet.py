"""What the machine leaves out as the portal does not do it yet: as little as possible, and why."""

SKIPPED_LAST_MONTHS = "months without a run of their own, of a contract that ended before the next run's"
"""No later run looks at a contract that ended and of which nothing changed since its last invoice."""

BEFORE_THE_FIRST_RUN = "runs of months before the first that was billed"
"""The months between count as billed here from then on, but no later run looks at them."""

NOT_YET = frozenset({SKIPPED_LAST_MONTHS, BEFORE_THE_FIRST_RUN})

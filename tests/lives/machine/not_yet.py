"""What the machine leaves out as the portal does not do it yet: as little as possible, and why."""

SKIPPED_LAST_MONTHS = "months without a run of their own, of a contract that ended before the next run's"
"""No later run looks at a contract that ended and of which nothing changed since its last invoice."""

HOURS_ON_SCREEN = "last moments by calendars with hours"
"""Pages name the day of a deadline alone, and not the hour that closes it."""

NOT_YET = frozenset({SKIPPED_LAST_MONTHS, HOURS_ON_SCREEN})

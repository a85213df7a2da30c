"""Pure: what is owed: matched, set off, overdue, and what follows from it."""

"""Finding things by what is written on them: a table of beginnings, kept by the operations."""

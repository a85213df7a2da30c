"""Worked examples: read, evaluated, compared."""

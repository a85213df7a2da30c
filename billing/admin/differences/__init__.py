"""Differences between what is owed and what is charged."""

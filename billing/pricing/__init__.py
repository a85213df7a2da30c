"""Prices and usage, and what else waits to be charged."""

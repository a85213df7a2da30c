"""Prices and usage."""

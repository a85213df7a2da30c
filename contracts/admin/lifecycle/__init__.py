"""Contracts, and what staff do about them between start and end."""

"""Notices to customers: written, checked against their lead times, sent, read."""

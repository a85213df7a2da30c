"""Billing a month at once: previewed, approved by a second person, issued in chunks."""

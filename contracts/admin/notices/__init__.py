"""Notices and the ledger of their deliveries."""

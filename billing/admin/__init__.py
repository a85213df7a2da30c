"""The staff's view of billing. It only reads; action pages call the operations."""

from billing.admin import bank, debits, invoices, letters, payments, prices, runs

__all__ = ["bank", "debits", "invoices", "letters", "payments", "prices", "runs"]

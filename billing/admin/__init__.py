"""The staff's view of billing. It only reads; action pages call the operations."""

from billing.admin import invoices, payments, prices, runs

__all__ = ["invoices", "payments", "prices", "runs"]

"""The staff's view of billing. It only reads; action pages call the operations."""

from billing.admin.adjustments import adjustments, claims, outages
from billing.admin.invoicing import invoice_mails, invoices, runs
from billing.admin.pricing import prices, usage
from billing.admin.receivables import bank, debits, deposit_mails, deposits, letters, payments, payouts

__all__ = [
    "adjustments",
    "bank",
    "claims",
    "debits",
    "deposit_mails",
    "deposits",
    "invoice_mails",
    "invoices",
    "letters",
    "outages",
    "payments",
    "payouts",
    "prices",
    "runs",
    "usage",
]

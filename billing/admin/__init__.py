"""The staff's view of billing. It only reads; action pages call the operations."""

from billing.admin import (
    adjustments,
    bank,
    claims,
    debits,
    deposit_mails,
    deposits,
    invoice_mails,
    invoices,
    letters,
    outages,
    payments,
    payouts,
    prices,
    runs,
    usage,
)

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

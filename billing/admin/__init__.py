"""The staff's view of billing. It only reads; action pages call the operations."""

from billing.admin.adjustments import adjustments, claims, outage_claims, outages
from billing.admin.differences import differences
from billing.admin.invoicing import invoice_mails, invoices, runs
from billing.admin.pricing import prices, usage
from billing.admin.receivables import (
    ageing,
    bank,
    credit,
    debits,
    deposit_mails,
    deposits,
    payments,
    payouts,
    set_off_declarations,
)

__all__ = [
    "adjustments",
    "ageing",
    "bank",
    "claims",
    "credit",
    "debits",
    "deposit_mails",
    "deposits",
    "differences",
    "invoice_mails",
    "invoices",
    "outage_claims",
    "outages",
    "payments",
    "payouts",
    "prices",
    "runs",
    "set_off_declarations",
    "usage",
]

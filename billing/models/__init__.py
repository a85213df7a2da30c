"""Price lists, usage, billing runs, invoices, one-off amounts and payments."""

from billing.models.adjustment import Adjustment
from billing.models.deposit import Deposit, DepositUse
from billing.models.invoice import Invoice, InvoiceCounter, InvoiceKind, NeverDeletedError
from billing.models.payment import Payment
from billing.models.prices import PriceListVersion, SpecialPrice
from billing.models.run import BillingRun
from billing.models.usage import RefusedUsage, UsageImport, UsageRecord

__all__ = [
    "Adjustment",
    "BillingRun",
    "Deposit",
    "DepositUse",
    "Invoice",
    "InvoiceCounter",
    "InvoiceKind",
    "NeverDeletedError",
    "Payment",
    "PriceListVersion",
    "RefusedUsage",
    "SpecialPrice",
    "UsageImport",
    "UsageRecord",
]

"""Price lists, billing runs, invoices and payments."""

from billing.models.invoice import Invoice, InvoiceCounter
from billing.models.payment import Payment
from billing.models.prices import PriceListVersion
from billing.models.run import BillingRun

__all__ = ["BillingRun", "Invoice", "InvoiceCounter", "Payment", "PriceListVersion"]

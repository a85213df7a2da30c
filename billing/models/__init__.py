"""Price lists, usage, invoices, one-off amounts, what came in for them, and letters about what did not."""

from billing.models.adjustment import Adjustment
from billing.models.bank import AccountKind, BankAccount, BankImport, BankTransaction, PayerName
from billing.models.deposit import Deposit, DepositLetter, DepositUse
from billing.models.difference import ChargeDifference, Comparison, InvoicedElsewhere
from billing.models.direct_debit import DebitMandate, DirectDebitBatch, DirectDebitLine
from billing.models.invoice import (
    Invoice,
    InvoiceCounter,
    InvoiceKind,
    NeverDeletedError,
    PassedClaim,
    PlainDrawing,
)
from billing.models.letters import Reminder, ReminderLine, SetOff
from billing.models.mail import DepositMail, InvoiceMail
from billing.models.outage import OutageClaim, RecordedOutage
from billing.models.payment import CreditBalance, CreditEntry, Payment
from billing.models.payout import Payout, PayoutBatch
from billing.models.prices import BroughtPriceList, PriceListVersion, SpecialPrice
from billing.models.run import BillingChunk, BillingRun, PreviewLine
from billing.models.set_off_declaration import SetOffDeclaration
from billing.models.statement import StatementOfAccount
from billing.models.usage import RefusedUsage, UsageImport, UsageRecord

__all__ = [
    "AccountKind",
    "Adjustment",
    "BankAccount",
    "BankImport",
    "BankTransaction",
    "BillingChunk",
    "BillingRun",
    "BroughtPriceList",
    "ChargeDifference",
    "Comparison",
    "CreditBalance",
    "CreditEntry",
    "DebitMandate",
    "Deposit",
    "DepositLetter",
    "DepositMail",
    "DepositUse",
    "DirectDebitBatch",
    "DirectDebitLine",
    "Invoice",
    "InvoiceCounter",
    "InvoiceKind",
    "InvoiceMail",
    "InvoicedElsewhere",
    "NeverDeletedError",
    "OutageClaim",
    "PassedClaim",
    "PayerName",
    "Payment",
    "Payout",
    "PayoutBatch",
    "PlainDrawing",
    "PreviewLine",
    "PriceListVersion",
    "RecordedOutage",
    "RefusedUsage",
    "Reminder",
    "ReminderLine",
    "SetOff",
    "SetOffDeclaration",
    "SpecialPrice",
    "StatementOfAccount",
    "UsageImport",
    "UsageRecord",
]

"""Everything in billing that takes a second person. Billing runs have an approval of their own."""

from billing.approvals.bank_accounts import BANK_ACCOUNT
from billing.approvals.payouts import PAYOUT, TRANSFERS
from billing.approvals.prices import PRICE_LIST, SPECIAL_PRICE, SPECIAL_PRICE_END
from billing.approvals.returns import RETURN

KINDS = (PRICE_LIST, SPECIAL_PRICE, SPECIAL_PRICE_END, RETURN, PAYOUT, TRANSFERS, BANK_ACCOUNT)

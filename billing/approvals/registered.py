"""Everything in billing that takes a second person. Billing runs have an approval of their own."""

from billing.approvals.adjustments import (
    DAMAGES,
    GIVEN_AS_CREDIT,
    LATE_INTEREST,
    OUTAGE,
    SURCHARGE,
    WAIVER,
    WITHDRAWAL,
)
from billing.approvals.bank_accounts import BANK_ACCOUNT
from billing.approvals.corrections import CANCELLATION, REISSUE
from billing.approvals.deposits import DEPOSIT_RETURN
from billing.approvals.payouts import PAYOUT, TRANSFERS
from billing.approvals.prices import PRICE_LIST, SPECIAL_PRICE, SPECIAL_PRICE_END
from billing.approvals.returns import RETURN

KINDS = (
    PRICE_LIST,
    SPECIAL_PRICE,
    SPECIAL_PRICE_END,
    RETURN,
    CANCELLATION,
    REISSUE,
    SURCHARGE,
    LATE_INTEREST,
    DAMAGES,
    OUTAGE,
    GIVEN_AS_CREDIT,
    WITHDRAWAL,
    WAIVER,
    DEPOSIT_RETURN,
    PAYOUT,
    TRANSFERS,
    BANK_ACCOUNT,
)

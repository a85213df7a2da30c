"""Everything in billing that takes a second person. Billing runs have an approval of their own."""

from billing.approvals.bank_accounts import BANK_ACCOUNT
from billing.approvals.charges import COSTS, LATE_INTEREST, SURCHARGE
from billing.approvals.corrections import CANCELLATION, REISSUE
from billing.approvals.credits import DAMAGES, OUTAGE
from billing.approvals.decided_amounts import GIVEN_AS_CREDIT, WAIVER, WITHDRAWAL
from billing.approvals.deposit_requests import DEPOSIT_REQUEST
from billing.approvals.deposit_uses import DEPOSIT_USE
from billing.approvals.deposits import DEPOSIT_RETURN
from billing.approvals.differences import DIFFERENCE_WAIVER
from billing.approvals.direct_debits import DIRECT_DEBIT
from billing.approvals.passed_claims import PASSED_CLAIMS
from billing.approvals.payouts import PAYOUT, TRANSFERS
from billing.approvals.price_lists import PRICE_LIST
from billing.approvals.returns import RETURN
from billing.approvals.set_offs import SET_OFF
from billing.approvals.special_prices import SPECIAL_PRICE, SPECIAL_PRICE_END

KINDS = (
    PRICE_LIST,
    SPECIAL_PRICE,
    SPECIAL_PRICE_END,
    RETURN,
    CANCELLATION,
    REISSUE,
    SURCHARGE,
    COSTS,
    LATE_INTEREST,
    DAMAGES,
    OUTAGE,
    GIVEN_AS_CREDIT,
    WITHDRAWAL,
    WAIVER,
    DIFFERENCE_WAIVER,
    DEPOSIT_REQUEST,
    DEPOSIT_USE,
    DEPOSIT_RETURN,
    SET_OFF,
    PASSED_CLAIMS,
    DIRECT_DEBIT,
    PAYOUT,
    TRANSFERS,
    BANK_ACCOUNT,
)

"""What was received before months were billed, and entered after: the difference is found."""

import time_machine

from billing.differences.listing import list_changed
from billing.models import ChargeDifference, Invoice
from contracts.requests.decide import accept_request
from tests.differences.months import bill_months, contract, ct_e1, stated
from tests.receipts.scene import cancel_by, received, reception
from tests.scenes import at, day

__all__ = ["contract", "ct_e1"]


def test_a_cancellation_on_paper_entered_after_the_month_was_billed_shows_what_was_charged_too_much(
    ct_e1, contract
):
    bill_months(ct_e1, 9, 10, 11)
    staff = reception()
    came = received(at("2026-09-30 16:59"), at("2026-12-02 10:00"), staff=staff, long_ago=True)
    with time_machine.travel(came.entered_at, tick=False):
        asked = cancel_by(contract, day("2026-10-31"), came)
        assert asked.decided.ends_on == day("2026-10-31")
        accept_request(asked, staff, at("2026-12-02 10:05"))
        list_changed()
    found = ChargeDifference.objects.get()
    assert (f"{found.month:%Y-%m}", found.product, found.amount) == ("2026-11", "seat", -25_000)
    assert [amount for _product, _quantity, amount, _month in stated(11)] == [25_000]
    assert not Invoice.objects.filter(cancelled_on__isnull=False).exists()

"""Payments, what stays open, and late interest."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from billing.models import Invoice, Payment
from billing.receivables.balances import State, late_charge_on, overdue_on, state_on
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from portal.audit.models import AuditEntry
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract


@pytest.fixture
def invoice(db, organisation, user) -> Invoice:
    """100,000 yen and tax: 110,000 yen, due on 2026-10-31."""
    service = load_priced_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 20})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


def open_amount(invoice: Invoice) -> int:
    return Invoice.objects.get(pk=invoice.pk).open_amount


def test_payments_lower_what_is_open(invoice):
    assert open_amount(invoice) == 110_000
    record_payment(invoice, date(2026, 10, 30), 60_000, "bank-1")
    assert open_amount(invoice) == 50_000
    record_payment(invoice, date(2026, 10, 31), 50_001, "bank-2")
    assert open_amount(invoice) == 0


@pytest.mark.parametrize(
    ("paid_on", "amount", "field"),
    [(date(2999, 1, 1), 1, "paid_on"), (date(2026, 11, 1), 0, "amount"), (date(2026, 11, 1), -5, "amount")],
)
def test_what_cannot_be_is_refused(invoice, paid_on, amount, field):
    with pytest.raises(ValidationError) as refused:
        record_payment(invoice, paid_on, amount, "bank-1")
    assert field in refused.value.message_dict
    assert not Payment.objects.exists()


def test_a_reference_is_used_once(invoice):
    record_payment(invoice, ISSUE_DAY, 10, "bank-1")
    with pytest.raises(ValidationError):
        record_payment(invoice, ISSUE_DAY, 10, "bank-1")
    assert Payment.objects.count() == 1
    assert AuditEntry.objects.filter(action="payment.recorded").count() == 1


def test_overdue_from_the_day_after_the_due_date(invoice):
    assert list(overdue_on(date(2026, 10, 31))) == []
    assert list(overdue_on(date(2026, 11, 1))) == [invoice]
    record_payment(invoice, date(2026, 11, 2), 110_000, "bank-1")
    assert list(overdue_on(date(2026, 11, 3))) == []


def test_states():
    due = date(2026, 10, 31)
    assert state_on(due, due, 1) == State.ISSUED
    assert state_on(date(2026, 11, 1), due, 1) == State.OVERDUE
    assert state_on(date(2026, 11, 1), due, 0) == State.PAID


def test_late_interest_runs_from_the_day_after_the_due_date_to_the_day_before_payment(invoice):
    charge = late_charge_on(invoice, date(2026, 12, 1))
    # 110,000 × 14.5 % × 30 ÷ 365 = 1310.9…
    assert charge.interest == 1310
    assert [decision.days for decision in charge.decisions] == [30]
    assert "26" in {article.split("-")[0] for article in charge.decisions[0].articles}


def test_interest_follows_what_was_open_when(invoice):
    record_payment(invoice, date(2026, 11, 11), 60_000, "bank-1")
    charge = late_charge_on(invoice, date(2026, 12, 1))
    # 60,000 for 10 days: 238.3…; 50,000 for 30 days: 595.8…
    assert [decision.interest for decision in charge.decisions] == [238, 595]
    assert charge.interest == 833


def test_no_interest_on_what_was_paid_in_time(invoice):
    record_payment(invoice, date(2026, 10, 31), 110_000, "bank-1")
    assert late_charge_on(invoice, date(2026, 12, 1)).interest == 0

"""Where less than all counts as not paid: what came in is kept for its invoice, and pays it with the rest."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from billing.adjustments.charges_and_credits import charge_late_interest
from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.invoicing.returns import return_lines
from billing.models import CreditBalance, Invoice, Payment
from billing.receivables.allocation import allocate, match_certain, take_back
from billing.receivables.balances import late_charge_on
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.claims import sums_that_differ
from billing.receivables.direct_debits import request_debit, take_results
from billing.receivables.held import free_of, held_for, release_held
from billing.receivables.payments import record_payment
from billing.receivables.payouts import pay_out
from billing.receivables.reminders import issue_reminder
from billing.receivables.set_offs import set_off
from billing.runs.bill import bill
from contracts.rules.calendar.period import Month
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import MANDATE, answered, bank_account, came_in, drawn_pdf, entry, text_of
from tests.scenes import at, staff_member

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 15)


@pytest.fixture(autouse=True)
def december(db):
    with time_machine.travel(at("2026-12-20"), tick=False):
        yield


@pytest.fixture
def service(december):
    return load_priced_service("simpleconnect")


@pytest.fixture
def product(service) -> str:
    return service.price_lists.get().prices.prices[0].product


@pytest.fixture
def contract(service, organisation, user, product):
    return make_contract(service, organisation, user, "C26-000003", {product: 3})


@pytest.fixture
def invoice(service, contract) -> Invoice:
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


@pytest.fixture
def staff():
    return staff_member()


def now(invoice: Invoice) -> tuple[int, int, int]:
    """What is open of an invoice, what is kept for it, and what its customer has free."""
    current = Invoice.objects.get(pk=invoice.pk)
    balance = CreditBalance.objects.filter(organisation=invoice.organisation).first()
    assert list(sums_that_differ()) == []
    return current.open_amount, held_for(current), free_of(balance) if balance else 0


def test_the_rest_pays_the_whole_on_its_own_day(invoice, staff):
    receipt = record_payment(invoice, FIRST, invoice.gross - 440, "b-1", staff)
    assert receipt.payment is None
    assert now(invoice) == (invoice.gross, invoice.gross - 440, 0)

    record_payment(invoice, LAST, 440, "b-2", staff)

    assert now(invoice) == (0, 0, 0)
    assert {payment.paid_on for payment in Payment.objects.all()} == {LAST}
    charge = late_charge_on(invoice, date(2026, 12, 20))
    (decision,) = charge.decisions
    assert decision.days == (LAST - invoice.due_on).days - 1
    assert charge.interest == invoice.gross * 146 * decision.days // 365_000
    assert charge.open_amount == 0


def test_interest_on_the_whole_up_to_the_rest_is_charged_in_one_sum(invoice, staff):
    record_payment(invoice, invoice.due_on, invoice.gross - 440, "b-1", staff)
    record_payment(invoice, invoice.due_on + timedelta(days=17), 440, "b-2", staff)
    charged = charge_late_interest(invoice, staff, at("2026-12-20"), approval=approved("late_interest"))
    assert charged.amount == invoice.gross * 146 * 16 // 365_000
    assert charged.origin == invoice


def test_a_direct_debit_asks_for_the_rest_and_makes_it_whole(service, organisation, user, product, staff):
    make_contract(service, organisation, user, "C26-000009", {product: 3}, payment_method="debit")
    bill(service.provider, Month(2026, 11), date(2026, 12, 5))
    invoice = Invoice.objects.get(contract__number="C26-000009")
    save_mandate(service.provider, organisation, MANDATE, None, date(2026, 10, 1))
    record_payment(invoice, LAST, invoice.gross - 440, "b-1", staff)

    batch = request_debit(bank_account(service.provider), invoice.due_on, approval=approved("direct_debit"))
    assert [line.amount for line in batch.lines.all()] == [440]
    take_results(batch, answered(batch, "0"))

    assert now(invoice) == (0, 0, 0)
    assert {payment.paid_on for payment in invoice.payments.all()} == {invoice.due_on}


def test_a_reminder_says_what_is_kept_already(invoice, staff, organisation):
    record_payment(invoice, FIRST, invoice.gross - 440, "b-1", staff)
    reminder = issue_reminder(invoice.provider, organisation, date(2026, 12, 20), staff)
    (item,) = reminder.document["items"]
    assert (item["open_amount"], item["kept"]) == (invoice.gross, invoice.gross - 440)
    assert "お預かりしています" in text_of(drawn_pdf(reminder))


def test_an_earlier_part_that_is_recorded_last_pays_on_the_day_of_the_last_one(invoice, staff):
    record_payment(invoice, LAST, 440, "b-2", staff)
    record_payment(invoice, FIRST, invoice.gross - 440, "b-1", staff)
    assert {payment.paid_on for payment in Payment.objects.all()} == {LAST}
    assert now(invoice) == (0, 0, 0)


def test_more_than_the_rest_becomes_free_credit(invoice, staff):
    record_payment(invoice, FIRST, invoice.gross - 440, "b-1", staff)
    record_payment(invoice, LAST, invoice.gross, "b-2", staff)
    assert now(invoice) == (0, 0, invoice.gross - 440)


def test_the_rest_of_a_bank_entry_leaves_no_doubt(invoice, organisation):
    account = bank_account(invoice.provider)
    short, rest = came_in(account, entry(invoice.gross - 440), entry(440, booked_on=date(2026, 12, 3)))
    allocate(short, {invoice.number: short.amount}, None)
    assert now(invoice) == (invoice.gross, short.amount, 0)
    assert match_certain(account.provider).matched == 1
    assert now(invoice) == (0, 0, 0)
    assert {payment.paid_on for payment in Payment.objects.all()} == {date(2026, 12, 3)}
    rest.refresh_from_db()
    assert rest.status == "settled"


def test_what_completed_it_is_taken_back_first(invoice, staff):
    account = bank_account(invoice.provider)
    short, rest = came_in(account, entry(invoice.gross - 440), entry(440))
    allocate(short, {invoice.number: short.amount}, None)
    allocate(rest, {invoice.number: 440}, None)
    with pytest.raises(ValidationError, match=invoice.number) as refused:
        take_back(short, "誤り", staff)
    assert refused.value.code == "credit_used"
    assert now(invoice) == (0, 0, 0)
    take_back(rest, "誤り", staff)
    assert now(invoice) == (invoice.gross, invoice.gross - 440, 0)
    take_back(short, "誤り", staff)
    assert now(invoice) == (invoice.gross, 0, 0)
    assert CreditBalance.objects.get().amount == 0


def test_what_is_kept_for_an_invoice_serves_nothing_else(
    service, contract, invoice, organisation, user, product, staff
):
    make_contract(service, organisation, user, "C26-000004", {product: 1})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    record_payment(invoice, FIRST, invoice.gross - 440, "b-1", staff)
    balance = CreditBalance.objects.get()
    with pytest.raises(ValidationError):
        set_off(balance, LAST, staff, approval=approved("set_off"))
    with pytest.raises(ValidationError) as refused:
        pay_out(balance, 1, {}, staff, approval=approved("payout"))
    assert "amount" in refused.value.message_dict
    assert now(invoice) == (invoice.gross, invoice.gross - 440, 0)


def test_it_is_let_go_of_as_the_customer_wishes(invoice, staff):
    record_payment(invoice, FIRST, invoice.gross - 440, "b-1", staff)
    balance = CreditBalance.objects.get()
    assert release_held(balance, staff) == invoice.gross - 440
    assert now(invoice) == (invoice.gross, 0, invoice.gross - 440)
    with pytest.raises(ValidationError):
        release_held(balance, staff)


def test_a_return_of_the_rest_makes_it_whole(invoice, staff):
    record_payment(invoice, FIRST, invoice.gross - 440, "b-1", staff)
    return_lines(invoice, {0: 400}, "過請求", staff, approval=approved("return"))
    assert now(invoice) == (0, 0, 0)
    assert Payment.objects.get().paid_on == FIRST


def test_it_is_kept_for_what_replaces_the_invoice_and_free_when_nothing_does(invoice, staff):
    record_payment(invoice, FIRST, invoice.gross - 440, "b-1", staff)
    issued = reissue_invoice(invoice, "宛名の変更", staff, approval=approved("invoice_reissue"))
    assert now(invoice)[1:] == (0, 0)
    assert now(issued) == (issued.gross, issued.gross - 440, 0)
    cancel_invoice(issued, "請求の誤り", staff, approval=approved("invoice_cancellation"))
    assert now(issued) == (0, 0, issued.gross - 440)


def test_free_credit_makes_it_whole_by_a_set_off(invoice, staff, organisation):
    account = bank_account(invoice.provider)
    short, rest = came_in(account, entry(invoice.gross - 440), entry(440))
    allocate(short, {invoice.number: short.amount}, None)
    allocate(rest, {}, organisation)
    set_off(CreditBalance.objects.get(), LAST, staff, approval=approved("set_off"))
    assert now(invoice) == (0, 0, 0)

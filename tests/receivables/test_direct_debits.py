"""Direct debits: the request for what is due, the bank's answer, and what stays open."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from billing.documents.bank_files.direct_debit import read_debits
from billing.models import CreditBalance, DirectDebitBatch, DirectDebitLine, Invoice, Payment
from billing.receivables.balances import State, state_on
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.direct_debits import preview_debit, request_debit, request_file, take_results
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import MANDATE, answered, bank_account
from tests.scenes import at

DEBIT_DAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def before_the_debit_day():
    with time_machine.travel(at("2026-11-16"), tick=False):
        yield


@pytest.fixture
def service(db):
    return load_priced_service("simpleconnect")


@pytest.fixture
def account(service):
    return bank_account(service.provider, holder="シンプルコネクト")


@pytest.fixture
def invoices(service, organisation, user) -> list[Invoice]:
    """Two by direct debit and one by transfer."""
    product = service.price_lists.get().prices.prices[0].product
    for number, method in (("C26-000001", "debit"), ("C26-000002", "debit"), ("C26-000003", "transfer")):
        make_contract(service, organisation, user, number, {product: 1}, payment_method=method)
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return list(Invoice.objects.order_by("number"))


@pytest.fixture
def mandate(service, organisation):
    return save_mandate(service.provider, organisation, MANDATE, None, date(2026, 10, 1))


def states(day: date) -> list[State]:
    found = Invoice.objects.order_by("number")
    return [state_on(day, invoice.due_on, invoice.open_amount) for invoice in found]


def test_what_invoices_say_of_transfers_is_said_to_who_transfers_alone(invoices):
    notes = [str(invoice.document["notes"]) for invoice in invoices]
    assert ["振込" in note for note in notes] == [False, False, True]


def test_what_is_due_by_debit_on_the_day_is_asked_for(account, invoices, mandate):
    batch = request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    file = read_debits(request_file(batch), with_results=False)
    assert (file.consignor_code, file.debit_day) == ("1234567890", "1127")
    assert [debit.amount for debit in file.debits] == [invoice.gross for invoice in invoices[:2]]
    assert {debit.customer_number for debit in file.debits} == {mandate.customer_number}
    assert {debit.new_code for debit in file.debits} == {"1"}
    assert {(debit.holder, debit.account.number) for debit in file.debits} == {("ｶ)ﾐﾅﾄｼﾖｳｼﾞ", "7654321")}


def test_the_day_is_the_due_date_moved_off_closed_days(invoices):
    """27 November 2026 is a Friday; the request for December would be for Monday the 28th."""
    assert {invoice.due_on for invoice in invoices[:2]} == {DEBIT_DAY}


def test_an_invoice_is_asked_for_once_at_a_time(account, invoices, mandate):
    request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    with pytest.raises(ValidationError):
        request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    assert not preview_debit(account, DEBIT_DAY).lines


def test_without_a_mandate_nothing_is_asked_for(account, invoices):
    preview = preview_debit(account, DEBIT_DAY)
    assert (preview.lines, len(preview.without_mandate)) == ([], 2)
    with pytest.raises(ValidationError):
        request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))


@pytest.mark.parametrize("day", [date(2026, 11, 16), date(2026, 11, 1), date(2026, 11, 26)])
def test_a_day_that_is_past_or_without_invoices_is_refused(account, invoices, mandate, day):
    with pytest.raises(ValidationError) as refused:
        request_debit(account, day, approval=approved("direct_debit"))
    assert "debit_on" in refused.value.message_dict


def test_what_was_missed_on_its_day_is_offered_with_the_next_request_and_named(
    service, organisation, account, invoices
):
    save_mandate(service.provider, organisation, MANDATE, None, date(2026, 12, 1))
    preview = preview_debit(account, NEXT_DAY)
    assert [invoice for invoice, _mandate in preview.lines] == invoices[:2]
    assert (preview.missed, preview.again) == ({invoices[0].pk, invoices[1].pk}, set())
    batch = request_debit(account, NEXT_DAY, approval=approved("direct_debit"))
    assert batch.lines.count() == 2
    assert not preview_debit(account, date(2026, 12, 29)).lines, "they wait for their results"


def test_an_account_without_consignor_code_cannot_debit(service, invoices, mandate):
    with pytest.raises(ValidationError):
        request_debit(
            bank_account(service.provider, consignor_code=""), DEBIT_DAY, approval=approved("direct_debit")
        )


def test_results_pay_what_was_done_leave_the_rest_overdue_and_tell_the_customer(
    account, organisation, invoices, mandate
):
    batch = request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    take_results(batch, answered(batch, "0", "1"))
    assert states(date(2026, 11, 28)) == [State.PAID, State.OVERDUE, State.ISSUED]
    payment = Payment.objects.get()
    assert (payment.kind, payment.paid_on, payment.invoice) == ("debit", DEBIT_DAY, invoices[0])
    failed = DirectDebitLine.objects.get(invoice=invoices[1])
    assert failed.result == DirectDebitLine.Result.FUNDS
    told = Mail.objects.get(kind="debit_failed")
    assert (told.about, told.number) == (invoices[1].pk, invoices[1].number)
    assert told.address == organisation.invoice_email
    said = kind_of(told.kind).write(told, at("2026-11-28"))
    assert invoices[1].number in said.subject
    assert "資金不足" in said.text
    Invoice.objects.filter(pk=invoices[1].pk).update(paid=invoices[1].gross)
    assert kind_of(told.kind).is_over(told), "nothing is said of what is paid by then"
    mandate.refresh_from_db()
    assert mandate.used


def test_results_come_in_once(account, invoices, mandate):
    batch = request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    content = answered(batch, "0", "0")
    take_results(batch, content)
    with pytest.raises(ValidationError):
        take_results(batch, content)
    assert Payment.objects.count() == 2


def test_a_request_that_comes_back_as_it_went_is_no_result(account, invoices, mandate):
    batch = request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    with pytest.raises(ValidationError):
        take_results(batch, request_file(batch))
    assert not Payment.objects.exists()


def test_results_of_another_day_or_customer_are_refused_whole(account, invoices, mandate):
    batch = request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    content = answered(batch, "0", "0")
    for wrong in (
        content.replace(b"1127", b"1128", 1),
        content.replace(mandate.customer_number.encode(), b"9" * 20, 1),
    ):
        with pytest.raises(ValidationError):
            take_results(batch, wrong)
    assert not Payment.objects.exists()
    assert DirectDebitBatch.objects.get().status == DirectDebitBatch.Status.REQUESTED


def test_what_was_paid_meanwhile_becomes_credit(account, invoices, mandate):
    batch = request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    record_payment(invoices[0], date(2026, 11, 16), invoices[0].gross, "cash")
    take_results(batch, answered(batch, "0", "0"))
    assert CreditBalance.objects.get().amount == invoices[0].gross
    assert states(DEBIT_DAY)[:2] == [State.PAID, State.PAID]


def test_a_new_mandate_ends_the_one_before(service, organisation, mandate):
    newer = save_mandate(
        service.provider, organisation, {**MANDATE, "account_number": "1"}, None, date(2026, 11, 16)
    )
    mandate.refresh_from_db()
    assert mandate.ended_on == date(2026, 11, 16)
    assert newer.customer_number != mandate.customer_number
    assert newer.account_number == "0000001"


NEXT_DAY = date(2026, 12, 28)


def test_what_failed_is_asked_for_again_on_the_next_day(account, invoices, mandate):
    batch = request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    take_results(batch, answered(batch, "0", "1"))
    again = preview_debit(account, NEXT_DAY)
    assert [invoice for invoice, _mandate in again.lines] == [invoices[1]]
    assert again.again == {invoices[1].pk}

    second = request_debit(account, NEXT_DAY, approval=approved("direct_debit"))
    assert not preview_debit(account, date(2026, 12, 29)).lines, "it waits for its result"
    take_results(second, answered(second, "0"))
    assert states(NEXT_DAY)[:2] == [State.PAID, State.PAID]
    assert not preview_debit(account, date(2027, 1, 27)).lines


def test_without_account_or_mandate_at_the_bank_a_new_mandate_is_needed(
    service, organisation, account, invoices, mandate
):
    batch = request_debit(account, DEBIT_DAY, approval=approved("direct_debit"))
    take_results(batch, answered(batch, "2", "4"))
    refused = preview_debit(account, NEXT_DAY)
    assert (refused.lines, len(refused.without_mandate)) == ([], 2)
    save_mandate(service.provider, organisation, {**MANDATE, "account_number": "1"}, None, date(2026, 12, 1))
    assert len(preview_debit(account, NEXT_DAY).lines) == 2


@pytest.mark.parametrize("day", [date(2026, 12, 26), date(2026, 12, 31), date(2027, 1, 11)])
def test_banks_debit_on_days_on_which_they_are_open(account, invoices, mandate, day):
    with pytest.raises(ValidationError) as refused:
        request_debit(account, day, approval=approved("direct_debit"))
    assert "debit_on" in refused.value.message_dict


def test_what_is_said_of_transfers_does_not_stand_on_what_is_debited(invoices):
    debited, transferred = (str(invoices[place].document["notes"]) for place in (0, 2))
    assert "振込の手数料" in transferred
    assert "振込" not in debited

"""Ageing, reminders, statements of account and the grounds that the terms name."""

from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError

from billing.correspondence.letter_pdfs import draw_letter, kept_pdf
from billing.documents.letters import render_set_off, render_statement
from billing.models import CreditBalance, Invoice, Reminder
from billing.receivables.allocation import allocate
from billing.receivables.balances import late_charge_on
from billing.receivables.late.ageing import Ageing
from billing.receivables.late.due_reminders import due_reminders
from billing.receivables.late.grounds import for_termination, with_ground
from billing.receivables.open_items import Terms
from billing.receivables.payments import record_payment
from billing.receivables.reminders import issue_reminder, send_reminder
from billing.receivables.set_offs import set_off
from billing.runs.bill import bill
from billing.statements.content import statement
from portal.kept_files import DamagedFileError
from portal.outbox.models import Mail
from portal.outbox.worker import send_these
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import PAID_ON, bank_account, came_in, drawn_pdf, entry, text_of
from tests.scenes import at, staff_member

FIRST = date(2026, 11, 10)


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def invoices(service, organisation, user) -> list[Invoice]:
    """11,000 yen and 22,000 yen, due on 2026-10-31."""
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    make_contract(service, organisation, user, "C26-000002", {"line": 4})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return list(Invoice.objects.order_by("number"))


@pytest.fixture(autouse=True)
def december():
    with time_machine.travel(at("2026-12-20"), tick=False):
        yield


def plain(text: str) -> str:
    return "".join(text.split())


def test_the_ageing_list_puts_each_amount_where_it_belongs(invoices, organisation):
    record_payment(invoices[1], PAID_ON, 2_000, "b-1")
    (row,) = Ageing(date(2026, 12, 5))
    assert (row.organisation, row.total) == (organisation, 31_000)
    assert row.amounts == {"not_due": 0, "to_30": 0, "to_60": 31_000, "to_90": 0, "over_90": 0}
    (row,) = Ageing(date(2026, 10, 31))
    assert row.amounts["not_due"] == 31_000


def test_reminders_are_due_step_by_step(invoices, organisation, service):
    assert due_reminders(date(2026, 11, 6)) == []
    assert [due.step.number for due in due_reminders(FIRST)] == [1, 1]
    issue_reminder(service.provider, organisation, FIRST)
    assert due_reminders(date(2026, 11, 20)) == []
    assert [due.step.number for due in due_reminders(date(2026, 11, 21))] == [2, 2]


def test_each_provider_reminds_by_its_own_steps(invoices, organisation, service):
    provider = service.provider
    provider.reminders = [{"after_days": 3, "days_to_pay": 5}]
    provider.save()
    assert due_reminders(date(2026, 11, 2)) == []
    reminder = issue_reminder(provider, organisation, date(2026, 11, 3))
    assert (reminder.step, reminder.pay_by) == (1, date(2026, 11, 8))
    assert due_reminders(date(2027, 3, 1)) == []


def test_a_reminder_is_frozen_stored_and_sent(invoices, organisation, service, committing):
    reminder = issue_reminder(service.provider, organisation, FIRST)
    interest = sum(late_charge_on(invoice, FIRST).interest for invoice in invoices)
    assert (reminder.open_amount, reminder.interest, reminder.pay_by) == (
        33_000,
        interest,
        date(2026, 11, 20),
    )
    (message,) = mail.outbox
    assert message.to == [organisation.invoice_email]
    assert "33,000" in message.body
    ((name, content, _type),) = message.attachments
    assert name == "reminder-20261110.pdf"
    stored = Reminder.objects.get()
    assert content == kept_pdf(stored)
    assert (stored.sent_to, stored.sent_at is not None) == (organisation.invoice_email, True)


def test_the_letter_states_every_amount(invoices, organisation, service):
    reminder = issue_reminder(service.provider, organisation, FIRST)
    text = plain(text_of(drawn_pdf(reminder)))
    for invoice in invoices:
        assert invoice.number in text
        assert f"{invoice.gross:,}" in text
    for expected in (
        "督促状",
        "33,000円",
        "2026年11月20日",
        "2026年10月31日",
        "10日",
        organisation.name,
        "第16条第2項",
    ):
        assert expected in text


def test_a_reminder_is_issued_once(invoices, organisation, service):
    issue_reminder(service.provider, organisation, FIRST)
    with pytest.raises(ValidationError) as refused:
        issue_reminder(service.provider, organisation, FIRST)
    assert refused.value.code == "nothing_due"


def test_who_has_paid_is_not_reminded(invoices, organisation, service):
    record_payment(invoices[0], PAID_ON, 11_000, "b-1")
    reminder = issue_reminder(service.provider, organisation, date(2026, 11, 20))
    assert [line.invoice for line in reminder.lines.all()] == [invoices[1]]


def test_a_mail_that_is_not_taken_is_tried_again(invoices, organisation, service, committing, monkeypatch):
    def refuse(*args):
        raise OSError("no server")

    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", refuse)
        reminder = issue_reminder(service.provider, organisation, FIRST)
    assert reminder.sent_at is None
    row = Mail.objects.get(kind="payment_reminder")
    assert (row.state, row.tries) == (Mail.State.WAITING, 1)
    send_these(Mail.objects.filter(pk=row.pk))
    assert Reminder.objects.get().sent_to == organisation.invoice_email


def test_a_reminder_is_sent_again_to_where_invoices_go_now(invoices, organisation, service, committing):
    reminder = issue_reminder(service.provider, organisation, FIRST)
    organisation.invoice_email = "new@customer.example"
    organisation.save()
    send_reminder(reminder, staff_member())
    addresses = [message.to[0] for message in mail.outbox[-2:]]
    assert addresses == ["keiri@customer.example", "new@customer.example"]
    assert Reminder.objects.get().sent_to == "new@customer.example"


def test_a_statement_adds_up(invoices, organisation, service):
    account = bank_account(service.provider)
    (stored,) = came_in(account, entry(40_000))
    with time_machine.travel(at("2026-11-13"), tick=False):
        allocate(stored, {invoices[0].number: 11_000}, organisation)
        set_off(CreditBalance.objects.get(), PAID_ON, approval=approved("set_off"))
    document = statement(service.provider, organisation, date(2026, 11, 1), date(2026, 11, 30))
    charged = sum(movement["charge"] for movement in document["movements"])
    paid = sum(movement["paid"] for movement in document["movements"])
    assert (document["opening"], charged, paid, document["closing"]) == (0, 33_000, 40_000, -7_000)
    assert (document["credit"], document["open_items"]) == (7_000, [])
    text = plain(text_of(render_statement(document)))
    for expected in ("取引明細書", "−7,000", "29,000", "11,000", "22,000", invoices[0].number):
        assert expected in text


def test_a_statement_of_earlier_days_does_not_know_later_payments(invoices, organisation, service):
    record_payment(invoices[0], date(2026, 12, 1), 11_000, "b-1")
    document = statement(service.provider, organisation, date(2026, 11, 1), date(2026, 11, 30))
    assert document["closing"] == 33_000
    assert [item["open_amount"] for item in document["open_items"]] == [11_000, 22_000]
    december = statement(service.provider, organisation, date(2026, 12, 1), date(2026, 12, 31))
    assert (december["opening"], december["closing"]) == (33_000, 22_000)


def test_letters_are_the_same_bytes_each_time(invoices, organisation, service):
    document = statement(service.provider, organisation, date(2026, 11, 1), date(2026, 11, 30))
    assert render_statement(document) == render_statement(document)


def test_the_statement_of_set_off_states_both_sides(invoices, organisation, service):
    (stored,) = came_in(bank_account(service.provider), entry(15_000))
    allocate(stored, {}, organisation)
    made = set_off(CreditBalance.objects.get(), PAID_ON, approval=approved("set_off"))
    assert drawn_pdf(made) == render_set_off(made.document)
    text = plain(text_of(kept_pdf(made)))
    for expected in (
        "相殺通知書",
        "15,000円",
        "11,000",
        "5,000",
        "10,000",
        "22,000",
        "第27条第1項",
        invoices[0].number,
    ):
        assert expected in text


def test_a_changed_letter_is_not_handed_out(invoices, organisation, service):
    reminder = issue_reminder(service.provider, organisation, FIRST)
    draw_letter(reminder)
    file = Path(reminder.pdf.path)
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(DamagedFileError, match=r"altered"):
        kept_pdf(reminder)


def test_staff_are_told_what_the_terms_provide_for(invoices):
    assert not with_ground(date(2026, 10, 31)).exists()
    found = list(with_ground(date(2026, 11, 1)))
    assert found == invoices
    terms = Terms(date(2026, 11, 1))
    assert {ground.leads_to for invoice in found for ground in terms.grounds(invoice)} == {"suspension"}
    assert not for_termination(date(2027, 11, 1)).exists()


def test_three_months_unpaid_are_a_ground_for_termination(organisation, user, db):
    service = load_priced_service("partner-cloud-e")
    product = service.price_lists.first().prices.prices[0].product
    make_contract(service, organisation, user, "C26-000001", {product: 1})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    invoice = Invoice.objects.get()
    assert invoice.due_on == date(2026, 11, 30)
    assert not for_termination(date(2027, 2, 28)).exists()
    assert list(for_termination(date(2027, 3, 1))) == [invoice]
    record_payment(invoice, date(2026, 12, 20), invoice.gross, "b-1")
    assert not for_termination(date(2027, 3, 1)).exists()

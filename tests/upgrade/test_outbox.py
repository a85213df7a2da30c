"""E-mails from before the outbox are in it afterwards: what was shown of each stays to be seen."""

from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, transaction

from billing.invoicing.pdfs import make_pdf
from billing.models import Deposit, DepositLetter, DepositMail, Invoice, InvoiceMail, Reminder
from billing.receivables.deposit_letters import issue_deposit_letter
from billing.runs.bill import bill
from contracts.models import Notice, NoticeDelivery
from contracts.notices.send import draft_notice, send_notice
from portal.organisations.models import User
from portal.outbox.models import Mail
from portal.outbox.worker import send_all_due
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract, make_contracts
from tests.scenes import at, day, staff_member

State = Mail.State
MOMENT = at("2026-11-12 09:00")


def carry_over(app: str, name: str) -> None:
    """Do what the migration does, to rows that are as they were before it."""
    Mail.objects.all().delete()
    migration = import_module(f"{app}.migrations.{name}")
    with transaction.atomic():
        migration.copy(apps, SimpleNamespace(connection=connection))


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


def test_those_of_invoices_in_every_state(service, organisation, user, monkeypatch):
    numbers = [f"C26-{place:06}" for place in range(1, 7)]
    make_contracts(service, organisation, user, numbers)
    monkeypatch.setattr("billing.runs.bill.make_missing_pdfs", lambda *made: None)
    bill(service.provider, OCTOBER, ISSUE_DAY)
    waiting, without_pdf, interrupted, taken, refused, cancelled = Invoice.objects.order_by("number")
    happened = {
        waiting: {},
        without_pdf: {},
        interrupted: {"claimed_at": MOMENT},
        taken: {"claimed_at": MOMENT, "accepted_at": MOMENT},
        refused: {"claimed_at": MOMENT, "refusal": "550 no such user"},
        cancelled: {},
    }
    for invoice, known in happened.items():
        InvoiceMail.objects.create(invoice=invoice, address="a@customer.example", language="ja", **known)
    InvoiceMail.objects.create(
        invoice=cancelled, about="cancelled", address="a@customer.example", language="en"
    )
    Invoice.objects.filter(pk=cancelled.pk).update(cancelled_on=day("2026-11-13"), cancel_reason="誤り")
    for invoice in Invoice.objects.exclude(pk=without_pdf.pk):
        make_pdf(invoice)

    carry_over("billing", "0021_mails_in_the_outbox")

    found = {(mail.kind, mail.about): mail for mail in Mail.objects.all()}
    states = {invoice: found["invoice", invoice.pk].state for invoice in happened}
    assert states == {
        waiting: State.WAITING,
        without_pdf: State.WAITING,
        interrupted: State.INTERRUPTED,
        taken: State.TAKEN,
        refused: State.REFUSED,
        cancelled: State.DROPPED,
    }
    assert found["invoice_cancelled", cancelled.pk].state == State.WAITING
    assert found["invoice_cancelled", cancelled.pk].language == "en"
    sent = found["invoice", taken.pk]
    assert (sent.taken_at, sent.number, sent.address) == (MOMENT, taken.number, "a@customer.example")
    assert (sent.organisation, sent.reply_to) == (organisation, service.provider.email)
    assert sent.message_id == f"invoice-{taken.number}@localhost", "as other servers know it"
    assert found["invoice", refused.pk].trouble == "550 no such user"
    assert found["invoice", without_pdf.pk].due_at is None
    assert found["invoice", waiting.pk] in Mail.objects.due()
    assert (sent.attachments, sent.data) == ([], {})


def test_what_waits_goes_out_and_what_is_unknown_waits_for_staff(service, organisation, user, mailoutbox):
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    bill(service.provider, OCTOBER, ISSUE_DAY)
    first, second = Invoice.objects.order_by("number")
    InvoiceMail.objects.create(invoice=first, address="a@customer.example", language="ja")
    InvoiceMail.objects.create(invoice=second, address="a@customer.example", language="ja", claimed_at=MOMENT)
    carry_over("billing", "0021_mails_in_the_outbox")
    send_all_due()
    assert [first.number in message.subject for message in mailoutbox] == [True]
    assert [mail.about for mail in Mail.objects.to_look_at()] == [second.pk]


def test_those_of_deposits_and_reminders(organisation, user, db):
    simpleconnect = load_priced_service("simpleconnect")
    contract = make_contract(simpleconnect, organisation, user, "C26-000001", {"id": 1})
    deposit = Deposit.objects.create(
        contract=contract, amount=40_000, asked_on=date(2026, 11, 20), pay_by=date(2026, 11, 30)
    )
    letter = issue_deposit_letter(deposit, DepositLetter.Kind.ASKED, date(2026, 11, 20))
    DepositMail.objects.create(
        letter=letter, address="a@customer.example", language="ja", claimed_at=MOMENT, accepted_at=MOMENT
    )
    reminders = [
        Reminder.objects.create(
            provider=simpleconnect.provider,
            organisation=organisation,
            issued_on=date(2026, 11, 20),
            step=1,
            pay_by=date(2026, 11, 30),
            open_amount=1,
            interest=0,
            document={},
            document_hash=str(place) * 64,
            pdf=f"{place}.pdf",
            pdf_hash="0" * 64,
            sent_to="a@customer.example" if place else "",
            sent_at=MOMENT if place else None,
        )
        for place in range(2)
    ]
    carry_over("billing", "0021_mails_in_the_outbox")
    found = {mail.kind: mail for mail in Mail.objects.all()}
    assert (found["deposit"].state, found["deposit"].about) == (State.TAKEN, letter.pk)
    assert found["deposit"].number == "C26-000001"
    reminder = found["payment_reminder"]
    assert (reminder.about, reminder.taken_at) == (reminders[1].pk, MOMENT)


def test_those_of_notices_and_the_ledger_stays_as_it_was(service, organisation, user):
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    notice = Notice(
        service=service,
        purpose="maintenance",
        effective_on=day("2026-12-20"),
        scope="all",
        subject="保守",
        body="本文です。",
        subject_en="Maintenance",
        body_en="Text.",
    )
    staff = staff_member()
    notice = send_notice(draft_notice(notice, staff), staff, at("2026-11-12"))
    (line,) = notice.deliveries.filter(channel="email")
    happened = {
        State.WAITING: {},
        State.INTERRUPTED: {"sent_at": MOMENT},
        State.TAKEN: {"sent_at": MOMENT, "accepted_at": MOMENT, "arrived_at": MOMENT},
        State.REFUSED: {"sent_at": MOMENT, "bounced_at": MOMENT, "bounce_note": "550"},
        State.BOUNCED: {
            "sent_at": MOMENT,
            "accepted_at": MOMENT,
            "bounced_at": MOMENT,
            "bounce_note": "gone",
        },
    }
    lines = {}
    for place, (state, known) in enumerate(happened.items()):
        line.pk, line.person = None, User.objects.create_user(f"a{place}@customer.example", None)
        line.address, line.language = line.person.email, "en" if place == 2 else "ja"
        line.save(force_insert=True)
        lines[line.pk] = state
        NoticeDelivery.objects.filter(pk=line.pk).update(**known)
    before = list(NoticeDelivery.objects.order_by("pk").values())

    carry_over("contracts", "0020_mails_in_the_outbox")

    found = {mail.about: mail for mail in Mail.objects.filter(about__in=lines)}
    assert {pk: mail.state for pk, mail in found.items()} == lines
    by_state = {mail.state: mail for mail in found.values()}
    assert by_state[State.TAKEN].subject == "Maintenance"
    assert by_state[State.BOUNCED].bounce_note == "gone"
    assert by_state[State.REFUSED].trouble == "550"
    assert by_state[State.TAKEN].message_id.startswith(f"notice-{notice.pk}-")
    assert by_state[State.WAITING] in Mail.objects.due()
    assert list(NoticeDelivery.objects.order_by("pk").values()) == before

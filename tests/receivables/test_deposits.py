"""Deposits: asked where the terms allow it, received once, set against what is unpaid, the rest returned."""

import io
from datetime import date, timedelta
from pathlib import Path

import pdfplumber
import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import DatabaseError, transaction
from django.utils import timezone

from billing.correspondence.letter_pdfs import draw_letter, kept_pdf
from billing.inbox.work import DEPOSITS, PAID
from billing.models import DepositLetter, Invoice
from billing.pricing.special_prices import set_special_price
from billing.receivables.balances import late_charge_on
from billing.receivables.deposits import ask_deposit, left_of, receive_deposit, return_deposit, use_deposit
from billing.receivables.held import held_for
from billing.receivables.open_items import unpaid_deposits
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from billing.tasks import look_for_work
from contracts.extensions.waiting import Wanted
from contracts.lifecycle.provider_ends.terminations import terminate
from contracts.lifecycle.suspensions import suspend
from contracts.publishing.publish import publish_version
from contracts.rules.calendar.period import Month
from portal.installation.models import SignOfLife
from portal.outbox.models import Mail
from portal.outbox.settling import send_again
from portal.outbox.worker import send_due
from tests.approving import approved
from tests.billing_scene import load_priced_service, make_contract
from tests.receivables_scene import drawn_pdf
from tests.scenes import at, staff_member


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def service(db):
    return load_priced_service("simpleconnect")


@pytest.fixture
def contract(service, organisation, user):
    return make_contract(
        service, organisation, user, "C26-000001", {"id": 1, "recording": 1}, billed_from=date(2026, 10, 1)
    )


@pytest.fixture
def staff():
    return staff_member()


@pytest.fixture
def dear(contract, staff):
    """The contract at 30,001 yen a month for its ID."""
    set_special_price(
        contract, "id", 29_001, date(2026, 10, 1), "特注", staff, approval=approved("special_price")
    )
    return contract


def test_a_deposit_that_did_not_come_in_by_its_day_is_late(dear, staff):
    deposit = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    assert not unpaid_deposits(date(2026, 11, 30)).exists()
    assert list(unpaid_deposits(date(2026, 12, 1))) == [deposit]
    receive_deposit(deposit, date(2026, 11, 20), "bank-1", staff)
    assert not unpaid_deposits(date(2026, 12, 1)).exists()


def test_below_the_limit_nothing_may_be_asked(contract, staff):
    with pytest.raises(ValidationError):
        ask_deposit(contract, 30_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))


def test_a_service_without_deposits_asks_for_none(organisation, user, staff):
    other = make_contract(load_priced_service("ct-e1"), organisation, user, "C26-000002", {"line": 20})
    with pytest.raises(ValidationError):
        ask_deposit(other, 30_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))


def test_above_the_limit_one_deposit_at_a_time_is_asked(dear, staff):
    asked = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    assert asked.decision["may_ask"] is True
    assert asked.decision["steps"][0]["given"]["monthly_total"] == 30_001
    assert left_of(asked) == 0
    with pytest.raises(ValidationError):
        ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    with pytest.raises(ValidationError):
        ask_deposit(dear, 0, date(2026, 11, 30), staff, approval=approved("deposit_request"))


def test_it_is_set_against_overdue_invoices_and_the_rest_returned(service, dear, staff, now):
    deposit = receive_deposit(
        ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request")),
        date(2026, 11, 20),
        "bank-1",
        staff,
    )
    with pytest.raises(ValidationError):
        receive_deposit(deposit, date(2026, 11, 20), "bank-2", staff)
    for month in (Month(2026, 10), Month(2026, 11)):
        bill(service.provider, month, date(2026, 11, 20))
    october, november = Invoice.objects.order_by("month")
    assert october.gross == 33_002
    with pytest.raises(ValidationError):
        use_deposit(deposit, october, staff, approval=approved("deposit_use"))

    now.move_to(at("2027-02-10"))
    use_deposit(deposit, october, staff, approval=approved("deposit_use"))
    assert left_of(deposit) == 6_998
    assert use_deposit(deposit, november, staff, approval=approved("deposit_use")).payment.amount == 6_998
    assert [invoice.open_amount for invoice in Invoice.objects.order_by("month")] == [0, 26_004]
    with pytest.raises(ValidationError):
        use_deposit(deposit, november, staff, approval=approved("deposit_use"))

    with pytest.raises(ValidationError):
        return_deposit(deposit, date(2027, 2, 10), staff, approval=approved("deposit_return"))


def test_a_deposit_gives_what_is_missing_of_an_invoice_for_which_money_is_kept(service, dear, staff, now):
    asked = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    deposit = receive_deposit(asked, date(2026, 11, 20), "bank-1", staff)
    bill(service.provider, Month(2026, 10), date(2026, 11, 20))
    invoice = Invoice.objects.get()
    record_payment(invoice, date(2026, 11, 20), 33_002 - 440, "bank-2", staff)
    now.move_to(at("2027-02-10"))
    use_deposit(deposit, invoice, staff, approval=approved("deposit_use"))
    invoice.refresh_from_db()
    assert (invoice.open_amount, held_for(invoice), left_of(deposit)) == (0, 0, 40_000 - 440)


def letters_of(deposit) -> dict[str, DepositLetter]:
    return {letter.kind: letter for letter in deposit.letters.all()}


def pdf_text(letter: DepositLetter) -> str:
    with pdfplumber.open(io.BytesIO(drawn_pdf(letter))) as pdf:
        return "".join("".join(page.extract_text() for page in pdf.pages).split())


def test_letters_ask_for_it_confirm_it_and_tell_of_its_return(service, dear, staff, now):
    deposit = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    asked = pdf_text(letters_of(deposit)["asked"])
    assert "40,000" in asked
    assert "2026年11月30日" in asked
    assert "第9条第10項" in asked
    assert "取り消すことがあります（第9条第12項）" in asked
    receive_deposit(deposit, date(2026, 11, 20), "bank-1", staff)
    assert "預り証" in pdf_text(letters_of(deposit)["received"])
    bill(service.provider, Month(2026, 10), date(2026, 11, 20))
    now.move_to(at("2027-01-20"))
    use_deposit(deposit, Invoice.objects.get(), staff, approval=approved("deposit_use"))
    return_deposit(deposit, date(2027, 1, 20), staff, approval=approved("deposit_return"))
    returned = letters_of(deposit)["returned"].document
    assert (returned["items"][0]["amount"], returned["returned"]) == (33_002, 6_998)
    assert "6,998" in pdf_text(letters_of(deposit)["returned"])


def test_each_use_has_a_letter_by_the_article_on_it(service, dear, staff, now, committing):
    asked = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    deposit = receive_deposit(asked, date(2026, 11, 20), "bank-1", staff)
    for month in (Month(2026, 10), Month(2026, 11)):
        bill(service.provider, month, date(2026, 11, 20))
    now.move_to(at("2027-02-10"))
    for invoice in Invoice.objects.order_by("month"):
        use_deposit(deposit, invoice, staff, approval=approved("deposit_use"))

    first, second = deposit.letters.filter(kind="used").order_by("pk")

    stated = [(one.document["used"], one.document["left"]) for one in (first, second)]
    assert stated == [(33_002, 6_998), (6_998, 0)]
    text = pdf_text(first)
    assert "保証金充当通知書" in text
    assert "第9条第11項" in text
    told = [message.body for message in mail.outbox if "充当" in message.subject]
    assert len(told) == 2
    assert "33,002円" in told[0]


def test_once_a_deposit_is_used_up_another_one_can_be_asked_for(service, dear, staff, now):
    asked = ask_deposit(dear, 20_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    deposit = receive_deposit(asked, date(2026, 11, 20), "bank-1", staff)
    bill(service.provider, Month(2026, 10), date(2026, 11, 20))
    now.move_to(at("2027-01-10"))
    use_deposit(deposit, Invoice.objects.get(), staff, approval=approved("deposit_use"))
    deposit.refresh_from_db()
    assert deposit.used_up_on == date(2027, 1, 10)

    again = ask_deposit(dear, 40_000, date(2027, 1, 31), staff, approval=approved("deposit_request"))

    assert dear.deposits.filter(used_up_on=None).get() == again


def test_a_deposit_is_asked_where_the_limit_is_likely_to_be_passed(contract, staff):
    with pytest.raises(ValidationError):
        ask_deposit(contract, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    for expected, reason in ((30_000, "通話が増える"), (30_001, " ")):
        with pytest.raises(ValidationError):
            ask_deposit(
                contract,
                40_000,
                date(2026, 11, 30),
                staff,
                expected=expected,
                reason=reason,
                approval=approved("deposit_request"),
            )

    asked = ask_deposit(
        contract,
        40_000,
        date(2026, 11, 30),
        staff,
        expected=30_001,
        reason="12月の通話が増える見込みのため",
        approval=approved("deposit_request"),
    )

    assert [taken["rule"] for taken in asked.decision["steps"]] == ["deposit.limit", "deposit.expected"]
    assert "12月の通話が増える見込みのため" in pdf_text(asked.letters.get())


def test_a_late_deposit_waits_in_the_work_queue_from_the_day_after_its_own(dear, staff, now):
    deposit = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    assert not list(DEPOSITS.rows(Wanted()))
    now.move_to(at("2026-12-01"))
    (row,) = DEPOSITS.rows(Wanted())
    assert (row.pk, row.due_on) == (deposit.pk, date(2026, 12, 1))
    assert DEPOSITS.entries([row.pk])[row.pk].number == dear.number


def test_a_stop_for_a_deposit_can_end_once_that_came_in(service, dear, staff, now):
    deposit = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    now.move_to(at("2026-12-01"))
    suspend(dear, staff, "deposit_unpaid", date(2026, 12, 1), None, "", until_paid=True)
    assert not list(PAID.rows(Wanted()))
    receive_deposit(deposit, date(2026, 12, 1), "bank-1", staff)
    assert len(list(PAID.rows(Wanted()))) == 1


def test_the_use_is_revoked_for_a_deposit_only_after_its_day(dear, staff, now):
    ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    with pytest.raises(ValidationError):
        terminate(dear, staff, "deposit_unpaid", None, at("2026-11-30"))
    now.move_to(at("2026-12-01"))
    terminate(dear, staff, "deposit_unpaid", None, at("2026-12-01"))
    dear.refresh_from_db()
    assert dear.ends_on == date(2026, 12, 1)


def test_each_letter_is_mailed_once_with_its_pdf(dear, staff, committing, organisation):
    deposit = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    (message,) = mail.outbox
    assert (message.to, "2026年11月30日" in message.body) == ([organisation.invoice_email], True)
    ((name, content, kind),) = message.attachments
    assert (name, content, kind) == (
        "deposit-asked-20261120.pdf",
        kept_pdf(letters_of(deposit)["asked"]),
        "application/pdf",
    )
    look_for_work()
    assert len(mail.outbox) == 1
    receive_deposit(deposit, date(2026, 11, 20), "bank-1", staff)
    return_deposit(deposit, date(2026, 11, 20), staff, approval=approved("deposit_return"))
    assert len({message.subject for message in mail.outbox}) == len(mail.outbox) == 3
    assert {sent.state for sent in Mail.objects.all()} == {Mail.State.TAKEN}


def test_a_letter_that_the_server_did_not_take_goes_out_with_the_next_look(
    dear, staff, committing, monkeypatch, now
):
    def away(self):
        raise ConnectionRefusedError

    with monkeypatch.context() as unreachable:
        unreachable.setattr(EmailBackend, "open", away, raising=False)
        ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    assert (Mail.objects.get().state, mail.outbox) == (Mail.State.WAITING, [])
    SignOfLife.objects.all().delete()
    now.shift(timedelta(minutes=1))
    send_due()
    assert (Mail.objects.get().state, len(mail.outbox)) == (Mail.State.TAKEN, 1)


def test_a_letter_whose_pdf_is_lost_is_not_mailed_and_is_looked_at(dear, staff, committing, no_worker, now):
    deposit = ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    letter = deposit.letters.get()
    draw_letter(letter)
    Path(letter.pdf.path).unlink()
    for _try in range(3):
        send_due()
        now.shift(timedelta(minutes=10))
    assert mail.outbox == []
    assert list(Mail.objects.to_look_at()) == [Mail.objects.get()]


def test_an_interrupted_letter_is_sent_again_to_the_address_of_now(dear, staff, committing, organisation):
    ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    sent = Mail.objects.get()
    Mail.objects.update(taken_at=None, interrupted_at=sent.taken_at)
    organisation.invoice_email = "new@customer.example"
    organisation.save()
    send_again(sent, staff, timezone.now())
    assert [message.to for message in mail.outbox][1:] == [["new@customer.example"]]


def test_where_the_terms_let_it_be_billed_an_invoice_states_it_without_tax_or_interest(
    organisation, user, staff, monkeypatch, now
):
    service = load_priced_service("simpleconnect")
    billing = service.versions.latest("effective_on")
    source = billing.policy_source.replace("above_per_id = 30000", "above_per_id = 30000\nbilled = true")
    publish_version(
        service,
        name="2016-10-01",
        title=billing.title,
        text=billing.text,
        policy_source=source.replace("2015-10-01", "2016-10-01"),
        at=at("2016-01-01"),
        staff=None,
    )
    contract = make_contract(service, organisation, user, "C26-000001", {"id": 1})
    set_special_price(
        contract, "id", 40_000, date(2026, 10, 1), "特注", staff, approval=approved("special_price")
    )
    deposit = ask_deposit(contract, 50_000, date(2026, 12, 28), staff, approval=approved("deposit_request"))
    bill(service.provider, Month(2026, 11), date(2026, 12, 1))
    invoice = Invoice.objects.get()
    assert (invoice.net, invoice.tax) == (90_000, 4_000)
    assert invoice.document["lines"][-1]["adjustment"] == "deposit"

    now.move_to(at("2027-02-20"))
    with pytest.raises(ValidationError):
        receive_deposit(deposit, date(2027, 2, 10), invoice.number, staff)
    # Interest runs on the fees and their tax alone: 44,000.
    days = (date(2027, 2, 10) - invoice.due_on).days - 1
    assert late_charge_on(invoice, date(2027, 2, 10)).interest == 44_000 * 146 * days // 365_000
    record_payment(invoice, date(2027, 2, 10), invoice.gross, "bank-1", staff)
    assert left_of(receive_deposit(deposit, date(2027, 2, 10), invoice.number, staff)) == 50_000


def test_a_letter_stays_as_it_was_issued(dear, staff):
    letter = letters_of(
        ask_deposit(dear, 40_000, date(2026, 11, 30), staff, approval=approved("deposit_request"))
    )["asked"]
    for attempt in (
        lambda: DepositLetter.objects.update(document_hash="x"),
        lambda: DepositLetter.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    letter.refresh_from_db()
    assert letter.document["amount"] == 40_000

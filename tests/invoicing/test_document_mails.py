"""E-mails about returns, reissued and cancelled invoices: each once, and later where the server was away."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.invoicing.invoice_mails import hand_over, queue_mails
from billing.invoicing.returns import return_lines
from billing.invoicing.stored_pdfs import issued_pdf
from billing.models import Invoice
from billing.runs.bill import bill
from portal.installation.models import SignOfLife
from portal.outbox.models import Mail
from portal.outbox.settling import send_again
from portal.outbox.worker import send_all_due
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.scenes import at, staff_member


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as clock:
        yield clock


@pytest.fixture
def invoice(organisation, user) -> Invoice:
    service = load_priced_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


@pytest.fixture
def told(invoice) -> Invoice:
    """The invoice, once the customer has had its e-mail."""
    with transaction.atomic():
        queue_mails([invoice])
    hand_over(Invoice.objects.all())
    mail.outbox.clear()
    return invoice


@pytest.fixture
def staff():
    return staff_member()


def test_handing_over_asks_no_more_of_the_database_than_it_has_to(invoice, django_assert_num_queries):
    """What waits; whether nothing is held back; the invoice, and whether it stands; a transaction to claim
    the e-mail and move the installation on, which is looked at before; a transaction to store that it went.
    """
    with transaction.atomic():
        queue_mails([invoice])
    of_transactions = 4
    with django_assert_num_queries(9 + of_transactions):
        hand_over(Invoice.objects.all())
    assert invoice.contract.number in mail.outbox[0].body


def test_a_return_is_told_of_once(invoice, staff, committing, organisation):
    returned = return_lines(invoice, {0: 5_000}, "誤り", staff, approval=approved("return"))
    (message,) = mail.outbox
    assert (message.to, returned.number in message.subject) == ([organisation.invoice_email], True)
    assert invoice.number in message.body
    send_all_due()
    assert len(mail.outbox) == 1


def test_a_reissued_invoice_names_the_one_that_it_replaces(told, staff, committing):
    issued = reissue_invoice(told, "宛名の変更", staff, approval=approved("invoice_reissue"))
    (message,) = mail.outbox
    assert issued.number in message.subject
    assert told.number in message.subject


def test_a_cancellation_is_told_to_those_who_were_told_of_the_invoice(told, staff, committing):
    cancel_invoice(told, "二重の請求", staff, approval=approved("invoice_cancellation"))
    (message,) = mail.outbox
    assert told.number in message.subject
    kinds = Mail.objects.filter(about=told.pk).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["invoice", "invoice_cancelled"]


def test_an_invoice_that_was_cancelled_is_not_sent_again_as_ready(told, staff, committing):
    cancel_invoice(told, "二重の請求", staff, approval=approved("invoice_cancellation"))
    first, cancelled = Mail.objects.order_by("pk")
    with pytest.raises(ValidationError) as error:
        send_again(first, staff, timezone.now())
    assert error.value.code == "over"
    assert send_again(cancelled, staff, timezone.now()).again_of == cancelled


def test_who_was_not_told_of_the_invoice_hears_nothing_of_its_end(invoice, staff, committing):
    with transaction.atomic():
        queue_mails([invoice])
    cancel_invoice(invoice, "二重の請求", staff, approval=approved("invoice_cancellation"))
    hand_over(Invoice.objects.all())
    assert mail.outbox == []
    assert Mail.objects.get().state == Mail.State.DROPPED


def test_what_the_server_did_not_take_goes_out_with_a_later_look(
    invoice, staff, committing, monkeypatch, now
):
    def away(self, messages):
        raise ConnectionRefusedError

    with monkeypatch.context() as unreachable:
        unreachable.setattr(EmailBackend, "send_messages", away)
        returned = return_lines(invoice, {0: 5_000}, "誤り", staff, approval=approved("return"))
    assert (returned.gross, mail.outbox) == (-5_500, [])
    assert Mail.objects.get().state == Mail.State.WAITING
    SignOfLife.objects.all().delete()
    now.shift(timedelta(minutes=1))
    send_all_due()
    assert len(mail.outbox) == 1
    assert returned.issued_on == date(2026, 11, 20)


def test_the_pdf_of_a_return_is_drawn_by_the_worker_that_tells_of_it(invoice, staff, committing, no_worker):
    returned = return_lines(invoice, {0: 5_000}, "誤り", staff, approval=approved("return"))
    assert Invoice.objects.get(pk=returned.pk).pdf == ""
    send_all_due()
    assert Invoice.objects.get(pk=returned.pk).pdf
    assert len(mail.outbox) == 1


def test_where_the_terms_deliver_invoices_by_e_mail_the_document_itself_goes_out(organisation, user):
    """simpleconnect 10-2."""
    service = load_priced_service("simpleconnect")
    product = service.price_lists.get().prices.prices[0].product
    make_contract(service, organisation, user, "C26-000001", {product: 1})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    invoice = Invoice.objects.get()
    with transaction.atomic():
        queue_mails([invoice])
    hand_over(Invoice.objects.all())
    name, content, _type = mail.outbox[-1].attachments[0]
    invoice.refresh_from_db()
    assert (name, content) == (f"{invoice.number}.pdf", issued_pdf(invoice))
    assert "添付" in mail.outbox[-1].body


def test_elsewhere_a_link_alone_goes_out(told):
    assert not Mail.objects.get(kind="invoice").attachments

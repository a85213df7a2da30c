"""Whom invoices and letters address: the customer as the contract names it on the issue day."""

from datetime import date

import pytest
import time_machine
from django.db import transaction

from billing.correspondence.letters import recipient_of
from billing.documents.einvoice import einvoice
from billing.documents.invoice_pdf import page_of
from billing.invoicing.invoice_mails import queue_mails
from billing.invoicing.returns import return_all
from billing.models import Invoice, Reminder
from billing.receivables.reminders import issue_reminder
from billing.runs.bill import bill
from billing.statements.content import statement
from contracts.models import ContractParticular
from contracts.rules.calendar.period import Month
from portal.outbox.models import Mail
from tests.approving import approved
from tests.billing_scene import OCTOBER, load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.scenes import at, staff_member

OLD, NEW = "株式会社みなと商事", "みなとホールディングス株式会社"


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service, organisation, user):
    contract = make_contract(service, organisation, user, "C26-000001", {"line": 2})
    reported = {
        "name": NEW,
        "postal_code": "530-0001",
        "address": "大阪市北区1-1",
        "invoice_email": "b@n.example",
    }
    for key, value in reported.items():
        ContractParticular.objects.create(
            contract=contract, key=key, value=value, starts_on=date(2026, 11, 10)
        )
    return contract


def billed(service, month: Month, day: date) -> Invoice:
    bill(service.provider, month, day)
    return Invoice.objects.charging().get(month=month.first)


@pytest.mark.parametrize(("day", "name"), [(date(2026, 11, 9), OLD), (date(2026, 11, 10), NEW)])
def test_an_invoice_addresses_the_name_that_holds_on_its_issue_day(service, contract, day, name):
    invoice = billed(service, OCTOBER, day)
    assert (invoice.recipient_name, invoice.document["recipient"]["name"]) == (name, name)
    written = einvoice(invoice.document)
    assert problems(written) == []
    assert f"<cbc:RegistrationName>{name}</cbc:RegistrationName>" in written.decode()


def test_the_address_is_the_contracts_too_and_the_e_mail_goes_where_it_says(service, contract):
    invoice = billed(service, OCTOBER, date(2026, 11, 10))
    recipient = invoice.document["recipient"]
    assert (recipient["postal_code"], recipient["address"]) == ("530-0001", "大阪市北区1-1")
    with time_machine.travel(at("2026-11-10"), tick=False), transaction.atomic():
        queue_mails(Invoice.objects.all())
    assert Mail.objects.get(kind="invoice").address == "b@n.example"


def test_a_return_addresses_the_name_of_its_own_day(service, contract):
    with time_machine.travel(at("2026-11-12"), tick=False):
        returned = return_all(
            billed(service, OCTOBER, date(2026, 11, 9)), "誤り", staff_member(), approval=approved("return")
        )
    assert returned.document["recipient"]["name"] == NEW


ELSEWHERE = "〒530-0001 大阪市北区梅田9-9-9\n経理部"


def sends_to(contract, place: str, since: date = date(2026, 10, 1)) -> None:
    ContractParticular.objects.create(contract=contract, key="billing_address", value=place, starts_on=since)


def test_an_invoice_goes_where_the_customer_wants_it_and_stays_the_customers(service, contract):
    sends_to(contract, ELSEWHERE)
    invoice = billed(service, OCTOBER, date(2026, 11, 10))
    recipient = invoice.document["recipient"]
    assert recipient["sent_to"] == ["〒530-0001 大阪市北区梅田9-9-9", "経理部"]
    assert (recipient["name"], recipient["address"]) == (NEW, "大阪市北区1-1")
    written = einvoice(invoice.document)
    assert problems(written) == []
    assert "大阪市北区1-1" in written.decode()
    assert "梅田" not in written.decode()
    page = page_of(invoice.document)["sent_to"]
    assert (page["lines"], page["seat"]) == (recipient["sent_to"], ["所在地 〒530-0001 大阪市北区1-1"])


@pytest.mark.parametrize("place", ["", " \n", "大阪市北区1-1", "〒530-0001　大阪市北区 1-1"])
def test_the_customers_own_address_is_not_said_twice(service, contract, place):
    sends_to(contract, place)
    assert "sent_to" not in billed(service, OCTOBER, date(2026, 11, 10)).document["recipient"]


def test_an_invoice_stays_when_the_destination_changes_and_the_return_goes_to_the_new_one(service, contract):
    invoice = billed(service, OCTOBER, date(2026, 11, 10))
    sends_to(contract, ELSEWHERE, date(2026, 11, 12))
    with time_machine.travel(at("2026-11-12"), tick=False):
        returned = return_all(invoice, "誤り", staff_member(), approval=approved("return"))
    assert "sent_to" not in invoice.document["recipient"]
    assert returned.document["recipient"]["sent_to"][1] == "経理部"


def test_letters_about_all_contracts_go_where_all_their_invoices_go(service, contract, organisation, user):
    second = make_contract(service, organisation, user, "C26-000002", {"line": 1})
    sends_to(contract, ELSEWHERE)
    day = date(2026, 11, 20)
    assert "sent_to" not in recipient_of(organisation, service.provider, day)
    sends_to(second, ELSEWHERE)
    assert recipient_of(organisation, service.provider, day)["sent_to"][1] == "経理部"


def test_letters_about_all_contracts_use_the_name_reported_last(
    service, contract, organisation, user, mailoutbox, django_capture_on_commit_callbacks
):
    make_contract(service, organisation, user, "C26-000002", {"line": 1})
    bill(service.provider, OCTOBER, date(2026, 11, 9))
    with time_machine.travel(at("2026-11-20"), tick=False):
        account = statement(service.provider, organisation, date(2026, 10, 1), date(2026, 11, 20))
        with django_capture_on_commit_callbacks(execute=True):
            issue_reminder(service.provider, organisation, date(2026, 11, 20))
    assert account["recipient"]["name"] == NEW
    assert Reminder.objects.get().document["recipient"]["name"] == NEW
    assert mailoutbox[-1].to == ["b@n.example"]

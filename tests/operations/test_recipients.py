"""Whom invoices and letters address: the customer as the contract names it on the issue day."""

from datetime import date

import pytest
import time_machine

from billing.documents.einvoice import einvoice
from billing.models import Invoice, InvoiceMail, Reminder
from billing.operations.invoice_mails import queue_mails
from billing.operations.reminders import issue_reminder
from billing.operations.returns import return_all
from billing.operations.runs import bill
from billing.statements import statement
from contracts.models import ContractParticular
from contracts.rules.period import Month
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
    with time_machine.travel(at("2026-11-10"), tick=False):
        queue_mails(Invoice.objects.all())
    assert InvoiceMail.objects.get().address == "b@n.example"


def test_a_return_addresses_the_name_of_its_own_day(service, contract):
    with time_machine.travel(at("2026-11-12"), tick=False):
        returned = return_all(billed(service, OCTOBER, date(2026, 11, 9)), "誤り", staff_member())
    assert returned.document["recipient"]["name"] == NEW


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

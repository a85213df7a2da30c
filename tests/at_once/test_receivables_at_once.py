"""Two people match, import or remind at the same moment, in real transactions on the database in use."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from billing.models import BankTransaction, CreditBalance, Invoice, Payment, Reminder
from billing.receivables.allocation import allocate
from billing.receivables.bank.imports import import_file
from billing.receivables.reminders import issue_reminder
from billing.receivables.set_offs import set_off
from billing.runs.bill import bill
from portal.organisations.operations import create_organisation
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import PAID_ON, bank_account, came_in, deposits, entry
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(make_user, details):
    """An invoice of 11,000 yen, its customer, and the provider's account."""
    user = make_user("hanako@customer.example")
    organisation = create_organisation(user, details)
    service = load_priced_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get(), organisation, bank_account(service.provider)


def failures(answers: list[object]) -> int:
    return sum(isinstance(answer, ValidationError) for answer in answers)


def test_two_entries_for_one_invoice_pay_it_once(scene):
    invoice, _organisation, account = scene
    first, second = came_in(account, entry(11_000), entry(11_000))
    answers = together(
        lambda: allocate(first, {invoice.number: 11_000}, None),
        lambda: allocate(second, {invoice.number: 11_000}, None),
    )
    assert failures(answers) == 1
    assert sum(Payment.objects.values_list("amount", flat=True)) == 11_000
    assert Invoice.objects.get().open_amount == 0


def test_one_entry_is_matched_by_one_of_several(scene):
    invoice, organisation, account = scene
    (stored,) = came_in(account, entry(12_000))
    answers = together(*[lambda: allocate(stored, {invoice.number: 11_000}, organisation)] * 4)
    assert failures(answers) == 3
    assert CreditBalance.objects.get().amount == 1_000


def test_one_file_imported_at_once_is_imported_once(scene):
    account = scene[2]
    content = deposits(account, entry(1), entry(2))
    answers = together(*[lambda: import_file(account, "a.txt", content)] * 3)
    assert failures(answers) == 2
    assert BankTransaction.objects.count() == 2


def test_credit_is_set_off_once(scene):
    _invoice, organisation, account = scene
    (stored,) = came_in(account, entry(5_000))
    allocate(stored, {}, organisation)
    balance = CreditBalance.objects.get()
    answers = together(*[lambda: set_off(balance, PAID_ON, approval=approved("set_off"))] * 2)
    assert failures(answers) == 1
    assert CreditBalance.objects.get().amount == 0
    assert Invoice.objects.get().open_amount == 6_000


def test_a_reminder_goes_out_once(scene):
    invoice, organisation, _account = scene
    answers = together(*[lambda: issue_reminder(invoice.provider, organisation, date(2026, 11, 10))] * 2)
    assert failures(answers) == 1
    assert Reminder.objects.count() == 1

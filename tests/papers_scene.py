"""What was written to the customer of an invoice, and of a contract, for tests of who may open it."""

from datetime import timedelta

from django.db import transaction

from billing.models import (
    CreditBalance,
    Deposit,
    DepositLetter,
    DirectDebitBatch,
    Invoice,
    PayoutBatch,
    StatementOfAccount,
)
from billing.receivables.allocation import allocate
from billing.receivables.deposit_letters import issue_deposit_letter
from billing.receivables.reminders import issue_reminder
from billing.receivables.set_offs import set_off
from billing.statements.asking import ask_for_statement
from billing.statements.drawing import draw_statement
from billing.tasks import draw_letters
from contracts.models import Contract, Notice
from contracts.notices.send import draft_notice, send_notice
from contracts.rules.calendar.period import Month
from portal.data_protection.copies.asking import ask_for_copy
from portal.data_protection.copies.making import make_copy
from portal.data_protection.models import DataCopy
from tests import scenes
from tests.approving import approved
from tests.receivables_scene import bank_account, came_in, entry


def drawn_statement(invoice: Invoice) -> StatementOfAccount:
    """Of October, for the invoice's customer."""
    october = Month(2026, 10)
    person = scenes.owner_of(invoice.organisation)
    asked = ask_for_statement(invoice.provider, invoice.organisation, october.first, october.last, person)
    draw_statement(asked.pk, "somebody")
    return asked


def letters_about(invoice: Invoice) -> dict[str, list[int]]:
    """A reminder of an invoice, a set-off of credit against it, and a request for a direct debit."""
    provider, customer, paid_on = invoice.provider, invoice.organisation, invoice.issued_on
    account = bank_account(provider)
    (stored,) = came_in(account, entry(1, booked_on=paid_on, value_on=paid_on))
    allocate(stored, {}, customer)
    batch = DirectDebitBatch.objects.create(
        account=account, debit_on=paid_on, request="", requested_at=scenes.at("2026-11-19")
    )
    reminder = issue_reminder(provider, customer, invoice.due_on + timedelta(days=7))
    balance = CreditBalance.objects.get(organisation=customer)
    pages = {
        "billing:reminder-pdf": [reminder.pk],
        "billing:set-off-pdf": [set_off(balance, paid_on, approval=approved("set_off")).pk],
        "billing:debit-request": [batch.pk],
        "billing:payout-file": [
            PayoutBatch.objects.create(
                account=account, pay_on=paid_on, request="", made_at=scenes.at("2026-11-19")
            ).pk
        ],
        "billing:deposit-letter-pdf": [deposit_letter(invoice).pk],
    }
    draw_letters()
    return pages


def deposit_letter(invoice: Invoice) -> DepositLetter:
    """A letter that asks for a deposit."""
    asked = Deposit.objects.create(
        contract=invoice.contract, amount=1, asked_on=invoice.issued_on, pay_by=invoice.due_on
    )
    with transaction.atomic():
        return issue_deposit_letter(asked, DepositLetter.Kind.ASKED, invoice.issued_on)


def sent_notice(contract: Contract) -> Notice:
    """A notice of maintenance that went to the contract's organisation."""
    staff = scenes.staff_member()
    notice = Notice(
        service=contract.service,
        purpose="maintenance",
        effective_on=scenes.day("2026-12-10"),
        subject="保守のお知らせ",
        body="保守を行います。",
    )
    return send_notice(draft_notice(notice, staff), staff, scenes.at("2026-11-19"))


def made_copy(contract: Contract) -> DataCopy:
    """A copy of what is held about the customer, ready to be fetched."""
    made = DataCopy.objects.first()
    if made is None:
        owner = scenes.owner_of(contract.organisation)
        made = ask_for_copy(contract.organisation, owner, scenes.at("2026-11-20"))
        make_copy(made.pk, "somebody")
    return made

"""Which invoices a payment meets: as the payer says, else as the provider or the law says; who is told."""

from datetime import date

import pytest
import time_machine

from billing.models import BankTransaction, Invoice
from billing.receivables.allocation import allocate, match_certain, suggestions
from billing.receivables.bank.candidates import candidates
from billing.runs.bill import bill
from contracts.models import Provider
from portal.audit.models import AuditEntry
from portal.outbox.models import Mail
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import PAID_ON, bank_account, came_in, entry
from tests.scenes import at


@pytest.fixture(autouse=True)
def december(db):
    with time_machine.travel(at("2026-12-20"), tick=False):
        yield


@pytest.fixture
def service(december):
    return load_priced_service("ct-e1")


@pytest.fixture
def invoices(service, organisation, user) -> list[Invoice]:
    """11,000 yen and 22,000 yen, due on 2026-10-31."""
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    make_contract(service, organisation, user, "C26-000002", {"line": 4})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return list(Invoice.objects.order_by("number"))


@pytest.fixture
def account(service):
    return bank_account(service.provider)


def mails() -> list[Mail]:
    return list(Mail.objects.filter(kind="payment_appropriation"))


def matched() -> str:
    return AuditEntry.objects.filter(action="bank_entry.matched").latest("pk").data["order"]


def test_what_is_alike_by_the_law_is_met_in_proportion_unless_the_provider_names_an_order(account, invoices):
    (stored,) = came_in(account, entry(3_000))
    first, second = (invoice.number for invoice in invoices)

    def parts() -> dict[str, int]:
        stated = BankTransaction.objects.get(pk=stored.pk)
        return dict(suggestions(stated, candidates(stated, PAID_ON))[0].parts)

    assert parts() == {first: 1_000, second: 2_000}
    Provider.objects.update(payment_order="due_first")
    assert parts() == {first: 3_000}


def test_a_payer_who_names_nothing_and_owes_more_is_told_what_was_met_and_by_which_order(
    account, invoices, organisation
):
    Provider.objects.update(payment_order="due_first")
    (stored,) = came_in(account, entry(15_000))
    allocate(stored, {invoices[0].number: 11_000, invoices[1].number: 4_000}, None)
    (told,) = mails()
    assert (told.organisation, told.about, matched()) == (organisation, stored.pk, "due_first")
    assert "15,000" in told.subject
    first, second = (invoice.number for invoice in invoices)
    said = (f"{first}：11,000円", f"{second}：4,000円", "支払期日の早い請求書から", "ただちにご連絡ください")
    assert [text for text in said if text not in told.text] == []


def test_who_named_the_invoices_is_not_told_what_they_are(account, invoices):
    by_number, by_phone, by_amount = came_in(
        account,
        entry(1_000, reference=f"ｾｲｷﾕｳ{invoices[1].number}"),
        entry(2_000, inquiry_number="2"),
        entry(11_000, inquiry_number="3"),
    )
    allocate(by_number, {invoices[1].number: 1_000}, None)
    allocate(by_phone, {invoices[1].number: 2_000}, None, named=True)
    allocate(by_amount, {invoices[0].number: 11_000}, None)
    assert (mails(), matched()) == ([], "payer")


def test_who_owes_nothing_more_has_nothing_to_be_told(account, invoices, organisation):
    (stored,) = came_in(account, entry(33_500))
    allocate(stored, {invoices[0].number: 11_000, invoices[1].number: 22_000}, organisation)
    assert mails() == []


def test_what_leaves_no_doubt_is_what_the_payer_says(account, invoices):
    came_in(account, entry(11_000))
    assert match_certain(account.provider).matched == 1
    assert mails() == []


def test_a_match_by_another_rule_than_the_payers_is_told_each_time(account, invoices):
    (first,) = came_in(account, entry(1_000, booked_on=date(2026, 11, 10)))
    (second,) = came_in(account, entry(1_500, booked_on=date(2026, 11, 11)))
    allocate(first, {invoices[0].number: 1_000}, None)
    allocate(second, {invoices[0].number: 1_500}, None)
    assert (len(mails()), matched()) == (2, "chosen")
    assert all("当社が指定しました（民法第488条第2項）" in told.text for told in mails())

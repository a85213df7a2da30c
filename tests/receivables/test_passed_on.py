"""Who owes what once another has taken the customer's place: ledger, statements, reminders, pages follow."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from billing.invoicing.corrections import reissue_invoice
from billing.invoicing.returns import return_lines
from billing.models import BankAccount, BankTransaction, CreditBalance, Invoice, PassedClaim
from billing.receivables.allocation import allocate, take_back
from billing.receivables.balances import overdue_on
from billing.receivables.bank.candidates import candidates
from billing.receivables.claims import sums_that_differ
from billing.receivables.held import held_for
from billing.receivables.late.ageing import Ageing
from billing.receivables.late.grounds import with_ground
from billing.receivables.passed_on import pass_named_claims, to_name
from billing.receivables.payments import record_payment
from billing.receivables.reminders import issue_reminder
from billing.runs.bill import bill
from billing.statements.content import count_movements, statement
from contracts.models import Contract
from contracts.requests.decide import accept_request
from contracts.requests.kinds.successions import SuccessionData, Successor
from contracts.rules.life.succession import DebtsRule, SuccessionRule, debts_pass
from portal.audit.models import AuditEntry
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approve_it, approved
from tests.billing_scene import OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import bank_account, came_in, entry
from tests.scenes import at, staff_member

ISSUED_ON, BEFORE, PASSED = date(2026, 11, 5), date(2026, 12, 10), date(2026, 12, 15)


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(at("2026-11-20"), tick=False) as travelling:
        yield travelling


@pytest.fixture
def yamada(clock) -> Organisation:
    return scenes.yamada()


@pytest.fixture
def suzuki(clock) -> Organisation:
    return scenes.suzuki()


def contract_of(slug: str, organisation: Organisation) -> Contract:
    service = load_priced_service(slug)
    product = service.price_lists.get().prices.prices[0].product
    return make_contract(service, organisation, scenes.owner_of(organisation), "C26-000001", {product: 3})


@pytest.fixture
def contract(yamada) -> Contract:
    """Of ProgOffice, by whose terms the successor takes over every debt (12-5)."""
    return contract_of("progoffice", yamada)


@pytest.fixture
def invoice(contract) -> Invoice:
    bill(contract.service.provider, OCTOBER, ISSUED_ON)
    return Invoice.objects.get()


@pytest.fixture
def staff():
    return staff_member()


def passes(contract: Contract, to: Organisation, cause: str, clock, **said) -> None:
    """The contract passes to another on 2026-12-14, which is reported and accepted the day after."""
    clock.move_to(at(f"{PASSED:%Y-%m-%d}"))
    successor = Successor(
        name=to.name, postal_code=to.postal_code, address=to.address, phone=to.phone, email="a@b.example"
    )
    data = SuccessionData(wanted_on=date(2026, 12, 14), cause=cause, successors=(successor,))
    asked = scenes.ask(Contract.objects.get(pk=contract.pk), "succession", data, at(f"{PASSED:%Y-%m-%d}"))
    accept_request(asked, staff_member(), at(f"{PASSED:%Y-%m-%d}"), successor=to, **said)


def owed(organisation: Organisation, provider, day: date) -> tuple[int, list[str]]:
    """The balance of a statement up to a day, and its open items; both agree."""
    document = statement(provider, organisation, date(2026, 10, 1), day)
    opened = sum(item["open_amount"] for item in document["open_items"])
    assert opened - document["credit"] == document["closing"]
    assert count_movements(provider, organisation, date(2026, 10, 1), day) >= len(document["movements"])
    return document["closing"], [item["number"] for item in document["open_items"]]


@pytest.mark.parametrize(
    ("rule", "cause", "passing"),
    [
        (None, "inheritance", True),
        (None, "merger", True),
        (None, "split", None),
        (None, "business_transfer", None),
        (DebtsRule(article=("12-5",)), "business_transfer", True),
        (DebtsRule(article=("14-1",), causes=("inheritance", "merger")), "split", None),
        (DebtsRule(article=("14-1",), causes=("split",)), "split", True),
    ],
)
def test_debts_pass_by_the_terms_else_by_the_law_else_as_a_document_says(rule, cause, passing):
    rules = SuccessionRule(article=("1",), debts=rule) if rule else None
    assert debts_pass(rules, cause) is passing


def test_the_successor_owes_what_its_predecessor_owed_and_statements_of_before_stay(
    contract, invoice, yamada, suzuki, staff, clock
):
    provider, all_of_it = invoice.provider, invoice.gross
    clock.move_to(at("2026-12-10"))
    record_payment(invoice, BEFORE, 100, "b-1", staff)
    stated = statement(provider, yamada, date(2026, 10, 1), BEFORE)

    passes(contract, suzuki, "split", clock)

    invoice.refresh_from_db()
    assert (invoice.organisation, invoice.debtor) == (yamada, suzuki)
    assert statement(provider, yamada, date(2026, 10, 1), BEFORE)["movements"] == stated["movements"]
    assert owed(yamada, provider, BEFORE) == (all_of_it - 100, [invoice.number])
    assert owed(yamada, provider, PASSED) == (0, [])
    assert owed(suzuki, provider, BEFORE) == (0, [])
    assert owed(suzuki, provider, PASSED) == (all_of_it - 100, [invoice.number])
    (movement,) = statement(provider, suzuki, date(2026, 12, 1), PASSED)["movements"]
    assert movement["text"] == "債務の承継（2026-12-14付、山田商事株式会社から承継）"
    assert AuditEntry.objects.filter(action="claims.passed", data__amount=all_of_it - 100).exists()
    # What comes in afterwards is the successor's; 1 yen too much is its credit.
    clock.move_to(at("2026-12-20"))
    record_payment(invoice, date(2026, 12, 20), all_of_it - 99, "b-2", staff)
    assert owed(suzuki, provider, date(2026, 12, 20)) == (-1, [])
    assert owed(yamada, provider, date(2026, 12, 20)) == (0, [])
    assert CreditBalance.objects.get(amount=1).organisation == suzuki
    assert list(sums_that_differ()) == []


def test_who_is_dunned_and_matched_is_the_successor(contract, invoice, yamada, suzuki, staff, clock):
    passes(contract, suzuki, "merger", clock)
    clock.move_to(at("2027-01-20"))
    today = date(2027, 1, 20)
    assert [row.organisation for row in Ageing(today)] == [suzuki]
    account = BankAccount(provider=invoice.provider)
    paid = BankTransaction(account=account, amount=invoice.open_amount, booked_on=today)
    assert list(candidates(paid, today).organisations.values()) == [suzuki]
    assert list(overdue_on(today, Invoice.objects.filter(debtor=yamada))) == []
    with pytest.raises(ValidationError):
        issue_reminder(invoice.provider, yamada, today, staff)
    reminder = issue_reminder(invoice.provider, suzuki, today, staff)
    assert reminder.document["recipient"]["name"] == suzuki.name


def test_a_split_passes_debts_only_as_its_plan_says(yamada, suzuki, clock):
    contract = contract_of("simpleconnect", yamada)
    bill(contract.service.provider, OCTOBER, ISSUED_ON)
    with pytest.raises(ValidationError) as refused:
        passes(contract, suzuki, "split", clock)
    assert "takes_debts" in refused.value.message_dict
    passes(contract, suzuki, "split", clock, takes_debts=False)
    contract.refresh_from_db()
    invoice = Invoice.objects.get()
    assert (contract.organisation, invoice.debtor) == (suzuki, yamada)
    # What its predecessor owes is no ground against who is the customer now.
    assert not with_ground(date(2027, 2, 1)).exists()
    assert [row.organisation for row in Ageing(date(2027, 2, 1))] == [yamada]
    assert contract.parties.get().takes_debts is False
    assert not PassedClaim.objects.exists()


@pytest.fixture
def split(yamada, suzuki, clock) -> Contract:
    """Of SimpleConnect, split off in December; its plan names some invoices of October and November."""
    contract = contract_of("simpleconnect", yamada)
    for month in (OCTOBER, OCTOBER + 1):
        bill(contract.service.provider, month, ISSUED_ON)
    passes(contract, suzuki, "split", clock, takes_debts="named")
    return Contract.objects.get()


def name(contract: Contract, *numbers: str) -> int:
    reason = "分割計画書 別紙2"
    return pass_named_claims(contract, numbers, reason, staff_member(), approval=approved("passed_claims"))


def test_of_a_split_those_debts_pass_that_its_plan_names(split, yamada, suzuki):
    october, november = Invoice.objects.order_by("month")
    assert [one.pk for one in to_name(split)] == [october.pk, november.pk]
    with pytest.raises(ValidationError):
        pass_named_claims(split, [november.number], "計画", staff_member())
    with pytest.raises(ValidationError):
        name(split, "CD-0000-000000")
    assert name(split, november.number) == 1
    assert [one.debtor for one in Invoice.objects.order_by("month")] == [yamada, suzuki]
    assert owed(yamada, split.service.provider, PASSED) == (october.gross, [october.number])
    assert owed(suzuki, split.service.provider, PASSED) == (november.gross, [november.number])
    assert split.parties.get().takes_debts is True
    with pytest.raises(ValidationError):
        name(split, october.number)


def test_debts_wait_in_the_queue_until_staff_say_which_pass(split, make_staff, signed_in, suzuki):
    october = Invoice.objects.earliest("month")
    clerk = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    address = reverse("admin:billing_invoice_pass_debts", args=[october.pk])
    assert address in clerk.get(reverse("work-queue")).content.decode()
    page = clerk.get(address)
    assert page.context["form"]["invoices"].value() in (None, [])
    refused = clerk.post(address, {"reason": "計画"})
    assert "invoices" in refused.context["form"].errors
    clerk.post(address, {"reason": "分割計画書に記載なし", "none": "on"})
    approve_it(make_staff("shonin@provider.example", StaffRole.BILLING))
    assert split.parties.get().takes_debts is False
    assert not PassedClaim.objects.exists()
    assert address not in clerk.get(reverse("work-queue")).content.decode()


def test_debts_of_successions_of_earlier_releases_are_only_listed(yamada, suzuki, clock):
    contract = contract_of("simpleconnect", yamada)
    bill(contract.service.provider, OCTOBER, ISSUED_ON)
    passes(contract, suzuki, "merger", clock, takes_debts=None)
    contract.parties.update(takes_debts=None)
    Invoice.objects.update(debtor=yamada)
    assert list(to_name(Contract.objects.get())) == [Invoice.objects.get()]


def test_a_transfer_of_the_business_passes_debts_where_that_was_agreed(yamada, suzuki, clock):
    contract = contract_of("simpleconnect", yamada)
    bill(contract.service.provider, OCTOBER, ISSUED_ON)
    passes(contract, suzuki, "business_transfer", clock, takes_debts=True)
    assert Invoice.objects.get().debtor == suzuki


def test_what_is_kept_for_an_invoice_goes_with_it(yamada, suzuki, staff, clock):
    contract = contract_of("simpleconnect", yamada)
    bill(contract.service.provider, OCTOBER, ISSUED_ON)
    invoice = Invoice.objects.get()
    record_payment(invoice, date(2026, 11, 20), invoice.gross - 440, "b-1", staff)
    passes(contract, suzuki, "merger", clock)
    invoice.refresh_from_db()
    assert held_for(invoice) == invoice.gross - 440
    assert owed(yamada, invoice.provider, PASSED) == (0, [])
    assert owed(suzuki, invoice.provider, PASSED) == (440, [invoice.number])
    record_payment(invoice, PASSED, 440, "b-2", staff)
    invoice.refresh_from_db()
    assert (invoice.open_amount, owed(suzuki, invoice.provider, PASSED)) == (0, (0, []))


def test_a_payment_that_turns_out_not_to_count_is_owed_by_the_successor(
    contract, invoice, yamada, suzuki, staff, clock
):
    (stored,) = came_in(bank_account(invoice.provider), entry(invoice.gross))
    allocate(stored, {invoice.number: invoice.gross}, None)
    passes(contract, suzuki, "merger", clock)
    take_back(stored, "別の契約者", staff)
    assert owed(yamada, invoice.provider, PASSED) == (0, [])
    assert owed(suzuki, invoice.provider, PASSED) == (invoice.gross, [invoice.number])


def test_a_return_afterwards_lowers_what_the_successor_owes(contract, invoice, yamada, suzuki, staff, clock):
    passes(contract, suzuki, "merger", clock)
    returned = return_lines(invoice, {0: 100}, "過請求", staff, approval=approved("return"))
    assert returned.debtor == suzuki
    assert owed(suzuki, invoice.provider, PASSED) == (invoice.gross + returned.gross, [invoice.number])
    assert owed(yamada, invoice.provider, PASSED) == (0, [])


def test_an_invoice_issued_anew_afterwards_changes_the_successors_account_alone(
    contract, invoice, yamada, suzuki, staff, clock
):
    clock.move_to(at("2026-12-10"))
    return_lines(invoice, {0: 100}, "お詫び", staff, approval=approved("return"))
    left = invoice.gross - 110
    provider = invoice.provider
    stated = owed(yamada, provider, BEFORE)
    passes(contract, suzuki, "merger", clock)
    clock.move_to(at("2026-12-20"))
    new = reissue_invoice(invoice, "宛名", staff, approval=approved("invoice_reissue"))
    today = date(2026, 12, 20)
    assert owed(yamada, provider, BEFORE) == stated == (left, [invoice.number])
    assert owed(yamada, provider, today) == (0, [])
    assert owed(suzuki, provider, PASSED) == (left, [invoice.number])
    assert owed(suzuki, provider, today) == (left, [new.number])


def test_both_see_the_invoice_and_only_the_successor_what_is_to_be_paid(
    contract, invoice, yamada, suzuki, client, clock
):
    passes(contract, suzuki, "merger", clock)
    page = reverse("billing:invoice-detail", args=[invoice.number])
    client.force_login(scenes.owner_of(yamada))
    seen = client.get(page).content.decode()
    assert "承継人が負担" in seen
    assert "お支払期日" not in seen
    assert "契約を承継した方が支払います" in seen
    client.force_login(scenes.owner_of(suzuki))
    seen = client.get(page).content.decode()
    assert "契約を承継した方が支払います" not in seen
    assert f"{invoice.gross:,}" in seen
    assert invoice.number in client.get(reverse("billing:invoice-list")).content.decode()


def test_what_passed_stays_recorded(contract, invoice, suzuki, clock):
    passes(contract, suzuki, "merger", clock)
    with pytest.raises(DatabaseError), transaction.atomic():
        PassedClaim.objects.update(amount=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        PassedClaim.objects.all()._raw_delete("default")


def test_staff_find_what_passed_and_who_owes_it(contract, invoice, suzuki, make_staff, signed_in, clock):
    passes(contract, suzuki, "merger", clock)
    clerk = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    listed = clerk.get(reverse("admin:billing_invoice_changelist"), {"state": "passed_on"})
    assert list(listed.context["cl"].result_list) == [invoice]
    shown = clerk.get(reverse("admin:billing_invoice_change", args=[invoice.pk])).content.decode()
    assert suzuki.name in shown

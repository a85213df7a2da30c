"""What counts as paid on a claim stays: corrections add rows, and what was known on a day stays known."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.adjustments.charges_and_credits import charge_late_interest
from billing.documents.einvoice import einvoice
from billing.invoicing.corrections import cancel_invoice, reissue_invoice
from billing.invoicing.returns import return_lines
from billing.models import BankTransaction, CreditBalance, CreditEntry, Invoice, Payment
from billing.receivables.allocation import allocate, take_back
from billing.receivables.balances import late_charge_on, overdue_on
from billing.receivables.claims import sums_that_differ
from billing.receivables.late.ageing import Ageing
from billing.receivables.payments import record_payment
from billing.receivables.set_offs import set_off
from billing.runs.bill import bill
from billing.statements.content import statement
from portal.organisations.models import Organisation
from tests.approving import approved
from tests.billing_scene import OCTOBER, load_priced_service, make_contract
from tests.documents.jp_pint import problems
from tests.receivables_scene import bank_account, came_in, entry
from tests.scenes import at, staff_member

ISSUED_ON = date(2026, 10, 10)


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(at("2026-10-20"), tick=False) as travelling:
        yield travelling


@pytest.fixture
def service(clock):
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service, organisation, user):
    return make_contract(service, organisation, user, "C26-000001", {"line": 10})


@pytest.fixture
def invoice(service, contract) -> Invoice:
    """50,000 yen and tax: 55,000 yen, due on 2026-10-31."""
    bill(service.provider, OCTOBER, ISSUED_ON)
    return Invoice.objects.get()


@pytest.fixture
def staff():
    return staff_member()


def of_day(organisation: Organisation, provider, day: date):
    """What a statement up to a day states, but for the day on which it was made."""
    document = statement(provider, organisation, date(2026, 10, 1), day)
    return {key: document[key] for key in ("opening", "movements", "closing", "open_items", "credit")}


def test_what_was_paid_in_time_is_paid_in_time_on_what_replaces_it(contract, invoice, staff, clock):
    record_payment(invoice, date(2026, 10, 20), 55_000, "bank-1", staff)
    clock.move_to(at("2026-11-20"))
    contract.items.update(quantity=12)

    issued = reissue_invoice(invoice, "回線数の誤り", staff, approval=approved("invoice_reissue"))

    issued.refresh_from_db()
    assert (issued.gross, issued.paid, issued.open_amount) == (66_000, 55_000, 11_000)
    carried = issued.payments.get()
    assert (carried.paid_on, carried.reference, carried.continues.invoice) == (
        date(2026, 10, 20),
        "bank-1",
        invoice,
    )
    assert not CreditEntry.objects.exists()
    # Nothing on what was paid in time; what is new is due with November's charges:
    # 11,000 × 14.5 % × 24 ÷ 365 = 104.8…
    assert (issued.due_on, issued.open_due_on) == (date(2026, 10, 31), date(2026, 11, 30))
    assert late_charge_on(issued, date(2026, 11, 30)).interest == 0
    assert late_charge_on(issued, date(2026, 12, 25)).interest == 104
    assert list(overdue_on(date(2026, 11, 30))) == []
    assert list(sums_that_differ()) == []


def test_what_was_due_stays_due_on_its_day_and_what_is_new_is_due_later(contract, invoice, staff, clock):
    clock.move_to(at("2026-11-20"))
    record_payment(invoice, date(2026, 11, 10), 15_000, "bank-1", staff)
    contract.items.update(quantity=12)

    issued = reissue_invoice(invoice, "回線数の誤り", staff, approval=approved("invoice_reissue"))

    issued.refresh_from_db()
    assert (issued.added, issued.added_due_on, issued.open_amount) == (11_000, date(2026, 11, 30), 51_000)
    assert issued.document["added"] == {"amount": 11_000, "due_on": "2026-11-30"}
    assert "2026年11月30日" in issued.document["notes"][-1]["ja"]
    assert problems(einvoice(issued.document)) == []
    (row,) = Ageing(date(2026, 11, 30))
    assert (row.amounts["to_30"], row.amounts["not_due"]) == (40_000, 11_000)
    # 15,000 × 14.5 % × 9 ÷ 365 = 53.6…; 40,000 × 14.5 % × 60 ÷ 365 = 953.4…; 11,000 × … × 30 = 131.0…
    assert late_charge_on(issued, date(2026, 12, 31)).interest == 53 + 953 + 131
    record_payment(issued, date(2026, 11, 20), 40_000, "bank-2", staff)
    issued.refresh_from_db()
    assert (issued.open_amount, issued.open_due_on) == (11_000, date(2026, 11, 30))


def test_what_is_replaced_twice_keeps_its_days(contract, invoice, staff, clock):
    record_payment(invoice, date(2026, 10, 20), 55_000, "bank-1", staff)

    def reissued(day: str, quantity: int) -> Invoice:
        clock.move_to(at(day))
        contract.items.update(quantity=quantity)
        standing = Invoice.objects.charging().get()
        reissue_invoice(standing, "回線数の誤り", staff, approval=approved("invoice_reissue"))
        return Invoice.objects.charging().get()

    larger = reissued("2026-11-20", 12)
    a_little_less = reissued("2026-12-10", 11)
    assert (a_little_less.added, a_little_less.added_due_on) == (5_500, larger.added_due_on)
    assert (a_little_less.payments.get().paid_on, a_little_less.open_amount) == (date(2026, 10, 20), 5_500)
    larger_still = reissued("2026-12-11", 13)
    assert (larger_still.added, larger_still.added_due_on) == (16_500, date(2026, 12, 31))
    smaller = reissued("2026-12-12", 9)
    assert (smaller.added, smaller.open_amount, smaller.paid) == (0, 0, 49_500)
    assert CreditBalance.objects.get().amount == 5_500
    assert list(sums_that_differ()) == []


def test_late_interest_is_charged_once_for_a_claim_whatever_replaces_its_document(
    contract, invoice, staff, clock
):
    clock.move_to(at("2026-11-20"))
    record_payment(invoice, date(2026, 11, 20), 55_000, "bank-1", staff)
    charge_late_interest(invoice, staff, approval=approved("late_interest"))
    issued = reissue_invoice(invoice, "宛名の変更", staff, approval=approved("invoice_reissue"))
    with pytest.raises(ValidationError, match=invoice.number):
        charge_late_interest(issued, staff, approval=approved("late_interest"))


def test_nothing_is_issued_in_place_where_nothing_is_charged_and_all_stays(contract, invoice, staff):
    record_payment(invoice, date(2026, 10, 20), 55_000, "bank-1", staff)
    contract.items.all().delete()
    with pytest.raises(ValidationError):
        reissue_invoice(invoice, "課金の誤り", staff, approval=approved("invoice_reissue"))
    invoice.refresh_from_db()
    assert (invoice.is_cancelled, invoice.paid) == (False, 55_000)


def test_what_goes_beyond_what_replaces_it_becomes_credit(contract, invoice, staff):
    record_payment(invoice, date(2026, 10, 20), 55_000, "bank-1", staff)
    contract.items.update(quantity=8)
    issued = reissue_invoice(invoice, "回線数の誤り", staff, approval=approved("invoice_reissue"))
    issued.refresh_from_db()
    assert (issued.paid, issued.open_amount, CreditBalance.objects.get().amount) == (44_000, 0, 11_000)


def test_what_was_paid_in_time_on_a_cancelled_invoice_is_in_time_by_a_set_off_too(
    service, invoice, staff, clock
):
    record_payment(invoice, date(2026, 10, 20), 55_000, "bank-1", staff)
    clock.move_to(at("2026-11-20"))
    cancel_invoice(invoice, "請求の誤り", staff, approval=approved("invoice_cancellation"))
    bill(service.provider, OCTOBER, date(2026, 11, 20))
    set_off(CreditBalance.objects.get(), date(2026, 11, 20), staff, approval=approved("set_off"))
    issued = Invoice.objects.charging().get()
    assert (issued.open_amount, issued.payments.get().paid_on) == (0, issued.due_on)
    assert late_charge_on(issued, date(2026, 11, 20)).interest == 0


def test_a_matched_entry_is_taken_back_of_what_replaces_its_invoice_too(
    service, contract, invoice, staff, organisation
):
    (stored,) = came_in(bank_account(service.provider), entry(55_000))
    allocate(stored, {invoice.number: 55_000}, None)
    issued = reissue_invoice(invoice, "宛名の変更", staff, approval=approved("invoice_reissue"))
    take_back(stored, "別の契約者", staff)
    issued.refresh_from_db()
    assert (issued.open_amount, CreditBalance.objects.count()) == (55_000, 0)


def test_a_return_leaves_the_earlier_payment_and_its_statements_as_they_were(
    invoice, staff, organisation, clock
):
    record_payment(invoice, date(2026, 10, 20), 55_000, "bank-1", staff)
    clock.move_to(at("2026-11-15"))
    before = of_day(organisation, invoice.provider, date(2026, 10, 31))
    return_lines(invoice, {0: 5_000}, "過請求", staff, approval=approved("return"))

    assert of_day(organisation, invoice.provider, date(2026, 10, 31)) == before
    assert before["closing"] == 0
    november = statement(invoice.provider, organisation, date(2026, 11, 1), date(2026, 11, 30))
    assert november["opening"] == 0
    assert [(line["text"], line["charge"], line["paid"]) for line in november["movements"]] == [
        ("ご返還", -5_500, 0),
        ("ご入金の充当の取消し", 0, -5_500),
        ("過入金（お預かり）", 0, 5_500),
    ]
    assert (november["closing"], november["credit"]) == (-5_500, 5_500)
    first = Payment.objects.get(reference="bank-1", takes_back=None)
    assert (first.amount, Payment.objects.standing().get().left) == (55_000, 49_500)


def test_what_is_recorded_later_names_its_day_and_is_in_later_statements_only(
    invoice, organisation, staff, clock
):
    clock.move_to(at("2026-11-02"))
    record_payment(invoice, date(2026, 10, 31), 55_000, "bank-1", staff)
    assert of_day(organisation, invoice.provider, date(2026, 10, 31))["closing"] == 55_000
    (movement,) = statement(invoice.provider, organisation, date(2026, 11, 1), date(2026, 11, 2))["movements"]
    assert (movement["day"], movement["text"]) == ("2026-11-02", "ご入金（2026-10-31付）")


def test_nothing_recorded_is_changed_or_deleted(invoice, staff):
    record_payment(invoice, date(2026, 10, 20), 56_000, "bank-1", staff)
    for rows in (Payment.objects.all(), CreditEntry.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(amount=1)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete("default")


def test_a_reference_stays_used_after_its_invoice_is_cancelled(service, invoice, staff, contract):
    record_payment(invoice, date(2026, 10, 20), 55_000, "bank-1", staff)
    cancel_invoice(invoice, "請求の誤り", staff, approval=approved("invoice_cancellation"))
    bill(service.provider, OCTOBER, date(2026, 10, 20))
    with pytest.raises(ValidationError) as refused:
        record_payment(Invoice.objects.charging().get(), date(2026, 10, 20), 1, "bank-1", staff)
    assert "reference" in refused.value.message_dict
    assert CreditBalance.objects.get().amount == 55_000


def test_the_database_finds_what_is_overdue_by_an_index(invoice):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # few rows are read faster without an index
        plan = overdue_on(date(2026, 11, 1)).values("pk").explain()
    assert "invoice_open" in plan


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["paid", "returned", "reissued", "matched", "taken back", "set off"]),
        st.integers(1, 60_000),
    ),
    min_size=1,
    max_size=7,
)


@given(happenings=HAPPENINGS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_statement_of_a_day_stays_whatever_happens_later(
    invoice, contract, staff, organisation, clock, happenings
):
    with transaction.atomic():
        account = bank_account(invoice.provider)
        day, stated = date(2026, 11, 1), {}
        for place, (what, amount) in enumerate(happenings):
            clock.move_to(at(f"{day:%Y-%m-%d}"))
            _happen(what, amount, place, account, contract, staff, organisation)
            stated[day] = of_day(organisation, invoice.provider, day)
            day += timedelta(days=1)
        for then, document in stated.items():
            assert of_day(organisation, invoice.provider, then) == document
            opened = sum(item["open_amount"] for item in document["open_items"])
            assert opened - document["credit"] == document["closing"]
        assert list(sums_that_differ()) == []
        transaction.set_rollback(True)


def _happen(what, amount, place, account, contract, staff, organisation) -> None:
    """One event of a day; what can't be is refused and leaves everything as it was."""
    current = Invoice.objects.charging().get()
    earlier = date(2026, 10, 15) + timedelta(days=amount % 15)
    refused = (ValidationError, BankTransaction.DoesNotExist, CreditBalance.DoesNotExist)
    with suppress(*refused), transaction.atomic():
        match what:
            case "paid":
                record_payment(current, earlier, amount, f"ref-{place}", staff)
            case "returned":
                return_lines(current, {0: amount}, "過請求", staff, approval=approved("return"))
            case "reissued":
                contract.items.update(quantity=1 + amount % 12)
                reissue_invoice(current, "数量の誤り", staff, approval=approved("invoice_reissue"))
            case "matched":
                (stored,) = came_in(account, entry(amount, inquiry_number=str(place), booked_on=earlier))
                allocate(stored, {current.number: min(amount, current.open_amount)}, organisation)
            case "taken back":
                take_back(BankTransaction.objects.filter(status="settled").latest("pk"), "誤り", staff)
            case "set off":
                set_off(CreditBalance.objects.get(), earlier, approval=approved("set_off"))

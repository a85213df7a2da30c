"""What comes in, where it goes, and what is kept for the customer: nothing is lost, nothing counts twice."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from billing.models import BankImport, BankTransaction, CreditBalance, Invoice, PayerName, Payment, SetOff
from billing.receivables.allocation import allocate, match_certain, park, release, take_back
from billing.receivables.balances import late_charge_on
from billing.receivables.bank.imports import import_file, preview_file
from billing.receivables.claims import lower
from billing.receivables.credits import free_overpaid
from billing.receivables.payments import record_payment
from billing.receivables.set_offs import preview_set_off, set_off
from billing.runs.bill import bill
from portal.audit.models import AuditEntry
from portal.organisations.operations import OrganisationDetails, create_organisation
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import PAID_ON, bank_account, came_in, deposits, entry
from tests.scenes import staff_member

Status = BankTransaction.Status


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def account(service):
    return bank_account(service.provider)


@pytest.fixture
def invoices(service, organisation, user) -> list[Invoice]:
    """11,000 yen and 22,000 yen, due on 2026-10-31."""
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    make_contract(service, organisation, user, "C26-000002", {"line": 4})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return list(Invoice.objects.order_by("number"))


@pytest.fixture
def strict(db, organisation, user) -> Invoice:
    """An invoice under terms that count less than invoiced as not paid."""
    service = load_priced_service("simpleconnect")
    product = service.price_lists.get().prices.prices[0].product
    make_contract(service, organisation, user, "C26-000003", {product: 1})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get(provider=service.provider)


def open_amounts() -> list[int]:
    return list(Invoice.objects.order_by("number").values_list("open_amount", flat=True))


def credit(organisation) -> int:
    balance = CreditBalance.objects.filter(organisation=organisation).first()
    if balance is None:
        return 0
    assert balance.amount == sum(balance.entries.values_list("amount", flat=True))
    return balance.amount


def test_a_file_is_previewed_without_storing_anything(account):
    preview = preview_file(account, deposits(account, entry(100), entry(200)))
    assert (len(preview.new), preview.total, preview.known) == (2, 300, 0)
    assert not BankImport.objects.exists()


def test_the_same_file_is_refused(account):
    content = deposits(account, entry(100))
    import_file(account, "a.txt", content)
    with pytest.raises(ValidationError) as refused:
        import_file(account, "again.txt", content)
    assert refused.value.code == "imported_before"
    assert BankTransaction.objects.count() == 1


def test_an_entry_in_two_files_is_taken_once(account):
    import_file(account, "monday.txt", deposits(account, entry(100, inquiry_number="1")))
    both = deposits(account, entry(100, inquiry_number="1"), entry(100, inquiry_number="2"))
    assert import_file(account, "tuesday.txt", both).known == 1
    assert BankTransaction.objects.count() == 2


def test_two_alike_payments_in_one_file_are_two(account):
    alike = [entry(100), entry(100)]
    assert len(came_in(account, *alike)) == 2
    again = import_file(account, "later.txt", deposits(account, *alike, entry(5)))
    assert (again.known, BankTransaction.objects.count()) == (2, 3)


def test_the_same_money_in_another_kind_of_file_is_parked(account):
    came_in(account, entry(100, inquiry_number="7"))
    import_file(account, "03.txt", deposits(account, entry(100, inquiry_number="9"), transactions=True))
    assert list(BankTransaction.objects.order_by("pk").values_list("status", flat=True)) == ["open", "parked"]


def test_what_went_out_is_counted_and_not_stored(account):
    content = deposits(account, entry(100), entry(440, incoming=False), transactions=True)
    assert import_file(account, "03.txt", content).outgoing == 1
    assert BankTransaction.objects.get().amount == 100


def test_a_cancelled_deposit_is_parked(account):
    (stored,) = came_in(account, entry(100, cancelled=True))
    assert stored.status == Status.PARKED


@pytest.mark.parametrize("content", [b"", b"hello", "日付,摘要\n1,2".encode("cp932")])
def test_a_file_that_cannot_be_read_leaves_nothing(account, content):
    with pytest.raises(ValidationError):
        import_file(account, "x.csv", content)
    assert not BankImport.objects.exists()


def test_a_wrong_total_is_named_with_its_line(account):
    content = deposits(account, entry(100)).replace(b"8000001", b"8000002")
    with pytest.raises(ValidationError, match="3"):
        import_file(account, "x.txt", content)


def test_a_file_of_another_account_is_refused(account):
    other = replace_number(account, "7654321")
    with pytest.raises(ValidationError) as refused:
        import_file(account, "x.txt", deposits(other, entry(1)))
    assert refused.value.code == "other_account"


def replace_number(account, number):
    account_copy = type(account).objects.get(pk=account.pk)
    account_copy.account_number = number
    return account_copy


def test_a_banks_csv_comes_in_by_its_columns(account):
    rows = '日付,摘要,入金,出金\n2026/11/12,ｶ)ﾐﾅﾄｼﾖｳｼﾞ,"1,000",\n'
    import_file(account, "a.csv", rows.encode("cp932"))
    stored = BankTransaction.objects.get()
    assert (stored.amount, stored.booked_on, stored.payer) == (1000, PAID_ON, "ｶ)ﾐﾅﾄｼﾖｳｼﾞ")


def test_what_leaves_no_doubt_is_matched(account, invoices):
    came_in(account, entry(11_000), entry(5), entry(22_000, "ﾀﾞﾚｶ", reference=invoices[1].number))
    result = match_certain(account.provider)
    assert (result.matched, result.waiting) == (2, 1)
    assert open_amounts() == [0, 0]
    assert AuditEntry.objects.filter(action="bank_entry.matched").count() == 2


def test_the_same_amount_twice_pays_the_invoice_once(account, invoices):
    came_in(account, entry(11_000), entry(11_000))
    assert match_certain(account.provider).matched == 1
    assert match_certain(account.provider).matched == 0
    assert open_amounts() == [0, 22_000]


def test_one_amount_pays_several_invoices_in_parts(account, invoices, organisation):
    (stored,) = came_in(account, entry(15_000))
    allocate(stored, {invoices[0].number: 11_000, invoices[1].number: 4_000}, None)
    assert open_amounts() == [0, 18_000]
    stored.refresh_from_db()
    assert (stored.status, stored.allocated) == (Status.SETTLED, 15_000)


def test_what_is_paid_too_much_is_the_customers_credit(account, invoices, organisation):
    (stored,) = came_in(account, entry(12_000))
    with pytest.raises(ValidationError) as refused:
        allocate(stored, {invoices[0].number: 11_000}, None)
    assert "credit_to" in refused.value.message_dict
    allocate(stored, {invoices[0].number: 11_000}, organisation)
    assert (open_amounts(), credit(organisation)) == ([0, 22_000], 1_000)


@pytest.mark.parametrize("part", [-1, 11_001])
def test_no_more_than_is_open_is_paid(account, invoices, part):
    (stored,) = came_in(account, entry(50_000))
    with pytest.raises(ValidationError):
        allocate(stored, {invoices[0].number: part}, None)
    assert not Payment.objects.exists()


def test_no_more_is_paid_than_came_in(account, invoices):
    (stored,) = came_in(account, entry(10_000))
    with pytest.raises(ValidationError):
        allocate(stored, {invoices[0].number: 11_000}, None)


def test_an_unknown_invoice_is_refused(account, invoices):
    (stored,) = came_in(account, entry(10))
    with pytest.raises(ValidationError, match="CD-2026-999999"):
        allocate(stored, {"CD-2026-999999": 10}, None)


def test_an_entry_is_matched_once(account, invoices):
    (stored,) = came_in(account, entry(11_000))
    allocate(stored, {invoices[0].number: 11_000}, None)
    with pytest.raises(ValidationError) as refused:
        allocate(stored, {invoices[1].number: 11_000}, None)
    assert refused.value.code == "other_status"
    assert open_amounts() == [0, 22_000]


def test_less_than_invoiced_pays_nothing_under_such_terms(strict, organisation):
    account = bank_account(strict.provider)
    short, rest = came_in(account, entry(strict.gross - 440), entry(440))
    assert match_certain(account.provider).matched == 0
    allocate(short, {}, organisation)
    assert open_amounts() == [strict.gross]
    allocate(rest, {}, organisation)
    set_off(CreditBalance.objects.get(), PAID_ON, approval=approved("set_off"))
    assert (open_amounts(), credit(organisation)) == ([0], 0)


def test_entered_payments_keep_the_rule_too(strict, organisation):
    receipt = record_payment(strict, PAID_ON, strict.gross - 1, "b-1")
    assert (receipt.payment, receipt.credit) == (None, strict.gross - 1)
    with pytest.raises(ValidationError):
        record_payment(strict, PAID_ON, strict.gross - 1, "b-1")
    assert (open_amounts(), credit(organisation)) == ([strict.gross], strict.gross - 1)


def test_an_entered_payment_beyond_what_is_open_becomes_credit(invoices, organisation):
    receipt = record_payment(invoices[0], PAID_ON, 11_500, "b-1")
    assert receipt.payment is not None
    assert (receipt.payment.amount, credit(organisation)) == (11_000, 500)
    with pytest.raises(ValidationError):
        record_payment(invoices[0], PAID_ON, 1, "b-2")


def test_a_payers_other_name_is_recognised_next_time(account, invoices):
    first, second = came_in(account, entry(11_000, "ｵﾔｶﾞｲｼﾔ"), entry(22_000, "ｵﾔｶﾞｲｼﾔ"))
    assert match_certain(account.provider).matched == 0
    allocate(first, {invoices[0].number: 11_000}, None)
    assert PayerName.objects.get().name == "ｵﾔｶﾞｲｼﾔ"
    second.refresh_from_db()
    assert match_certain(account.provider).matched == 1


def test_a_match_is_taken_back(account, invoices, organisation):
    (stored,) = came_in(account, entry(12_000))
    allocate(stored, {invoices[0].number: 11_000}, organisation)
    take_back(stored, "wrong customer", staff_member())
    assert (open_amounts(), credit(organisation)) == ([11_000, 22_000], 0)
    assert list(Payment.objects.order_by("pk").values_list("amount", flat=True)) == [11_000, -11_000]
    assert not Payment.objects.standing().exists()
    allocate(stored, {invoices[0].number: 11_000}, organisation)
    assert (open_amounts(), credit(organisation)) == ([0, 22_000], 1_000)
    take_back(stored, "again", staff_member())
    assert credit(organisation) == 0


def test_credit_that_is_used_cannot_be_taken_back(account, invoices, organisation):
    (stored,) = came_in(account, entry(12_000))
    allocate(stored, {invoices[0].number: 11_000}, organisation)
    set_off(CreditBalance.objects.get(), PAID_ON, approval=approved("set_off"))
    with pytest.raises(ValidationError) as refused:
        take_back(stored, "wrong", staff_member())
    assert refused.value.code == "credit_used"
    assert open_amounts() == [0, 21_000]


def test_parked_money_is_not_lost(account, invoices):
    (stored,) = came_in(account, entry(11_000))
    with pytest.raises(ValidationError):
        park(stored, " ", staff_member())
    park(stored, "ﾌﾘｶｴ total of the direct debit", staff_member())
    assert match_certain(account.provider) == type(match_certain(account.provider))(0, 0)
    release(stored, staff_member())
    assert match_certain(account.provider).matched == 1


def test_set_off_pays_what_is_alike_in_proportion(account, invoices, organisation):
    (stored,) = came_in(account, entry(15_000))
    allocate(stored, {}, organisation)
    made = set_off(CreditBalance.objects.get(), PAID_ON, staff_member(), approval=approved("set_off"))
    assert (made.amount, open_amounts(), credit(organisation)) == (15_000, [6_000, 12_000], 0)
    assert made.document["basis"].endswith("第27条第1項・第27条第2項")
    with pytest.raises(ValidationError):
        set_off(CreditBalance.objects.get(), PAID_ON, approval=approved("set_off"))


def test_set_off_pays_the_invoices_that_are_named(account, invoices, organisation):
    (stored,) = came_in(account, entry(15_000))
    allocate(stored, {}, organisation)
    chosen = [invoices[1].number]
    plan = preview_set_off(CreditBalance.objects.get(), PAID_ON, chosen)
    assert [(share.number, share.amount) for share in plan.shares] == [(invoices[1].number, 15_000)]
    assert open_amounts() == [11_000, 22_000], "a preview stores nothing"
    set_off(CreditBalance.objects.get(), PAID_ON, staff_member(), chosen, approval=approved("set_off"))
    assert open_amounts() == [11_000, 7_000]
    record_payment(invoices[1], PAID_ON, 7_000, "b-1")
    with pytest.raises(ValidationError) as refused:
        set_off(CreditBalance.objects.get(), PAID_ON, staff_member(), chosen, approval=approved("set_off"))
    assert "invoices" in refused.value.message_dict


def test_set_off_works_back_to_the_day_on_which_both_sides_were_due(account, invoices, organisation):
    early = date(2026, 10, 20)
    (stored,) = came_in(account, entry(11_000, booked_on=early))
    allocate(stored, {}, organisation)
    set_off(
        CreditBalance.objects.get(),
        PAID_ON,
        staff_member(),
        [invoices[0].number],
        approval=approved("set_off"),
    )
    payment = Payment.objects.get()
    assert (payment.paid_on, payment.amount) == (invoices[0].due_on, 11_000)
    assert late_charge_on(invoices[0], PAID_ON).interest == 0
    (item,) = SetOff.objects.get().document["items"]
    assert item["effective_on"] == "2026-10-31"


def test_the_database_itself_refuses_half_allocations_and_negative_credit(account, organisation):
    (stored,) = came_in(account, entry(100))
    with pytest.raises(IntegrityError), transaction.atomic():
        BankTransaction.objects.filter(pk=stored.pk).update(status="settled", allocated=99)
    balance = CreditBalance.objects.create(provider=account.provider, organisation=organisation)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditBalance.objects.filter(pk=balance.pk).update(amount=-1)


def test_kanji_in_an_accounts_holder_are_named(service):
    with pytest.raises(ValidationError) as refused:
        bank_account(service.provider, holder="株式会社見本", bank_code="12345")
    assert set(refused.value.message_dict) == {"holder", "bank_code"}


def test_another_customers_invoices_can_be_paid_too(account, invoices, service, make_user):
    other = make_user("jiro@other.example")
    details = OrganisationDetails(
        name="有限会社べつ", postal_code="100-0001", address="東京都", phone="03", invoice_email="a@b.example"
    )
    theirs = create_organisation(other, details)
    make_contract(service, theirs, other, "C26-000009", {"line": 2})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    number = Invoice.objects.get(organisation=theirs).number
    (stored,) = came_in(account, entry(22_000))
    allocate(stored, {invoices[0].number: 11_000, number: 11_000}, None)
    assert open_amounts() == [0, 22_000, 0]
    assert not PayerName.objects.exists()


def returned(invoice: Invoice, gross: int) -> Invoice:
    """A return of an amount of an invoice."""
    own = ("id", "open_amount")
    values = {
        field.name: getattr(invoice, field.name) for field in Invoice._meta.fields if field.name not in own
    }
    amounts = {
        "net": gross,
        "tax": 0,
        "gross": gross,
        "run": None,
        "sequence": 1,
        "number": "CD-R2026-000001",
    }
    changed = {"kind": "return", "original": invoice, "pdf": "", "pdf_hash": ""}
    lower(invoice, -gross)
    return Invoice.objects.create(**{**values, **amounts, **changed})


def test_what_was_returned_is_not_open(invoices, organisation):
    returned(invoices[1], -2_000)
    assert open_amounts() == [11_000, 20_000, 0]


def test_nothing_is_open_of_a_cancelled_invoice(account, invoices):
    Invoice.objects.filter(pk=invoices[0].pk).update(cancelled_on=PAID_ON, cancel_reason="wrong")
    (stored,) = came_in(account, entry(11_000, reference=invoices[0].number))
    assert open_amounts() == [0, 22_000]
    assert match_certain(account.provider).matched == 0
    with pytest.raises(ValidationError):
        allocate(stored, {invoices[0].number: 11_000}, None)
    with pytest.raises(ValidationError):
        record_payment(invoices[0], PAID_ON, 11_000, "b-1")
    stored.refresh_from_db()
    assert stored.status == Status.OPEN


def test_what_was_paid_on_a_cancelled_invoice_becomes_credit(account, invoices, organisation):
    record_payment(invoices[0], PAID_ON, 11_000, "b-1")
    Invoice.objects.filter(pk=invoices[0].pk).update(cancelled_on=PAID_ON, cancel_reason="wrong")
    with transaction.atomic():
        assert free_overpaid(invoices[0], PAID_ON) == 11_000
        assert free_overpaid(invoices[0], PAID_ON) == 0
    assert credit(organisation) == 11_000


def test_a_return_frees_what_was_paid_too_much(account, invoices, organisation):
    (stored,) = came_in(account, entry(22_000, reference=invoices[1].number))
    assert match_certain(account.provider).matched == 1
    returned(invoices[1], -2_000)
    with transaction.atomic():
        assert free_overpaid(invoices[1], PAID_ON) == 2_000
    assert (open_amounts(), credit(organisation)) == ([11_000, 0, 0], 2_000)
    assert [payment.left for payment in Payment.objects.standing()] == [20_000]
    take_back(stored, "wrong", staff_member())
    assert (open_amounts(), credit(organisation)) == ([11_000, 20_000, 0], 0)

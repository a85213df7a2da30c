"""The pages of receivables: who may open what, and that they go through the operations."""

from datetime import date
from io import BytesIO

import pdfplumber
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.correspondence.letter_pdfs import draw_letter, kept_pdf
from billing.models import (
    BankAccount,
    BankTransaction,
    CreditBalance,
    DebitMandate,
    DirectDebitBatch,
    Invoice,
    Payment,
    Reminder,
    SetOff,
)
from billing.receivables.allocation import allocate, take_back
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.direct_debits import request_debit, request_file
from billing.receivables.reminders import issue_reminder
from billing.receivables.set_offs import set_off
from billing.runs.bill import bill
from billing.tasks import draw_letters, look_for_work
from contracts.models import ContractParticular
from portal.organisations.operations import create_organisation
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from portal.outbox.worker import send_these
from tests.approving import approve_it, approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import ACCOUNT, PAID_ON, answered, bank_account, came_in, deposits, entry
from tests.scenes import at, staff_member

IMPORT = reverse("admin:billing_bankimport_import_bank_file")
MATCH_ALL = reverse("admin:billing_banktransaction_match_all")
AGEING = reverse("admin:billing_reminder_ageing_list")
REMIND = reverse("admin:billing_reminder_issue_reminders")
DEBIT = reverse("admin:billing_directdebitbatch_request_debit")
ADD_ACCOUNT = reverse("admin:billing_bankaccount_add_account")
ADD_MANDATE = reverse("admin:billing_debitmandate_add_mandate")
LIST = reverse("billing:invoice-list")


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(at("2026-11-16"), tick=False):
        yield


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def account(service):
    return bank_account(service.provider)


@pytest.fixture
def invoice(service, organisation, user) -> Invoice:
    """11,000 yen, due on 2026-10-31."""
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


@pytest.fixture
def credited(account, invoice, organisation) -> CreditBalance:
    """1,000 yen paid beyond the invoice."""
    (stored,) = came_in(account, entry(12_000))
    allocate(stored, {invoice.number: 11_000}, organisation)
    return CreditBalance.objects.get()


@pytest.fixture
def accountant(make_staff, signed_in):
    return signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))


@pytest.fixture
def manager(make_staff):
    return make_staff("buchou@provider.example", StaffRole.MANAGER)


@pytest.fixture
def customer(user, organisation, signed_in):
    return signed_in(user)


@pytest.fixture
def stranger(make_user, details, signed_in):
    other = make_user("taro@other.example")
    create_organisation(other, details)
    return signed_in(other)


def upload(content: bytes, name: str = "meisai.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as pages:
        return "".join("".join(page.extract_text().split()) for page in pages.pages)


def test_a_file_is_previewed_and_then_imported(account, accountant):
    content = deposits(account, entry(11_000))
    shown = accountant.post(IMPORT, {"account": account.pk, "file": upload(content), "preview": "1"})
    (preview,) = shown.context["preview"]
    assert preview.total == 11_000
    assert not BankTransaction.objects.exists()
    kept = {name: shown.context["form"][name].value() for name in ("account", "content", "file_name")}

    response = accountant.post(IMPORT, {**kept, "confirm": "1"})
    assert response.status_code == 302
    assert BankTransaction.objects.get().bank_import.file_name == "meisai.txt"

    again = accountant.post(IMPORT, {**kept, "confirm": "1"})
    assert again.context["form"].errors
    assert BankTransaction.objects.count() == 1


def test_the_account_of_a_file_need_not_be_chosen(account, accountant):
    rows = "日付,摘要,入金\n2026/11/12,前月繰越,\n2026/11/12,ｶ)ﾐﾅﾄｼﾖｳｼﾞ,\\500\n".encode("cp932")
    shown = accountant.post(IMPORT, {"account": "", "file": upload(rows), "preview": "1"})
    page = shown.content.decode()
    assert str(account) in page
    assert "2行目 前月繰越" in page
    kept = {name: shown.context["form"][name].value() for name in ("content", "file_name")}
    accountant.post(IMPORT, {**kept, "account": "", "confirm": "1"})
    assert BankTransaction.objects.get().account == account


@pytest.mark.parametrize("page", [IMPORT, REMIND, DEBIT])
def test_nothing_can_be_confirmed_before_the_preview(account, invoice, accountant, page):
    content = accountant.get(page).content
    assert b'name="preview"' in content
    assert b'name="confirm"' not in content


def test_a_broken_file_is_named_line_by_line(account, accountant):
    broken = deposits(account, entry(1)).replace(b"8000001", b"8000009")
    page = accountant.post(IMPORT, {"account": account.pk, "file": upload(broken), "preview": "1"})
    assert len(page.context["form"].non_field_errors()) == 1
    assert not BankTransaction.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"content": "%%%"}, {"file": upload(b"x" * 1_500_001)}])
def test_no_file_or_one_too_large_is_refused(account, accountant, sent):
    page = accountant.post(IMPORT, {"account": account.pk, "preview": "1", **sent})
    assert "file" in page.context["form"].errors


def test_certain_entries_are_matched_by_a_button(account, invoice, accountant):
    came_in(account, entry(11_000), entry(7))
    accountant.post(MATCH_ALL, {"confirm": "1"})
    assert Payment.objects.get().amount == 11_000


def test_an_entry_is_matched_by_hand(account, invoice, organisation, accountant):
    (stored,) = came_in(account, entry(12_000))
    page = reverse("admin:billing_banktransaction_match", args=[stored.pk])
    shown = accountant.get(page)
    assert shown.context["form"][f"part_{invoice.pk}"].initial == 11_000
    accountant.post(page, {f"part_{invoice.pk}": "１１，０００", "credit_to": organisation.pk})
    assert (Payment.objects.get().amount, CreditBalance.objects.get().amount) == (11_000, 1_000)


def test_what_cannot_be_matched_stays_in_the_form(account, invoice, accountant):
    (stored,) = came_in(account, entry(500))
    page = reverse("admin:billing_banktransaction_match", args=[stored.pk])
    wrong = accountant.post(page, {f"part_{invoice.pk}": "600"})
    assert wrong.context["form"].errors
    half = accountant.post(page, {"other_number": invoice.number})
    assert "other_amount" in half.context["form"].errors
    assert not Payment.objects.exists()
    accountant.post(page, {"other_number": invoice.number, "other_amount": "500"})
    assert Payment.objects.get().amount == 500


def test_an_entry_is_parked_taken_up_and_taken_back(account, invoice, accountant):
    (stored,) = came_in(account, entry(11_000))

    def act(name: str, data: dict[str, str]) -> BankTransaction:
        accountant.post(reverse(f"admin:billing_banktransaction_{name}", args=[stored.pk]), data)
        return BankTransaction.objects.get()

    assert act("park", {"note": "interest"}).status == "parked"
    assert act("release", {"confirm": "1"}).status == "open"
    assert act("match", {f"part_{invoice.pk}": "11000"}).status == "settled"
    assert act("take_back", {"note": "wrong"}).status == "open"


def test_an_account_is_added_and_changed_by_two_people(service, accountant, make_staff):
    second = make_staff("buchou@provider.example", StaffRole.MANAGER)
    values = {name: value for name, value in ACCOUNT.items() if name != "csv_columns"}
    csv = {"encoding": "cp932", "rows_before": "0", "column_day": "日付", "column_payer": "摘要"}
    data = {"provider": service.provider.pk, **values, **csv}
    wrong = accountant.post(ADD_ACCOUNT, {**data, "confirm": "1"})
    assert "column_day" in wrong.context["form"].errors
    accountant.post(ADD_ACCOUNT, {**data, "column_incoming": "入金", "confirm": "1"})
    approve_it(second)
    stored = BankAccount.objects.get()
    assert (stored.bank_code, stored.csv_columns["incoming"]) == ("0001", "入金")

    change = reverse("admin:billing_bankaccount_change_account", args=[stored.pk])
    assert accountant.get(change).context["form"]["column_incoming"].value() == "入金"
    accountant.post(change, {**data, "holder": "ベツメイギ", "column_day": "", "column_payer": ""})
    approve_it(second)
    stored.refresh_from_db()
    assert (stored.holder, stored.csv_columns) == ("ﾍﾞﾂﾒｲｷﾞ", {})


def test_a_direct_debit_from_mandate_to_result(organisation, user, accountant, manager, db):
    service = load_priced_service("simpleconnect")
    product = service.price_lists.get().prices.prices[0].product
    make_contract(service, organisation, user, "C26-000001", {product: 1}, payment_method="debit")
    bill(service.provider, OCTOBER, ISSUE_DAY)
    account = bank_account(service.provider)
    mandate = {
        name: value for name, value in ACCOUNT.items() if name not in ("csv_columns", "consignor_code")
    }
    chosen = {"provider": service.provider.pk, "organisation": organisation.pk, "on": "2026-10-01"}
    accountant.post(ADD_MANDATE, {**mandate, **chosen, "confirm": "1"})
    assert DebitMandate.objects.get().organisation == organisation

    asked = {"account": account.pk, "debit_on": "2026-11-27"}
    assert len(accountant.post(DEBIT, asked).context["preview"].lines) == 1
    accountant.post(DEBIT, {**asked, "confirm": "1"})
    assert not DirectDebitBatch.objects.exists()
    approve_it(manager)
    batch = DirectDebitBatch.objects.get()
    response = accountant.get(reverse("billing:debit-request", args=[batch.pk]))
    assert response.content == request_file(batch)
    assert response["Content-Disposition"] == 'attachment; filename="debit-20261127.txt"'

    results = reverse("admin:billing_directdebitbatch_take_results", args=[batch.pk])
    refused = accountant.post(results, {"file": upload(b"nonsense"), "confirm": "1"})
    assert refused.context["form"].non_field_errors()
    accountant.post(results, {"file": upload(answered(batch, "0")), "confirm": "1"})
    assert Payment.objects.get().kind == "debit"


def test_reminders_are_previewed_and_issued(invoice, accountant):
    shown = accountant.post(REMIND, {"preview": "1"})
    assert shown.context["preview"]["total"] == 11_000
    assert not Reminder.objects.exists()
    accountant.post(REMIND, {"confirm": "1"})
    assert Reminder.objects.get().step == 1


def test_a_reminder_that_is_sent_again_names_the_address_to_which_it_goes(invoice, accountant):
    accountant.post(REMIND, {"confirm": "1"})
    send_these(Mail.objects.all())
    ContractParticular.objects.create(
        contract=invoice.contract, key="invoice_email", value="keiri@n.example", starts_on=date(2026, 11, 16)
    )
    again = reverse("admin:billing_reminder_send_again", args=[Reminder.objects.get().pk])
    assert "keiri@n.example" in accountant.get(again).content.decode()
    accountant.post(again)
    send_these(Mail.objects.all())
    assert Reminder.objects.get().sent_to == "keiri@n.example"


def test_no_page_waits_for_the_letter_of_a_reminder(invoice, accountant, customer, monkeypatch):
    """A worker draws it. Meanwhile the reminder is there, and its pages say what it waits for."""
    with monkeypatch.context() as requests:
        requests.setattr("billing.documents.letters.write_pdf", drawn_within_a_request)
        accountant.post(REMIND, {"confirm": "1"})
        reminder = Reminder.objects.get()
        detail = reverse("admin:billing_reminder_change", args=[reminder.pk])
        assert "PDF（作成中）" in accountant.get(detail).content.decode()
        address = reverse("billing:reminder-pdf", args=[reminder.pk])
        waiting = customer.get(address)
        assert (waiting.status_code, "現在作成中です" in waiting.content.decode()) == (404, True)
        assert address not in customer.get(reverse("billing:invoice-list")).content.decode()
    look_for_work()
    assert customer.get(address).content.startswith(b"%PDF")
    assert address in accountant.get(detail).content.decode()
    assert address in customer.get(reverse("billing:invoice-list")).content.decode()


def test_a_letter_that_cannot_be_drawn_stops_no_other(account, invoice, organisation, caplog, monkeypatch):
    reminder = issue_reminder(invoice.provider, organisation, date(2026, 11, 16))
    (stored,) = came_in(account, entry(12_000))
    allocate(stored, {invoice.number: 11_000}, organisation)
    bill(invoice.provider, OCTOBER + 1, date(2026, 11, 16))
    made = set_off(CreditBalance.objects.get(), PAID_ON, approval=approved("set_off"))

    def draw(letter):
        if letter == reminder:
            raise KeyError("items")
        draw_letter(letter)

    monkeypatch.setattr("billing.tasks.draw_letter", draw)
    draw_letters()
    assert kept_pdf(SetOff.objects.get(pk=made.pk))
    assert f"The letter billing.Reminder {reminder.pk} could not be drawn." in caplog.text


def drawn_within_a_request(*page, **how):
    raise AssertionError("a page waited for a drawing")


def test_the_ageing_list_names_amounts_and_grounds(invoice, accountant):
    page = accountant.get(AGEING)
    assert page.context["total"] == 11_000
    (row,) = page.context["ground_rows"]
    assert row["invoice"] == invoice
    assert "article-16-2" in page.content.decode()


def test_the_staffs_first_page_says_what_waits(account, invoice, accountant):
    came_in(account, entry(5))
    waiting = {
        entry.model: entry.count for entry in accountant.get(reverse("admin:index")).context["waiting"]
    }
    assert waiting["billing.banktransaction"] == 1
    assert waiting["billing.reminder"] == 1


def test_credit_is_set_off_after_a_look_at_what_against_what(credited, service, accountant, manager):
    bill(service.provider, OCTOBER + 1, date(2026, 11, 16))
    page = reverse("admin:billing_creditbalance_set_off", args=[credited.pk])
    number = Invoice.objects.get(open_amount__gt=0).number
    shown = accountant.post(page, {"on": "2026-11-16", "invoices": [number]})
    assert (number, "未払額11,000円のうち1,000円（2026年11月16日に効力）") in shown.context["preview"]
    assert not SetOff.objects.exists()
    accountant.post(page, {"on": "2026-11-16", "invoices": [number], "confirm": "1"})
    assert not SetOff.objects.exists()
    approve_it(manager)
    made = SetOff.objects.get()
    assert made.amount == 1_000
    draw_letter(made)
    pdf = accountant.get(reverse("billing:set-off-pdf", args=[made.pk]))
    assert "1,000円" in text_of(pdf.content)


def test_credit_that_covers_an_invoice_waits_for_staff(credited, service, organisation, user, accountant):
    def waiting() -> dict[str, int]:
        entries = accountant.get(reverse("admin:index")).context["waiting"]
        return {entry.model: entry.count for entry in entries}

    listed = reverse("admin:billing_creditbalance_changelist") + "?covers=invoice"
    bill(service.provider, OCTOBER + 1, date(2026, 11, 16))  # 11,000 yen, and 1,000 of credit
    assert waiting().get("billing.creditbalance", 0) == 0
    assert len(accountant.get(listed).context["cl"].result_list) == 0
    (more,) = came_in(BankAccount.objects.get(), entry(10_000))
    allocate(more, {}, organisation)
    assert waiting()["billing.creditbalance"] == 1
    assert list(accountant.get(listed).context["cl"].result_list) == [credited]


def test_less_than_all_is_kept_for_its_invoice_and_both_see_it(user, organisation, accountant, customer):
    strict = load_priced_service("simpleconnect")
    product = strict.price_lists.get().prices.prices[0].product
    make_contract(strict, organisation, user, "C26-000003", {product: 1})
    bill(strict.provider, OCTOBER, ISSUE_DAY)
    short = Invoice.objects.get(provider=strict.provider)
    page = reverse("admin:billing_invoice_record_payment", args=[short.pk])
    given = {"paid_on": "2026-11-12", "amount": str(short.gross - 440), "reference": "b-1"}
    answer = accountant.post(page, given, follow=True)
    assert f"残額の入金まで{short.number}のためのお預かり" in answer.content.decode()
    seen = customer.get(reverse("billing:invoice-detail", args=[short.number]))
    assert seen.context["row"].kept == short.gross - 440
    assert "全額がそろうまでのお預かり" in seen.content.decode()
    assert seen.context["row"].missing == 440
    assert "全額に足りない額" in seen.content.decode()

    balance = CreditBalance.objects.get()
    accountant.post(reverse("admin:billing_creditbalance_release", args=[balance.pk]))
    assert customer.get(reverse("billing:invoice-detail", args=[short.number])).context["row"].kept == 0


MODELS = ["bankaccount", "bankimport", "banktransaction", "debitmandate", "creditbalance", "reminder"]


@pytest.fixture
def everything(account, invoice, organisation, credited):
    """One of each, for lists and details."""
    matched = BankTransaction.objects.get()
    take_back(matched, "wrong", staff_member())
    issue_reminder(invoice.provider, organisation, date(2026, 11, 16))
    mandate = {name: ACCOUNT[name] for name in ACCOUNT if name not in ("csv_columns", "consignor_code")}
    save_mandate(account.provider, organisation, mandate, None, date(2026, 11, 1))
    allocate(matched, {invoice.number: 11_000}, organisation)
    credited.refresh_from_db()
    make = make_contract(
        invoice.contract.service, organisation, organisation.members.get(), "C26-9", {"line": 1}
    )
    bill(invoice.provider, OCTOBER + 1, date(2026, 11, 16))
    assert make.invoices.exists()
    set_off(credited, PAID_ON, approval=approved("set_off"))
    draw_letters()


@pytest.mark.parametrize("model", [*MODELS, "setoff"])
def test_every_list_and_detail_opens_and_edits_nothing(everything, accountant, model):
    listed = accountant.get(reverse(f"admin:billing_{model}_changelist"))
    assert listed.status_code == 200
    row = listed.context["cl"].queryset.first()
    detail = accountant.get(reverse(f"admin:billing_{model}_change", args=[row.pk]))
    assert detail.status_code == 200
    assert b'name="_save"' not in detail.content


@pytest.mark.parametrize("role", [StaffRole.BILLING, StaffRole.MANAGER])
@pytest.mark.parametrize("page", [IMPORT, MATCH_ALL, AGEING, REMIND, DEBIT, ADD_ACCOUNT, ADD_MANDATE])
def test_billing_and_managers_may(account, make_staff, signed_in, role, page):
    assert signed_in(make_staff("staff@provider.example", role)).get(page).status_code == 200


@pytest.mark.parametrize("role", [StaffRole.RECEPTION, StaffRole.TERMS])
@pytest.mark.parametrize("page", [IMPORT, MATCH_ALL, AGEING, REMIND, DEBIT, ADD_ACCOUNT, ADD_MANDATE])
def test_other_roles_may_not(account, make_staff, signed_in, role, page):
    client = signed_in(make_staff("staff@provider.example", role))
    assert client.get(page).status_code == 403
    assert client.post(page, {"confirm": "1"}).status_code == 403


def letters(organisation) -> list[str]:
    """The addresses of the customer's letters."""
    return [
        reverse("billing:reminder-pdf", args=[Reminder.objects.get().pk]),
        reverse("billing:set-off-pdf", args=[SetOff.objects.get().pk]),
    ]


def test_customers_get_their_letters_and_nobody_elses(everything, organisation, customer, stranger, client):
    for address in letters(organisation):
        response = customer.get(address)
        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF")
        assert stranger.get(address).status_code == 404
        assert client.get(address).status_code == 302


@pytest.mark.parametrize(
    ("role", "status"),
    [(StaffRole.BILLING, 200), (StaffRole.MANAGER, 200), (StaffRole.RECEPTION, 404), (StaffRole.TERMS, 404)],
)
def test_staff_get_letters_by_their_role(everything, organisation, make_staff, signed_in, role, status):
    client = signed_in(make_staff("staff@provider.example", role))
    addresses = [*letters(organisation), reverse("billing:statement-of", args=["CD", organisation.pk])]
    assert [client.get(address).status_code for address in addresses] == [status] * 3


def test_customers_may_not_open_staffs_files(account, invoice, organisation, customer):
    assert customer.get(reverse("billing:statement-of", args=["CD", organisation.pk])).status_code == 404
    assert customer.get(reverse("billing:debit-request", args=[1])).status_code == 404


def test_the_request_file_is_for_staff_who_debit(organisation, user, make_staff, signed_in, db):
    service = load_priced_service("simpleconnect")
    product = service.price_lists.get().prices.prices[0].product
    make_contract(service, organisation, user, "C26-000001", {product: 1}, payment_method="debit")
    bill(service.provider, OCTOBER, ISSUE_DAY)
    mandate = {name: ACCOUNT[name] for name in ACCOUNT if name not in ("csv_columns", "consignor_code")}
    save_mandate(service.provider, organisation, mandate, None, date(2026, 11, 1))
    batch = request_debit(
        bank_account(service.provider), date(2026, 11, 27), approval=approved("direct_debit")
    )
    address = reverse("billing:debit-request", args=[batch.pk])
    assert signed_in(make_staff("a@provider.example", StaffRole.RECEPTION)).get(address).status_code == 404
    assert signed_in(user).get(address).status_code == 404
    assert signed_in(make_staff("b@provider.example", StaffRole.MANAGER)).get(address).status_code == 200


def test_the_invoice_list_shows_balance_and_credit(everything, customer):
    page = customer.get(LIST)
    (account,) = page.context["accounts"]
    assert account.total == 11_000 + 2 * 5_500 - 1_000, "C26-9 owes October too, which nobody had billed"
    assert account.credit == 0
    assert len(page.context["letters"]) == 2
    assert "¥21,000" in page.content.decode()


def test_a_payment_taken_back_is_not_shown(account, invoice, customer):
    (stored,) = came_in(account, entry(11_000))
    allocate(stored, {invoice.number: 11_000}, None)
    address = reverse("billing:invoice-detail", args=[invoice.number])
    assert len(customer.get(address).context["payments"]) == 1
    take_back(stored, "wrong", staff_member())
    assert len(customer.get(address).context["payments"]) == 0

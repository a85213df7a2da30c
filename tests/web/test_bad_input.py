"""What can't be meant is refused at its field, in words, and nothing of it is kept."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from billing.adjustments.charges_and_credits import charge_surcharge
from billing.adjustments.damages import DamageReport, book_damages
from billing.calculation.prices import PriceListError
from billing.models import BankAccount, Deposit, SpecialPrice, UsageImport
from billing.pricing.special_prices import set_special_price
from billing.pricing.usage import import_usage
from billing.receivables.bank.imports import import_file
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.lifecycle.devices import replace_device
from contracts.models import ApplicationDraft, CompanyClosure, Contract, ContractRequest
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.registry import kind_of
from contracts.requests.what_if.asking import ask
from contracts.rules.calendar.period import Month
from contracts.rules.limits import FIRST_DAY, LARGEST_AMOUNT, LAST_DAY
from portal.organisations.models import Membership
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approved
from tests.billing_scene import add_price_list, load_priced_service
from tests.receivables_scene import bank_account
from tests.usage_files import csv_file, row, usage_file
from tests.web.application_pages import step_address

FAR = ("0001-01-01", "9999-12-31", "2200-01-01", "1899-12-31")
TOO_MUCH = LARGEST_AMOUNT + 1
NOW = "2026-11-20"
BASE = {
    "ct-e1": {"line": 2, "seat": 2},
    "partner-cloud-e": {"base": 1},
    "progoffice": {"user": 5},
    "simpleconnect": {"id": 1},
}


@pytest.fixture
def as_billing(staff, signed_in) -> Client:
    return signed_in(staff(StaffRole.BILLING))


@pytest.fixture
def as_manager(staff, signed_in) -> Client:
    return signed_in(staff(StaffRole.MANAGER))


# Days


@pytest.mark.parametrize("day", FAR)
def test_a_question_about_a_day_far_away_is_answered_at_the_field(contract, as_yamada, day):
    page = as_yamada.get(
        reverse("contracts:contract-what-if", args=[contract.number]),
        {"kind": "cancellation", "wanted_on": day},
    )
    assert page.status_code == 200
    assert "1900年から2199年までの日付" in page.content.decode()


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize("kind", ["add_option", "drop_item", "name", "cancellation", "succession"])
def test_nothing_is_asked_for_on_a_day_far_away(contract, as_yamada, kind, day):
    address = reverse("contracts:contract-request-new", args=[contract.number, kind])
    for action in ("confirm", "send", ""):
        page = as_yamada.post(address, {"wanted_on": day, "product": "line", "action": action})
        assert page.status_code in (200, 302)
        if page.status_code == 200:
            assert "1900年から2199年までの日付" in page.content.decode()
    assert not ContractRequest.objects.exists()


@pytest.mark.parametrize("slug", ["ct-e1", "partner-cloud-e", "progoffice", "simpleconnect"])
def test_the_rules_count_from_the_first_and_the_last_day_that_can_be_typed(slug, now):
    """The other kinds of deadlines go through the same calendars and months."""
    contract = scenes.running(load_priced_service(slug), BASE[slug], scenes.yamada())
    for day in (FIRST_DAY, LAST_DAY):
        for kind in ("cancellation", "quantity_up", "add_item"):
            more = {"product": next(iter(BASE[slug])), "quantity": 7} if kind != "cancellation" else {}
            try:
                ask(contract, kind, kind_of(kind).data(wanted_on=day, **more), scenes.at(NOW))
            except ValidationError:
                continue


def test_a_closure_far_away_is_refused_at_its_field(contract, as_reception):
    typed = {"provider": contract.service.provider.pk, "day": "9999-12-31", "note": "休業"}
    page = as_reception.post(reverse("admin:contracts_companyclosure_add"), typed)
    assert page.context["form"].errors.keys() == {"day"}
    assert not CompanyClosure.objects.exists()


# Signs that can't be stored


def test_a_draft_with_a_nul_is_refused_in_words_and_not_kept(ct_e1, as_yamada):
    page = as_yamada.post(step_address(ct_e1, "company"), {"address": "東京都\x00港区", "go": "later"})
    assert page.status_code == 400
    text = page.content.decode()
    assert "保存できない文字" in text
    assert "<h1>" in text
    assert not ApplicationDraft.objects.exists()


def test_a_nul_is_refused_in_names_and_values_of_fields(client):
    for typed in ({"login": "a\x00b"}, {"a\x00b": "login"}):
        assert client.post(reverse("account_login"), typed).status_code == 400


def test_half_a_character_is_refused(client):
    """It comes in where somebody declares another encoding."""
    body = b"login=%2B2AA-"
    page = client.generic(
        "POST", reverse("account_login"), body, "application/x-www-form-urlencoded; charset=utf-7"
    )
    assert page.status_code == 400


def test_a_cookie_that_can_t_be_read_is_none(client):
    client.cookies["sessionid"] = "a" * 20 + "\x00"
    client.cookies["messages"] = "\x00"
    client.cookies["django_language"] = "j\x00a"
    assert client.get(reverse("home")).status_code == 200


def test_files_are_left_as_they_are(application, as_yamada):
    address = reverse("contracts:application-documents", args=[application.number])
    file = SimpleUploadedFile("登記.pdf", b"%PDF-1.7\x00\n%%EOF\n")
    assert as_yamada.post(address, {"file": file}).status_code == 302
    assert application.documents.get().size == len(b"%PDF-1.7\x00\n%%EOF\n")


def test_a_usage_file_with_a_nul_is_refused_on_the_form(contract, as_billing):
    content = csv_file([row("a\x00", contract.number)])
    form = {"import_file": SimpleUploadedFile("calls.csv", content), "format": "0", "resource": ""}
    page = as_billing.post(reverse("admin:billing_usagerecord_import"), form)
    assert "import_file" in page.context["form"].errors


def test_a_usage_file_that_unfolds_to_millions_of_cells_is_refused_in_words(contract, as_billing):
    book, file = Workbook(), BytesIO()
    book.active["XFD1048576"] = 1
    book.save(file)
    form = {"import_file": SimpleUploadedFile("calls.xlsx", file.getvalue()), "format": "1", "resource": ""}
    page = as_billing.post(reverse("admin:billing_usagerecord_import"), form)
    (said,) = page.context["form"].errors["import_file"]
    assert "超えています" in said
    assert not UsageImport.objects.exists()


def test_a_bank_file_with_a_cell_that_never_ends_is_refused_in_words(contract):
    account = bank_account(contract.service.provider)
    account.csv_columns = {"encoding": "cp932", "day": "日付", "payer": "名義", "incoming": "入金"}
    with pytest.raises(ValidationError, match="引用符"):
        import_file(account, "rows.csv", '日付,名義,入金\r\n"'.encode("cp932") + b"a" * 140_000)


# Numbers


def test_room_for_one_more_successor_is_made_whatever_stood_in_the_form(contract, as_yamada):
    address = reverse("contracts:contract-request-new", args=[contract.number, "succession"])
    for total in ("①", "²", "-5", "9" * 5000, "", "abc"):
        page = as_yamada.post(address, {"successors-TOTAL_FORMS": total, "action": "add"})
        assert page.status_code == 200
        assert 'name="successors-TOTAL_FORMS" value="2"' in page.content.decode()


def test_a_form_without_its_counts_is_told_of_at_the_field(contract, as_yamada):
    address = reverse("contracts:contract-request-new", args=[contract.number, "succession"])
    for total in ("①", "-5"):
        typed = {"successors-TOTAL_FORMS": total, "successors-INITIAL_FORMS": total, "action": "send"}
        assert as_yamada.post(address, typed).status_code == 200
    assert not ContractRequest.objects.exists()


@pytest.mark.parametrize("quantity", ["1000001", "9" * 30, "9" * 5000])
def test_more_units_than_there_can_be_are_refused_at_the_field(contract, as_yamada, quantity):
    address = reverse("contracts:contract-request-new", args=[contract.number, "quantity_up"])
    typed = {"product": "line", "wanted_on": "2027-03-01", "quantity": quantity, "action": "send"}
    page = as_yamada.post(address, typed)
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"quantity"}


def test_the_operation_refuses_them_too(contract):
    data = ProductChangeData(product="line", wanted_on=scenes.day("2027-03-01"), quantity=1_000_001)
    with pytest.raises(ValidationError) as refused:
        scenes.ask(contract, "quantity_up", data, scenes.at("2026-11-20"))
    assert "quantity" in refused.value.message_dict
    assert not ContractRequest.objects.exists()


# Keys in forms of the admin


@pytest.mark.parametrize("key", ["abc", "①", "", "9" * 30])
def test_an_action_on_what_there_is_not_shows_the_list(contract, as_manager, key):
    address = reverse("admin:billing_invoice_changelist")
    page = as_manager.post(address, {"action": "download", "_selected_action": key})
    assert page.status_code == 302
    assert page.url == address


@pytest.mark.parametrize("key", ["abc", "①", "9" * 30])
def test_a_member_who_is_none_is_refused_at_the_field(yamada, as_manager, key):
    address = reverse("admin:organisations_organisation_change", args=[yamada.pk])
    fields = ("name", "kana", "corporate_number", "postal_code", "address", "phone", "invoice_email")
    counts = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    typed = {name: getattr(yamada, name) for name in fields}
    typed |= {f"memberships-{name}": count for name, count in counts.items()}
    page = as_manager.post(address, {**typed, "memberships-0-user": key, "memberships-0-role": "owner"})
    assert page.status_code == 200
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("initial", [0, -1, "①"])
def test_who_is_a_member_already_is_refused_at_the_field(yamada, as_manager, initial):
    """As when two colleagues add the same person at the same time."""
    address = reverse("admin:organisations_organisation_change", args=[yamada.pk])
    fields = ("name", "kana", "corporate_number", "postal_code", "address", "phone", "invoice_email")
    counts = {"TOTAL_FORMS": 1, "INITIAL_FORMS": initial, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    typed = {name: getattr(yamada, name) for name in fields}
    typed |= {f"memberships-{name}": count for name, count in counts.items()}
    member = scenes.owner_of(yamada).pk
    page = as_manager.post(address, {**typed, "memberships-0-user": member, "memberships-0-role": "owner"})
    assert page.status_code == 200
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("key", ["abc", "①", "9" * 30])
def test_a_group_that_there_is_not_is_refused_at_the_field(yamada, as_manager, key):
    member = scenes.owner_of(yamada)
    typed = {"email": member.email, "display_name": "花子", "is_active": "on", "groups": key}
    page = as_manager.post(reverse("admin:organisations_user_change", args=[member.pk]), typed)
    assert page.context["adminform"].form.errors.keys() == {"groups"}


def test_a_kept_bank_file_that_is_none_is_asked_for_again(contract, as_billing):
    page = as_billing.post(reverse("admin:billing_bankimport_import_bank_file"), {"content": "①"})
    assert page.status_code == 200


@pytest.mark.parametrize("key", ["abc", "①", "9" * 30])
def test_a_successor_who_is_none_is_refused_at_the_field(contract, as_reception, key):
    address = reverse("admin:contracts_contract_represent", args=[contract.pk])
    page = as_reception.post(address, {"other_successor": key, "on": "2026-11-20"})
    assert page.status_code == 200
    assert "other_successor" in page.context["form"].errors


# Amounts


def special_price(contract: Contract, price: object) -> dict[str, object]:
    return {
        "contract": contract.number,
        "product": "line",
        "unit_price": price,
        "starts_on": "2026-12-01",
        "reason": "値引き",
    }


@pytest.mark.parametrize("price", [TOO_MUCH, 10**18, 10**20])
def test_a_price_of_more_than_there_can_be_is_refused_at_the_field(contract, as_billing, price):
    address = reverse("admin:billing_specialprice_set_price")
    page = as_billing.post(address, special_price(contract, price))
    assert page.status_code == 200
    assert page.context["form"].errors["unit_price"] == ["金額は100,000,000,000円以下でご入力ください。"]
    assert not SpecialPrice.objects.exists()
    assert as_billing.post(address, special_price(contract, LARGEST_AMOUNT)).status_code == 302


def test_operations_refuse_amounts_that_nobody_pays(contract, now):
    staff, today = scenes.staff_member(), scenes.day("2026-11-20")
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    invoice = contract.invoices.get()
    devices = scenes.running(load_priced_service("simpleconnect"), {"id": 1}, scenes.suzuki())
    for field, enter in (
        (
            "unit_price",
            lambda: set_special_price(
                contract, "line", TOO_MUCH, today, "値引き", staff, approval=approved("special_price")
            ),
        ),
        ("amount", lambda: record_payment(invoice, today, TOO_MUCH, "A", staff)),
        (
            "evaded_net",
            lambda: charge_surcharge(contract, TOO_MUCH, "不正", staff, approval=approved("surcharge")),
        ),
        (
            "damage",
            lambda: book_damages(
                contract, DamageReport(today, TOO_MUCH, "gross"), "障害", staff, approval=approved("damages")
            ),
        ),
        (
            "list_price",
            lambda: replace_device(devices, staff, "sip-phone", today, TOO_MUCH, scenes.at("2026-11-20")),
        ),
    ):
        with pytest.raises(ValidationError) as refused:
            enter()
        assert field in refused.value.message_dict, field
    with pytest.raises(ValidationError) as refused:
        charge_surcharge(contract, LARGEST_AMOUNT, "不正", staff, approval=approved("surcharge"))
    assert refused.value.code == "too_large", "twice as much is more than an amount can be"
    assert not contract.adjustments.exists()


def test_the_database_holds_no_such_amount(contract):
    fields = {"contract": contract, "pay_by": scenes.day("2026-12-01"), "asked_on": scenes.day("2026-11-20")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Deposit.objects.create(amount=TOO_MUCH, **fields)
    assert Deposit.objects.create(amount=LARGEST_AMOUNT, **fields).pk


def test_a_price_list_of_such_prices_is_refused(contract):
    with pytest.raises(PriceListError, match="100000000000"):
        add_price_list(contract.service, scenes.day("2027-01-01"), {"line": TOO_MUCH})


def test_usage_of_more_than_there_can_be_is_refused_in_its_row(contract):
    rows = [row("a", contract.number, quantity=TOO_MUCH), row("b", contract.number, quantity="9" * 5000)]
    imported = import_usage(usage_file(rows), "usage.csv", scenes.staff_member())
    assert (imported.taken, imported.refused) == (0, 2)
    assert all("quantity_wrong" in refused.reasons for refused in imported.refused_rows.all())


def test_a_bank_file_of_such_an_amount_is_refused_with_its_row(contract):
    account = BankAccount.objects.create(
        provider=contract.service.provider,
        bank_code="0001",
        branch_code="001",
        account_kind="1",
        account_number="1234567",
        csv_columns={"encoding": "utf-8-sig", "day": "日付", "payer": "摘要", "incoming": "入金"},
    )
    for day, amount in (("2026/11/4", TOO_MUCH), ("0001/11/4", 1)):
        content = f"日付,摘要,入金\n{day},ﾔﾏﾀﾞ,{amount}\n".encode("utf-8-sig")
        with pytest.raises(ValidationError):
            import_file(account, "statement.csv", content, scenes.staff_member())
    assert not account.transactions.exists()


def test_an_invoice_larger_than_any_waits_with_its_reason(contract):
    Contract.objects.filter(pk=contract.pk).update(billed_from_on=scenes.day("2026-10-01"))
    contract.items.update(quantity=1_000_000)
    start = scenes.day("2026-10-01") - timedelta(days=1)
    SpecialPrice.objects.create(
        contract=contract,
        product="line",
        unit_price=LARGEST_AMOUNT,
        starts_on=start,
        reason="誤り",
        set_at=scenes.at("2026-10-01"),
        set_by=scenes.staff_member(),
    )
    result = bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    assert [(one.contract, "上限" in one.reason) for one in result.problems] == [(contract.number, True)]
    assert not contract.invoices.exists()

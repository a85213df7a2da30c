"""The history of an object: who did what to it and to what belongs to it, in sentences."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from billing.adjustments.charges_and_credits import withdraw_adjustment
from billing.models import Adjustment, Invoice
from billing.pricing.deciding import decide
from billing.receivables.bank.accounts import save_bank_account
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.applications.acceptance import deliver_acceptance
from contracts.applications.reviews import record_check
from contracts.lifecycle.suspensions import lift_suspension, suspend
from contracts.models import CompanyClosure, Contract, Service
from contracts.publishing.closures import save_closure
from contracts.requests.decide import accept_request
from contracts.rules.decision import Decision
from portal.audit.history import PAGE
from portal.audit.record import record
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approved
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service
from tests.receivables_scene import bank_account
from tests.scenes import at, day


@pytest.fixture
def contract(db) -> Contract:
    contract = scenes.running(load_priced_service("partner-cloud-e"), {"base": 2}, scenes.yamada())
    deliver_acceptance(contract, at("2026-09-10"))  # it is formed then
    contract.refresh_from_db()
    return contract


@pytest.fixture
def as_staff(make_staff, signed_in):
    def sign_in(role: StaffRole) -> Client:
        return signed_in(make_staff(f"{role.name.lower()}@provider.example", role))

    return sign_in


def costs_of(contract: Contract) -> Adjustment:
    """12,000 yen that a decision brought, for the next invoice."""
    version = contract.contracted_version
    kind, decision = Adjustment.Kind.COSTS, Decision(steps=())
    return decide(contract, kind, OCTOBER, 12_000, "standard", decision, version, scenes.staff_member(), None)


def history(client: Client, target) -> str:
    """The text of an object's history, as somebody reads it."""
    page = client.get(address(target))
    assert page.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(page.content.decode().partition("history-count")[2]))


def address(target, page: str = "history") -> str:
    return reverse(f"admin:{target._meta.app_label}_{target._meta.model_name}_{page}", args=[target.pk])


def test_the_button_of_a_contract_leads_to_its_whole_story(contract, as_staff):
    client = as_staff(StaffRole.MANAGER)
    assert address(contract) in client.get(address(contract, "change")).content.decode()
    request = scenes.cancel(contract, day("2026-12-31"), at("2026-11-02"))
    accept_request(request, scenes.staff_member(), at("2026-11-03"))
    bill(contract.service.provider, OCTOBER, ISSUE_DAY)
    invoice = Invoice.objects.get()
    record_payment(invoice, ISSUE_DAY, invoice.gross, "bank-7")

    page = history(client, contract)

    for sentence in (
        f"申込みを承諾しました（契約{contract.number}）。",
        "承諾の通知をお客さまに送信しました。",
        f"申請{request.number}（解約）を送信しました。",
        f"申請{request.number}（解約）を承諾しました。",
        f"入金{invoice.gross:,}円を記録しました。",
    ):
        assert sentence in page
    assert page.index("を承諾しました。") < page.index("（解約）を送信しました。")  # the latest first


def test_sentences_link_to_what_they_name(contract, as_staff):
    request = scenes.cancel(contract, day("2026-12-31"), at("2026-11-02"))
    page = as_staff(StaffRole.RECEPTION).get(address(contract)).content.decode()
    assert f'<a href="{address(request, "change")}">{request.number}</a>' in page


def test_a_request_is_told_of_though_its_entries_are_about_the_contract(contract, as_staff):
    request = scenes.cancel(contract, day("2026-12-31"), at("2026-11-02"))
    page = history(as_staff(StaffRole.RECEPTION), request)
    assert f"申請{request.number}（解約）を送信しました。" in page
    assert "承諾の通知" not in page


def test_a_suspension_tells_of_its_earlier_end(contract, as_staff):
    stop = suspend(
        contract,
        scenes.staff_member(),
        "breach",
        day("2026-11-20"),
        day("2026-12-20"),
        "調査",
    )
    lift_suspension(stop, scenes.staff_member(), day("2026-11-30"))
    page = history(as_staff(StaffRole.RECEPTION), stop)
    assert "サービスの利用を停止しました。" in page
    assert "2026年12月20日 → 2026年11月30日" in page


def test_an_invoice_tells_of_its_issue_and_its_payment(contract, as_staff):
    bill(contract.service.provider, OCTOBER, ISSUE_DAY)
    invoice = Invoice.objects.get()
    record_payment(invoice, ISSUE_DAY, invoice.gross, "bank-7")
    page = history(as_staff(StaffRole.BILLING), invoice)
    assert f"請求書1件（{invoice.number}～{invoice.number}）を発行しました。" in page
    assert f"入金{invoice.gross:,}円を記録しました。" in page


def test_a_charge_tells_of_its_withdrawal_with_the_reason(contract, as_staff):
    charge = costs_of(contract)
    withdraw_adjustment(
        charge, "計算の誤り", scenes.staff_member(), approval=approved("adjustment_withdrawal")
    )
    page = history(as_staff(StaffRole.BILLING), charge)
    assert "費用を決定しました（税抜12,000円）。" in page
    assert "計算の誤り" in page


def test_staff_without_rights_to_money_are_not_told_of_it(contract, as_staff):
    costs_of(contract)
    bill(contract.service.provider, OCTOBER, ISSUE_DAY)
    invoice = Invoice.objects.get()
    record_payment(invoice, ISSUE_DAY, invoice.gross, "bank-7")
    page = history(as_staff(StaffRole.RECEPTION), contract)
    assert "申込みを承諾しました" in page
    assert "費用" not in page and "入金" not in page


def test_the_history_of_a_customer_holds_all_that_was_done_for_them(contract, as_staff):
    page = history(as_staff(StaffRole.MANAGER), contract.organisation)
    assert "組織を登録しました。" in page
    assert "承諾の通知をお客さまに送信しました。" in page


def test_what_staff_change_of_a_customer_is_told_with_the_values_before(organisation, as_staff):
    client = as_staff(StaffRole.MANAGER)
    form = {
        **{
            field: getattr(organisation, field)
            for field in ("name", "kana", "corporate_number", "postal_code", "address", "invoice_email")
        },
        "phone": "03-9999-0000",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": organisation.memberships.get().pk,
        "memberships-0-organisation": organisation.pk,
        "memberships-0-user": organisation.memberships.get().user.pk,
        "memberships-0-role": "member",
    }
    before = organisation.phone
    assert client.post(address(organisation, "change"), form).status_code == 302
    page = history(client, organisation)
    assert "担当者が組織の情報を変更しました。" in page
    assert f"{before} → 03-9999-0000" in page
    assert organisation.memberships.get().is_owner


def test_a_closed_day_and_a_bank_account_tell_what_they_were_before(contract, as_staff):
    provider = contract.service.provider
    closure = save_closure(
        CompanyClosure(provider=provider, day=day("2026-12-28"), note="大掃除"),
        scenes.staff_member(),
        approval=approved("closure"),
    )
    closure.day, closure.note = day("2026-12-29"), "年末休業"
    save_closure(closure, scenes.staff_member(), approval=approved("closure"))
    account = bank_account(provider)
    changed = {name: getattr(account, name) for name in ("bank_code", "bank_name", "branch_code", "holder")}
    changed |= {name: getattr(account, name) for name in ("branch_name", "account_kind")}
    changed["account_number"] = "7654321"
    before = account.account_number
    save_bank_account(provider, changed, None, account, approval=approved("bank_account"))

    manager = as_staff(StaffRole.MANAGER)
    page = history(manager, closure)
    assert "2026年12月28日 → 2026年12月29日" in page
    assert "大掃除 → 年末休業" in page
    page = history(manager, account)
    assert f"{before} → 7654321" in page
    assert page.count("→") == 1


def test_a_check_made_again_tells_what_was_found_before(db, as_staff):
    applied = scenes.apply(load_priced_service("partner-cloud-e"), {"base": 2}, at("2026-09-10"))
    record_check(applied, scenes.staff_member(), "credit", "concern", "延滞あり", at("2026-09-11"))
    record_check(applied, scenes.staff_member(), "credit", "clear", "", at("2026-09-12"))
    page = history(as_staff(StaffRole.RECEPTION), applied)
    assert "問題あり → 問題なし" in page
    assert "延滞あり → （なし）" in page


def test_what_0_1_0_kept_of_a_change_names_the_fields(organisation, as_staff):
    changed = [{"changed": {"fields": ["Phone", "Address"]}}]
    record("organisation.changed", None, organisation, changes=changed)
    assert "変更した項目電話番号、住所" in history(as_staff(StaffRole.MANAGER), organisation)


def test_a_long_history_comes_in_pages(organisation, as_staff):
    for _ in range(PAGE):
        record("calendar.opened", None, organisation)
    client = as_staff(StaffRole.MANAGER)
    first = client.get(address(organisation))
    last = client.get(address(organisation) + "?page=2")
    assert first.content.decode().count("history__entry") == PAGE
    assert last.content.decode().count("history__entry") == 1
    assert client.get(address(organisation) + "?page=nonsense").status_code == 200


def test_a_longer_history_takes_no_more_queries(contract, as_staff, django_assert_max_num_queries):
    client = as_staff(StaffRole.MANAGER)
    for place in range(45):
        record("request.accepted", None, contract, number=f"R26-{place:06}", kind="cancellation")
    with django_assert_max_num_queries(45):
        client.get(address(contract))


def test_nobody_reads_the_history_of_what_they_may_not_see(contract, as_staff):
    bill(contract.service.provider, OCTOBER, ISSUE_DAY)
    client = as_staff(StaffRole.RECEPTION)
    assert client.get(address(Invoice.objects.get())).status_code == 403


def test_the_history_of_nothing_leads_back_with_a_message(contract, as_staff):
    gone = reverse("admin:contracts_contract_history", args=[contract.pk + 99])
    answer = as_staff(StaffRole.RECEPTION).get(gone, follow=True)
    assert answer.redirect_chain
    assert str(contract.pk + 99) in answer.content.decode()


def test_what_nothing_was_done_to_says_so(contract, as_staff):
    service = contract.service
    other = Service.objects.create(
        slug="new", provider=service.provider, names=service.names, summaries=service.summaries
    )
    assert "操作記録はまだありません。" in history(as_staff(StaffRole.TERMS), other)

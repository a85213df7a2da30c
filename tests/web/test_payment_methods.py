"""How a customer's contracts are paid: the method, what else the terms offer, the account that is debited."""

import pytest
from django.urls import reverse

from billing.models import DirectDebitBatch, DirectDebitLine
from billing.receivables.bank.accounts import save_mandate
from billing.runs.bill import bill
from tests import scenes
from tests.billing_scene import OCTOBER, load_priced_service, make_contract
from tests.member_scene import join, limited
from tests.receivables_scene import bank_account

PAGE = reverse("billing:invoice-payment-methods")
ACCOUNT = {
    "bank_code": "9995",
    "bank_name": "ミナトギンコウ",
    "branch_code": "012",
    "branch_name": "シバ",
    "account_kind": "1",
    "account_number": "0765432",
    "holder": "カ）ミナトシヨウジ",
}


@pytest.fixture
def contracts(db, organisation, user, settings, time_machine):
    time_machine.move_to(scenes.at("2026-11-20 10:00"), tick=False)
    settings.REQUEST_LIMITS = {}
    both, one = load_priced_service("simpleconnect"), load_priced_service("ct-e1")
    debited = make_contract(
        both, organisation, user, "C26-000001", {"id": 2}, billed_from=OCTOBER.first, payment_method="debit"
    )
    return debited, make_contract(one, organisation, user, "C26-000002", {"line": 1})


def test_each_contract_says_how_it_is_paid_and_how_far_a_debit_is_set_up(
    contracts, organisation, user, signed_in
):
    debited, _transferred = contracts
    owner, provider = signed_in(user), debited.service.provider
    page = owner.get(PAGE)
    transfer, debit = page.context["ways"]
    assert (transfer.method, list(transfer.offered), transfer.standing) == ("transfer", [], None)
    assert (debit.method, list(debit.offered), debit.standing) == ("debit", ["transfer"], "awaited")
    shown = page.content.decode()
    assert "口座の登録前" in shown and "口座振替依頼書をお送りください" in shown
    assert provider.on(scenes.day("2026-11-20")).email in shown

    mandate = save_mandate(provider, organisation, ACCOUNT, None, scenes.day("2026-11-01"))
    shown = owner.get(PAGE).content.decode()
    assert "口座登録済み" in shown and "口座番号の末尾432" in shown and "0765432" not in shown

    bill(provider, OCTOBER, scenes.day("2026-11-10"))
    asked = DirectDebitBatch.objects.create(
        account=bank_account(provider),
        debit_on=scenes.day("2026-11-18"),
        requested_at=scenes.at("2026-11-11"),
    )
    DirectDebitLine.objects.create(
        batch=asked, sequence=1, invoice=debited.invoices.get(), mandate=mandate, amount=1, result="1"
    )
    assert "前回の振替ができませんでした" in owner.get(PAGE).content.decode()


def test_the_account_is_not_for_who_sees_some_contracts_alone(contracts, organisation, signed_in):
    debited, _transferred = contracts
    save_mandate(debited.service.provider, organisation, ACCOUNT, None, scenes.day("2026-11-01"))
    member = join(organisation, limited(debited))
    shown = signed_in(member.user).get(PAGE).content.decode()
    assert "口座登録済み" in shown and "末尾" not in shown and "C26-000002" not in shown

"""会社情報: what customers see and change of their organisation, and a move that they report once."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from contracts.models import Contract, ContractRequest
from portal.organisations.models import ComingDetails, Organisation
from tests import scenes
from tests.web.request_pages import text_of

COMPANY, EDIT = reverse("contracts:company"), reverse("contracts:company-edit")
MOVE, RENAME = reverse("contracts:company-move"), reverse("contracts:company-rename")
TYPED = {
    "postal_code": "１０５００１１",
    "address": "東京都港区芝公園4-2-8",
    "phone": "03-0000-0000",
    "starts_on": "2026-12-10",
    "invoices": "stays",
}


@pytest.fixture
def contracts(ct_e1, simpleconnect, yamada) -> list[Contract]:
    return [
        scenes.running(ct_e1, {"line": 2, "seat": 5}, yamada),
        scenes.running(simpleconnect, {"id": 1}, yamada),
    ]


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"', page))


def previewed(client: Client, address: str, typed: dict[str, str]) -> str:
    reply = client.post(address, {**typed, "action": "confirm"})
    page = reply.content.decode()
    assert 'name="submission_key"' in page, text_of(reply)
    return page


def test_the_page_shows_the_organisation_and_what_each_contract_states(contracts, as_yamada, yamada):
    page = text_of(as_yamada.get(COMPANY))
    for said in (yamada.name, yamada.address, yamada.invoice_email, *(one.number for one in contracts)):
        assert said in page
    assert "契約の連絡担当者" in page or "契約担当者" in page


def test_a_move_is_shown_by_contract_with_deadline_and_article_and_then_sent(contracts, as_yamada):
    page = previewed(as_yamada, MOVE, TYPED)
    assert not ContractRequest.objects.exists()
    for said in ("2026年12月9日", "第12条第2項", *(one.number for one in contracts)):
        assert said in page
    reply = as_yamada.post(
        MOVE, {**hidden(page), "contract": [one.number for one in contracts], "action": "send"}, follow=True
    )
    sent = ContractRequest.objects.order_by("pk")
    assert {one.contract for one in sent} == set(contracts)
    assert all(one.number in text_of(reply) for one in sent)
    assert "2026年12月10日から" in text_of(reply)


def test_a_contract_that_is_not_chosen_is_left_as_it_is(contracts, as_yamada):
    page = previewed(as_yamada, MOVE, TYPED)
    as_yamada.post(MOVE, {**hidden(page), "contract": [contracts[0].number], "action": "send"})
    assert ContractRequest.objects.get().contract == contracts[0]


def test_sending_the_same_page_twice_reports_once(contracts, as_yamada):
    page = previewed(as_yamada, MOVE, {**TYPED, "starts_on": "2026-11-20"})
    for _time in range(2):
        typed = {**hidden(page), "contract": [one.number for one in contracts], "action": "send"}
        assert as_yamada.post(MOVE, typed).status_code == 302
    assert ContractRequest.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("postal_code", "105", "7桁"),
        ("address", "", "入力してください"),
        ("starts_on", "0001-01-01", "1900"),
        ("invoices", "", "選んでください"),
        ("phone", "x", "電話番号"),
    ],
)
def test_bad_input_is_answered_at_its_field_and_changes_nothing(field, value, said, contracts, as_yamada):
    reply = as_yamada.post(MOVE, {**TYPED, field: value, "action": "send"})
    assert reply.status_code == 200
    assert said in text_of(reply)
    assert not ContractRequest.objects.exists()


def test_without_a_change_nothing_is_offered_to_send(contracts, as_yamada, yamada):
    same = {"postal_code": yamada.postal_code, "address": yamada.address}
    reply = as_yamada.post(MOVE, {**TYPED, **same, "action": "confirm"})
    assert "変更される内容がありません" in text_of(reply) or "変わりません" in text_of(reply)


def test_the_address_is_looked_up_without_scripts(as_yamada):
    reply = as_yamada.post(MOVE, {**TYPED, "address": "", "look_up": ""})
    assert "東京都港区芝公園" in reply.content.decode()


def test_a_new_name_is_shown_with_the_proof_that_a_contract_asks_for(contracts, as_yamada):
    typed = {"name": "山田ホールディングス株式会社", "kana": "", "starts_on": "2026-12-10"}
    page = previewed(as_yamada, RENAME, typed)
    assert "第13条" in page
    as_yamada.post(RENAME, {**hidden(page), "contract": [one.number for one in contracts], "action": "send"})
    assert {one.proof_wanted for one in ContractRequest.objects.all()} == {True, False}


def test_the_email_address_for_invoices_changes_at_once(contracts, as_yamada, yamada):
    page = as_yamada.get(EDIT).content.decode()
    assert 'name="phone"' not in page
    reply = as_yamada.post(EDIT, {"kana": "やまだ", "invoice_email": "keiri@yamada.example"})
    assert reply.headers["Location"] == COMPANY
    yamada.refresh_from_db()
    assert (yamada.kana, yamada.invoice_email) == ("ヤマダ", "keiri@yamada.example")


def test_a_coming_move_of_others_does_not_exist(contracts, as_yamada, as_suzuki, yamada):
    coming = ComingDetails.objects.create(
        organisation=yamada,
        starts_on=scenes.day("2026-12-10"),
        details={"address": "東京都"},
        reported_by=scenes.owner_of(yamada),
    )
    address = reverse("contracts:company-drop", args=[coming.pk])
    assert as_suzuki.post(address).status_code == 404
    assert as_yamada.post(address).headers["Location"] == COMPANY
    assert not ComingDetails.objects.exists()


def test_the_menu_leads_to_the_page(as_yamada):
    assert f'href="{COMPANY}"' in as_yamada.get(reverse("home")).content.decode()


def test_a_customer_without_contracts_changes_everything_at_once(as_suzuki):
    page = previewed(as_suzuki, MOVE, {**TYPED, "starts_on": "2026-11-20"})
    as_suzuki.post(MOVE, {**hidden(page), "action": "send"})
    assert Organisation.objects.get(name="株式会社鈴木製作所").address == TYPED["address"]

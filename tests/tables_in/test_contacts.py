"""Tables of contacts: what the terms ask for, from today on, and told in the history of the contract."""

import pytest
import time_machine
from django.core.exceptions import ValidationError

from contracts.lifecycle.stated import enter_contacts
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_service
from tests.tables_scene import outcomes, reasons, shown, taken

TODAY = scenes.day("2026-11-20")


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(scenes.at("2026-11-20 10:00"), tick=False):
        yield


@pytest.fixture
def clerk(make_staff, contract):
    return make_staff("uketsuke@provider.example", StaffRole.RECEPTION)


@pytest.fixture
def contract(db):
    return scenes.running(load_service("ct-e1"), {"line": 1}, scenes.yamada())


def _row(contract, **cells):
    return [["contract", *cells], [contract.number, *cells.values()]]


def test_contacts_hold_from_the_day_on_which_the_table_is_taken_in(clerk, contract):
    before = contract.particulars_on(TODAY)["technical_contact"]
    rows = _row(contract, 技術担当者="ﾔﾏﾀﾞ 花子 03-1234-5678", fax="０３－１２３４－５６７９")
    table = taken("contacts", rows, clerk)
    assert outcomes(table) == ["changed"]
    contract.refresh_from_db()
    stated = contract.particulars_on(TODAY)
    assert (stated["technical_contact"], stated["fax"]) == ("ヤマダ 花子 03-1234-5678", "03-1234-5679")
    assert contract.particulars_on(scenes.day("2026-11-19"))["technical_contact"] == before
    assert outcomes(shown("contacts", rows, clerk)) == ["unchanged"]
    entry = AuditEntry.objects.get(action="contract.contacts_entered")
    assert set(entry.personal["particulars"]) == {"technical_contact", "fax"}
    assert entry.data == {}


def test_what_the_terms_do_not_ask_for_or_require_is_refused_at_its_cell(clerk, contract):
    table = shown("contacts", _row(contract, administrator="山田花子"), clerk)
    assert reasons(table) == ["サービスの管理者: この契約の届出事項ではありません。"]
    table = shown("contacts", _row(contract, emergency_contact=""), clerk)
    assert [one.partition(":")[0] for one in reasons(table)] == ["緊急連絡先"]
    table = shown("contacts", _row(contract, emergency_contact="山田😀"), clerk)
    assert "😀 (U+1F600)" in reasons(table)[0]
    table = shown("contacts", _row(contract, phone="内線"), clerk)
    assert outcomes(table) == ["refused"]


def test_contracts_of_others_and_ended_ones_are_refused(clerk, contract, make_staff):
    other = load_service("partner-cloud-e").provider
    stranger = make_staff("other@provider.example", StaffRole.MANAGER)
    table = shown("contacts", _row(contract, fax="03-1234-5678"), stranger, other)
    assert reasons(table) == ["契約番号: この番号の契約はありません。"]
    contract.ends_on, contract.end_kind = scenes.day("2026-10-31"), "cancelled"
    contract.save()
    table = shown("contacts", _row(contract, fax="03-1234-5678"), clerk, contract.service.provider)
    assert reasons(table) == ["この契約は終了しているため、連絡先は登録できません。"]


def test_nobody_enters_contacts_of_their_own_organisation(clerk, contract):
    with pytest.raises(ValidationError) as refused:
        enter_contacts(
            contract, {"fax": "03-1"}, scenes.owner_of(contract.organisation), scenes.at("2026-11-20")
        )
    assert refused.value.code == "own_request"

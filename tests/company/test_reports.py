"""A move, or a new name, reported once: each contract gets its own request, with its own deadline."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from contracts.applications.acceptance import deliver_acceptance
from contracts.models import Contract, ContractRequest
from contracts.requests.company.own import change_own_details
from contracts.requests.company.reported import Move, Rename
from contracts.requests.company.reports import plan, send_report
from contracts.requests.what_if.asking import ask
from portal.audit.models import AuditEntry
from portal.organisations.company.details import drop_coming, take_up_coming
from portal.organisations.models import ComingDetails, Organisation
from tests import scenes
from tests.billing_scene import load_service
from tests.scenes import at, day, grant, owner_of, suzuki, yamada

NEW = "東京都港区芝公園4-2-8"


def move(starts_on: str, **changed: str) -> Move:
    stated = {"postal_code": "105-0011", "address": NEW, "phone": "03-0000-0000"}
    return Move(starts_on=day(starts_on), **{**stated, **changed})


@pytest.fixture(scope="module")
def running(made_once) -> dict[str, Contract]:
    ordered = {
        "ct-e1": {"line": 2, "seat": 5},
        "partner-cloud-e": {"base": 1},
        "simpleconnect": {"id": 1},
        "progoffice": {"user": 3},
    }
    return {
        slug: formed(scenes.running(load_service(slug), held, yamada())) for slug, held in ordered.items()
    }


@pytest.fixture
def contracts(running, db) -> dict[str, Contract]:
    """One contract of each of four services, by slug."""
    return {slug: scenes.again(contract) for slug, contract in running.items()}


def formed(contract: Contract) -> Contract:
    """The contract, its acceptance having gone out where that forms it."""
    if contract.formed_on is None:
        deliver_acceptance(contract, at("2026-09-10"))
    return Contract.objects.get(pk=contract.pk)


def send(report: Move | Rename, moment: str, **more) -> list[ContractRequest]:
    organisation = yamada()
    return send_report(organisation, owner_of(organisation), report, at(moment), uuid4(), **more)


def stated(contract: Contract, key: str, on: str) -> str:
    return Contract.objects.get(pk=contract.pk).particulars_on(day(on)).get(key, "")


def test_a_move_reported_once_is_a_request_on_each_contract_with_its_own_deadline(contracts):
    sent = send(move("2026-12-10"), "2026-12-01")
    assert {one.contract.service.slug: one.decided.deadline_on for one in sent} == {
        "ct-e1": date(2026, 12, 9),
        "partner-cloud-e": date(2026, 12, 3),
        "simpleconnect": None,
        "progoffice": None,
    }
    assert {one.wanted_on for one in sent} == {day("2026-12-10")}
    assert {one.payload["particulars"]["address"] for one in sent} == {NEW}
    entry = AuditEntry.objects.get(action="organisation.reported")
    assert entry.data["requests"] == [one.number for one in sent]


def test_what_follows_is_shown_before_anything_is_sent(contracts):
    shown = plan(yamada(), move("2026-12-05"), at("2026-12-01"))
    found = {one.contract.service.slug: one for one in shown.planned}
    assert found["partner-cloud-e"].verdict.level == "warning"
    assert "遅れたために生じた不利益はお客様の負担です" in found["partner-cloud-e"].verdict.outcome
    assert found["partner-cloud-e"].verdict.articles[0].label.startswith("第10条")
    assert found["ct-e1"].verdict.level == "success"
    assert not ContractRequest.objects.exists()


def test_each_contract_states_the_new_address_as_its_terms_let_it(contracts):
    sent = send(move("2026-12-10"), "2026-12-01")
    assert stated(contracts["simpleconnect"], "address", "2026-12-10") == NEW
    assert stated(contracts["ct-e1"], "address", "2026-12-10") != NEW
    grant(next(one for one in sent if one.contract == contracts["ct-e1"]), at("2026-12-02"))
    assert stated(contracts["ct-e1"], "address", "2026-12-10") == NEW
    assert stated(contracts["ct-e1"], "address", "2026-12-09") == "東京都千代田区千代田1-1"


def test_the_organisation_itself_has_moved_from_its_day_on(contracts):
    send(move("2026-12-10"), "2026-12-01")
    assert yamada().address == "東京都千代田区千代田1-1"
    assert take_up_coming(day("2026-12-09")) == 0
    assert take_up_coming(day("2026-12-10")) == 1
    assert (yamada().address, yamada().postal_code) == (NEW, "105-0011")
    assert not ComingDetails.objects.exists()
    # What is not accepted yet goes on stating where the customer was.
    assert stated(contracts["ct-e1"], "address", "2026-12-10") == "東京都千代田区千代田1-1"


def test_a_move_of_today_holds_at_once(contracts):
    send(move("2026-12-01"), "2026-12-01")
    assert yamada().address == NEW


def test_the_address_for_invoices_moves_only_if_asked_for(contracts):
    send(move("2026-12-10"), "2026-12-01")
    assert not any("billing_address" in one.payload["particulars"] for one in ContractRequest.objects.all())
    moved = move("2026-12-11", address="東京都港区芝公園4-2-9", invoices_to="大阪府大阪市北区1-1 経理部")
    told = {one.contract.service.slug: one.payload["particulars"] for one in send(moved, "2026-12-01")}
    assert told["ct-e1"]["billing_address"] == "大阪府大阪市北区1-1 経理部"


def test_sending_twice_from_one_page_gives_the_same_requests(contracts):
    key, organisation = uuid4(), yamada()
    both = [
        send_report(organisation, owner_of(organisation), move("2026-12-01"), at("2026-12-01"), key)
        for _time in range(2)
    ]
    assert both[0] == both[1]
    assert ContractRequest.objects.count() == 4


def test_one_contract_that_refuses_keeps_everything_back(contracts, monkeypatch):
    contract, before = contracts["ct-e1"], AuditEntry.objects.count()

    def answer(asked, *about):
        if asked == contract:
            raise ValidationError("その日は届け出られません。")
        return ask(asked, *about)

    monkeypatch.setattr("contracts.requests.company.reports.ask", answer)
    with pytest.raises(ValidationError) as refused:
        send(move("2026-12-10"), "2026-12-01")
    assert refused.value.error_list[0].code == "not_possible"
    assert contract.number in refused.value.messages[0]
    assert not ContractRequest.objects.exists()
    assert not ComingDetails.objects.exists()
    assert AuditEntry.objects.count() == before


def test_contracts_can_be_left_out(contracts):
    left = contracts["progoffice"].number
    sent = send(move("2026-12-10"), "2026-12-01", without=[left])
    assert left not in {one.contract.number for one in sent}
    assert len(sent) == 3


def test_a_contract_made_after_the_move_takes_it_from_its_first_day(contracts):
    sent = send(move("2026-09-01"), "2026-12-01")
    assert {one.wanted_on for one in sent} == {one.contract.formed_on for one in sent}


def test_a_new_name_goes_by_the_procedure_of_each_contract(contracts):
    sent = send(Rename(starts_on=day("2026-12-10"), name="山田ホールディングス株式会社"), "2026-12-01")
    proofs = {one.contract.service.slug: one.proof_wanted for one in sent}
    assert proofs == {"ct-e1": True, "partner-cloud-e": False, "simpleconnect": False, "progoffice": False}
    take_up_coming(day("2026-12-10"))
    assert Organisation.objects.get(pk=contracts["ct-e1"].organisation_id).name.startswith(
        "山田ホールディングス"
    )
    names = {
        slug: Contract.objects.get(pk=one.pk).name_on(day("2026-12-10")) for slug, one in contracts.items()
    }
    assert names["ct-e1"] == "山田商事株式会社"
    assert names["simpleconnect"] == "山田ホールディングス株式会社"


def test_nothing_is_reported_where_nothing_changes(contracts):
    organisation = yamada()
    same = move("2026-12-10", postal_code=organisation.postal_code, address=organisation.address)
    with pytest.raises(ValidationError) as refused:
        send(same, "2026-12-01")
    assert refused.value.code == "no_change"


def test_others_report_nothing(contracts):
    with pytest.raises(ValidationError) as refused:
        send_report(yamada(), owner_of(suzuki()), move("2026-12-10"), at("2026-12-01"), uuid4())
    assert refused.value.code == "not_acting"


def test_a_coming_move_can_be_taken_back(contracts):
    send(move("2026-12-10"), "2026-12-01")
    coming = ComingDetails.objects.get()
    drop_coming(coming, owner_of(yamada()))
    assert take_up_coming(day("2026-12-10")) == 0
    assert yamada().address == "東京都千代田区千代田1-1"
    with pytest.raises(ValidationError) as gone:
        drop_coming(coming, owner_of(yamada()))
    assert gone.value.code == "gone"


def test_the_address_for_invoices_by_email_changes_at_once(contracts):
    organisation = yamada()
    change_own_details(
        organisation, owner_of(organisation), {"invoice_email": "keiri@yamada.example"}, at("2026-12-01")
    )
    assert yamada().invoice_email == "keiri@yamada.example"
    entry = AuditEntry.objects.get(action="organisation.details_changed")
    assert entry.personal["invoice_email"]["after"] == "keiri@yamada.example"


def test_a_number_that_the_terms_want_reported_does_not_change_at_once(contracts):
    organisation = yamada()
    with pytest.raises(ValidationError) as refused:
        change_own_details(organisation, owner_of(organisation), {"phone": "03-9999-9999"}, at("2026-12-01"))
    assert refused.value.error_dict["phone"][0].code == "to_be_reported"
    assert yamada().phone == "03-0000-0000"


@pytest.mark.django_db
def test_without_contracts_the_telephone_number_is_free():
    organisation = suzuki()
    change_own_details(organisation, owner_of(organisation), {"phone": "03-9999-9999"}, at("2026-12-01"))
    assert suzuki().phone == "03-9999-9999"

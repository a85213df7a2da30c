"""Succession, change of particulars, responsible persons: who the customer is from a day on."""

import pytest
from django.core.exceptions import ValidationError

from contracts.applications.acceptance import deliver_acceptance
from contracts.lifecycle.documents import attach_document
from contracts.models import Contract
from contracts.requests.decide import accept_request
from contracts.requests.kinds.reported import NameData, ParticularsData, ResponsiblePersonData
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.successors import Successor, name_representative
from portal.organisations.models import Organisation
from tests import scenes
from tests.scenes import PDF, accept, apply, at, day, owner_of, staff_member, suzuki, yamada


@pytest.fixture
def seats(ct_e1) -> Contract:
    application = apply(ct_e1, {"seat": 5, "line": 2}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


@pytest.fixture
def servers(partner_cloud, committing) -> Contract:
    application = apply(partner_cloud, {"base": 2}, at("2025-12-01"), wanted_start_on=day("2026-01-10"))
    return accept(application, at("2025-12-02"))


def successor(name: str) -> Successor:
    return Successor(
        name=name,
        postal_code="100-0002",
        address="東京都千代田区皇居外苑1-1",
        phone="03-0000-0009",
        email="soumu@successor.example",
    )


def succession(*names: str, representative: int | None = None, on: str = "2026-04-01") -> SuccessionData:
    return SuccessionData(
        wanted_on=day(on),
        cause="merger",
        successors=tuple(successor(name) for name in names),
        representative=representative,
    )


def proved(contract: Contract, data: SuccessionData):
    request = scenes.ask(contract, "succession", data, at("2026-04-10"))
    attach_document(request, owner_of(yamada()), "合併.pdf", PDF, at("2026-04-10"))
    return request


def test_one_successor_takes_the_customer_s_place_with_every_debt(seats):
    request = proved(seats, succession("新山田商事株式会社"))
    assert "succession.debts" in [step["rule"] for step in request.decision["steps"]]
    accept_request(request, staff_member(), at("2026-04-15"))

    seats.refresh_from_db()
    assert seats.organisation.name == "新山田商事株式会社"
    assert owner_of(seats.organisation) == owner_of(yamada()), "who reported it may act for the successor"
    party = seats.parties.get()
    assert (party.starts_on, party.named_by, party.cause) == (day("2026-04-01"), "customer", "merger")


def test_what_the_one_before_reported_of_itself_is_not_the_successor_s(seats):
    reported = {
        "name": "山田ホールディングス株式会社",
        "phone": "03-9999-9999",
        "billing_address": "山田ビル 経理部",
    }
    for key, value in reported.items():
        seats.particulars.create(key=key, value=value, starts_on=day("2026-02-01"))
    accept_request(proved(seats, succession("新山田商事株式会社")), staff_member(), at("2026-04-15"))

    fresh = Contract.objects.get(pk=seats.pk)
    assert [fresh.name_on(day(on)) for on in ("2026-01-31", "2026-03-31", "2026-04-01")] == [
        "山田商事株式会社",
        "山田ホールディングス株式会社",
        "新山田商事株式会社",
    ]
    assert fresh.particulars_on(day("2026-03-31"))["billing_address"] == "山田ビル 経理部"
    assert "billing_address" not in fresh.particulars_on(day("2026-04-01"))
    assert fresh.particulars_on(day("2026-04-01"))["phone"] == "03-9999-9999", "a contact of the contract"


def test_of_several_successors_the_named_one_represents_them(seats):
    request = proved(seats, succession("甲株式会社", "乙株式会社", representative=1))
    assert "succession.representative" in [step["rule"] for step in request.decision["steps"]]
    accept_request(request, staff_member(), at("2026-04-15"), successor=suzuki())

    seats.refresh_from_db()
    assert seats.organisation == suzuki(), "staff may name an organisation that is there"
    party = seats.parties.get()
    assert (party.representative, [one["name"] for one in party.successors]) == (
        1,
        ["甲株式会社", "乙株式会社"],
    )
    assert not Organisation.objects.filter(name="乙株式会社").exists()


def test_until_one_is_named_the_provider_picks_the_representative(seats):
    request = proved(seats, succession("甲株式会社", "乙株式会社"))
    with pytest.raises(ValidationError) as excinfo:
        accept_request(request, staff_member(), at("2026-04-15"))
    assert "representative" in excinfo.value.message_dict
    assert not seats.parties.exists()

    accept_request(request, staff_member(), at("2026-04-15"), representative=0)
    seats.refresh_from_db()
    assert (seats.organisation.name, seats.parties.get().named_by) == ("甲株式会社", "provider")

    name_representative(seats, staff_member(), 1, day("2026-05-01"))
    seats.refresh_from_db()
    assert seats.organisation.name == "乙株式会社"
    assert [party.named_by for party in seats.parties.all()] == ["provider", "customer"]
    with pytest.raises(ValidationError):
        name_representative(seats, staff_member(), 0, day("2026-04-30"))


def test_a_succession_is_reported_once_it_has_taken_place(seats):
    with pytest.raises(ValidationError) as excinfo:
        scenes.ask(seats, "succession", succession("甲株式会社", on="2026-05-01"), at("2026-04-10"))
    assert "wanted_on" in excinfo.value.message_dict


def test_a_transfer_passes_with_the_consent_not_before(servers):
    request = scenes.ask(servers, "succession", succession("甲株式会社"), at("2026-04-10"))
    accept_request(request, staff_member(), at("2026-04-20"))
    assert servers.parties.get().starts_on == day("2026-04-20")


def test_particulars_change_on_their_day_and_leave_the_days_before(servers):
    data = ParticularsData(
        wanted_on=day("2026-06-10"), particulars={"phone": "06-0000-0000", "address": "大阪市北区1-1"}
    )
    request = scenes.ask(servers, "particulars", data, at("2026-06-03"))
    accept_request(request, staff_member(), at("2026-06-04"))

    fresh = Contract.objects.get(pk=servers.pk)
    assert fresh.particulars_on(day("2026-06-09"))["phone"] == "記載例"
    assert fresh.particulars_on(day("2026-06-10"))["phone"] == "06-0000-0000"
    assert fresh.particulars_on(day("2026-06-10"))["address"] == "大阪市北区1-1"
    assert fresh.application.particulars["phone"] == "記載例", "the application stays as it was sent"


def test_a_report_that_comes_late_is_taken_all_the_same(servers):
    data = ParticularsData(wanted_on=day("2026-06-10"), particulars={"phone": "06-0000-0000"})
    late = scenes.ask(servers, "particulars", data, at("2026-06-09"))
    assert late.decision["deadline_on"] == "2026-06-03"
    accept_request(late, staff_member(), at("2026-06-12"))
    assert Contract.objects.get(pk=servers.pk).particulars_on(day("2026-06-10"))["phone"] == "06-0000-0000"


@pytest.mark.parametrize(
    ("particulars", "field"),
    [
        ({"fax": "03-0000-0000"}, "particular_fax"),
        ({"phone": ""}, "particular_phone"),
        ({"name": "新社名"}, "particular_name"),
        ({"responsible_person": " "}, "particular_responsible_person"),
    ],
)
def test_what_the_contract_does_not_state_or_needs_can_not_be_changed(servers, particulars, field):
    data = ParticularsData(wanted_on=day("2026-06-10"), particulars=particulars)
    with pytest.raises(ValidationError) as excinfo:
        scenes.ask(servers, "particulars", data, at("2026-05-01"))
    assert list(excinfo.value.message_dict) == [field]


def test_what_the_predecessor_reported_of_itself_does_not_name_the_successor(seats):
    renamed = NameData(wanted_on=day("2026-03-01"), name="旧山田商事株式会社")
    request = scenes.ask(seats, "name", renamed, at("2026-02-10"))
    attach_document(request, owner_of(yamada()), "登記.pdf", PDF, at("2026-02-10"))
    accept_request(request, staff_member(), at("2026-02-11"))
    accept_request(proved(seats, succession("新山田商事株式会社")), staff_member("高橋"), at("2026-04-11"))
    fresh = Contract.objects.get(pk=seats.pk)
    assert fresh.name_on(day("2026-03-31")) == "旧山田商事株式会社"
    assert fresh.name_on(day("2026-04-01")) == "新山田商事株式会社"


def test_reporting_what_is_there_already_changes_nothing(servers):
    data = ParticularsData(wanted_on=day("2026-06-10"), particulars={"phone": "記載例"})
    with pytest.raises(ValidationError) as excinfo:
        scenes.ask(servers, "particulars", data, at("2026-05-01"))
    assert excinfo.value.code == "no_change"


def test_the_responsible_person_is_reported_promptly_without_a_last_day(servers, seats):
    data = ResponsiblePersonData(wanted_on=day("2026-05-01"), name="責任 次郎", phone="03-1111-1111")
    request = scenes.ask(servers, "responsible_person", data, at("2026-05-02"))
    assert request.decision["deadline_on"] is None
    accept_request(request, staff_member(), at("2026-05-07"))
    held = Contract.objects.get(pk=servers.pk).particulars_on(day("2026-05-01"))
    assert held["responsible_person"] == "責任 次郎 03-1111-1111"
    with pytest.raises(ValidationError):
        scenes.ask(seats, "responsible_person", data, at("2026-05-02"))


def test_a_cause_by_which_the_terms_let_nothing_pass_cannot_be_reported(seats):
    sold = succession("買主株式会社").model_copy(update={"cause": "business_transfer"})
    with pytest.raises(ValidationError) as refused:
        scenes.ask(seats, "succession", sold, at("2026-04-10"))
    assert "cause" in refused.value.message_dict
    assert not seats.requests.exists()


def test_a_transfer_by_consent_is_asked_for_beforehand_a_succession_only_afterwards(seats, servers):
    ahead = succession("譲受株式会社", on="2026-04-20")
    with pytest.raises(ValidationError) as refused:
        scenes.ask(seats, "succession", ahead, at("2026-04-10"))
    assert "wanted_on" in refused.value.message_dict
    deliver_acceptance(servers, at("2025-12-02"))
    request = scenes.ask(servers, "succession", ahead, at("2026-04-10"))
    accept_request(request, staff_member(), at("2026-04-15"))
    assert servers.parties.get().starts_on == day("2026-04-20")
    assert Contract.objects.get(pk=servers.pk).party_on(day("2026-04-19")) == yamada()

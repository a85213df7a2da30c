"""Members who are limited to certain contracts see these, and what belongs to them, alone."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from billing.models import Invoice
from billing.runs.bill import bill
from contracts.consents.answers import renew_consent
from contracts.lifecycle.calendar_address import calendar_address
from contracts.models import Consent, Contract, Notice
from contracts.notices.send import send_notice
from contracts.rules.calendar.period import Month
from portal.organisations.models import Membership
from portal.organisations.operations import open_calendar
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.member_scene import CONTRACTS, READER, join, limited

HOME = reverse("home")


@pytest.fixture
def other(progoffice, yamada) -> Contract:
    """Another contract of 山田商事, for another service."""
    return scenes.running(progoffice, {"user": 2}, yamada)


@pytest.fixture
def member(yamada, contract, other) -> Membership:
    return join(yamada, limited(contract))


@pytest.fixture
def as_member(member, signed_in) -> Client:
    return signed_in(member.user)


def page_of(client: Client, name: str, *arguments: object) -> str:
    return client.get(reverse(name, args=arguments)).content.decode()


def test_lists_hold_the_own_contract_alone(contract, other, as_member, as_yamada):
    for found in (contract, other):
        bill(found.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    own, foreign = Invoice.objects.get(contract=contract), Invoice.objects.get(contract=other)
    for name, shown, hidden in (
        ("home", contract.number, other.number),
        ("home", own.number, foreign.number),
        ("contracts:contract-list", contract.number, other.number),
        ("contracts:calendar", contract.number, other.number),
        ("contracts:calendar-file", contract.number, other.number),
        ("billing:invoice-list", own.number, foreign.number),
    ):
        page = page_of(as_member, name)
        assert shown in page, name
        assert hidden not in page, name
        assert hidden in page_of(as_yamada, name), name


def test_the_own_contract_is_worked_on_as_by_others(contract, as_member):
    assert as_member.get(reverse("contracts:contract-detail", args=[contract.number])).status_code == 200
    address = reverse("contracts:contract-request-new", args=[contract.number, "cancellation"])
    typed = {"wanted_on": "2027-03-31", "action": "send", "submission_key": str(scenes.uuid4())}
    assert as_member.post(address, typed).status_code == 302
    assert contract.requests.count() == 1


def test_the_balance_of_the_organisation_is_not_theirs(contract, other, as_member, as_yamada):
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    code = contract.service.provider.code
    asking = reverse("billing:invoice-statement", args=[code])
    assert asking in page_of(as_yamada, "billing:invoice-list")
    assert asking not in page_of(as_member, "billing:invoice-list")
    reply = as_member.get(asking)
    assert reply.status_code == 403
    assert "組織全体" in reply.content.decode()


def test_no_new_contract_is_applied_for(as_member, contract):
    reply = as_member.get(reverse("contracts:application-new", args=[contract.service.slug]))
    assert reply.status_code == 403
    assert "/apply/" not in page_of(as_member, "contracts:service-list")


def test_the_calendar_address_follows_the_limit(member, contract, other, client):
    address = calendar_address(open_calendar(member))
    told = client.get(address).content.decode()
    assert contract.number in told
    assert other.number not in told


def test_notices_are_those_of_the_contracts_services(contract, other, as_member):
    notice = send_notice(
        Notice.objects.create(
            service=other.service,
            purpose="maintenance",
            effective_on=scenes.day("2026-12-10"),
            subject="保守のお知らせ",
            body="保守を行います。",
        ),
        scenes.staff_member(),
        scenes.at("2026-11-19"),
    )
    assert "保守のお知らせ" not in page_of(as_member, "contracts:notice-list")
    assert as_member.get(reverse("contracts:notice-detail", args=[notice.pk])).status_code == 404


def test_who_is_limited_to_no_contract_any_more_sees_none(member, contract, as_member):
    member.contracts.clear()
    assert contract.number not in page_of(as_member, "contracts:contract-list")
    assert as_member.get(reverse("contracts:contract-detail", args=[contract.number])).status_code == 404


def test_a_certificate_is_seen_with_its_contract(contract, other, as_member):
    own, foreign = contract.application.consents.get(), other.application.consents.get()
    for consent, status in ((own, 200), (foreign, 404)):
        address = reverse("contracts:consent-certificate", args=[consent.sequence])
        assert as_member.get(address).status_code == status


@pytest.fixture
def asked(yamada):
    """A version that asks for consent, and two contracts that it concerns."""
    service = load_priced_service("desknets")
    first, second = (scenes.running(service, {"user": 3}, yamada) for _time in range(2))
    return first, second, scenes.next_version(service, scenes.day("2026-12-01"), scenes.at("2026-11-19"))


def test_who_sees_some_of_the_contracts_concerned_agrees_to_nothing(asked, yamada, signed_in):
    first, second, version = asked
    member = join(yamada, limited(first))
    client = signed_in(member.user)
    question = reverse("contracts:consent-renewal", args=[version.service.slug, version.name])
    assert client.get(HOME).status_code == 200
    assert client.get(question).status_code == 403
    assert client.post(question, {"answer": "agree"}).status_code == 403
    with pytest.raises(ValidationError) as refused:
        renew_consent(yamada, member.user, version, scenes.at("2026-11-20"), None)
    assert refused.value.code == "no_right"
    member.contracts.set([first, second])
    assert client.post(question, {"answer": "agree"}).status_code == 302
    assert Consent.objects.get(how="renewed").person == member.user


def test_a_reader_is_not_led_to_a_question_that_they_may_not_answer(asked, yamada, signed_in, now):
    first, _second, _version = asked
    client = signed_in(join(yamada, READER).user)
    now.move_to(scenes.at("2026-12-02 09:00"))
    assert client.get(HOME).status_code == 200
    assert client.get(reverse("contracts:contract-detail", args=[first.number])).status_code == 200


def test_use_by_who_could_not_consent_is_no_consent(yamada, signed_in, staff, now):
    service = load_priced_service("simpleconnect")
    scenes.running(service, {"id": 2}, yamada)
    version = scenes.next_version(service, scenes.day("2026-12-01"), scenes.at("2026-11-19"))
    send_notice(Notice.objects.get(terms_version=version), staff(StaffRole.TERMS), scenes.at("2026-11-20"))
    now.move_to(scenes.at("2026-12-03 08:15"))
    signed_in(join(yamada, READER).user).get(HOME)
    assert not Consent.objects.filter(how="deemed_by_use").exists()
    signed_in(join(yamada, CONTRACTS, "c@yamada.example").user).get(HOME)
    assert Consent.objects.filter(how="deemed_by_use").count() == 1

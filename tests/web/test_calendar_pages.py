"""The calendar of an organisation: page, file, and the secret address for calendar programs."""

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from contracts.models import Contract
from contracts.requests.decide import accept_request
from portal.audit.models import AuditEntry
from portal.organisations.models import Membership, Organisation
from portal.organisations.roles import StaffRole
from tests import scenes

PAGE = reverse("contracts:calendar")
FILE = reverse("contracts:calendar-file")
ADDRESS = reverse("contracts:calendar-address")


@pytest.fixture
def theirs(ct_e1) -> Contract:
    """A contract of 鈴木製作所."""
    return scenes.running(ct_e1, {"line": 1}, scenes.suzuki())


@pytest.fixture
def another(simpleconnect) -> Contract:
    """A second contract of 山田商事."""
    return scenes.running(simpleconnect, {"id": 1}, scenes.yamada())


def events(content: bytes) -> list[str]:
    return [str(event["summary"]) for event in Calendar.from_ical(content).walk("VEVENT")]


def opened(client: Client) -> str:
    """A new secret address, without the host."""
    client.post(ADDRESS, {"address": "open"})
    return client.get(PAGE).context["address"].partition("localhost:8000")[2]


def test_the_page_tells_the_dates_month_by_month_with_their_articles(contract, theirs, as_yamada):
    page = as_yamada.get(PAGE)
    months = page.context["months"]
    assert [month for month, _entries in months] == [scenes.day("2026-11-01"), scenes.day("2026-12-01")]
    assert [str(entry.on) for _month, entries in months for entry in entries] == ["2026-11-30", "2026-12-31"]
    text = page.content.decode()
    assert "#article-19-1" in text
    assert theirs.number not in text


def test_one_contract_can_be_looked_at_alone(contract, another, theirs, as_yamada):
    found = as_yamada.get(PAGE, {"contract": another.number}).context["months"]
    assert {entry.contract for _month, entries in found for entry in entries} == {another}
    assert as_yamada.get(PAGE, {"contract": theirs.number}).status_code == 404
    assert all(
        another.number in summary
        for summary in events(as_yamada.get(FILE, {"contract": another.number}).content)
    )


def test_the_file_holds_what_the_page_shows(contract, theirs, as_yamada):
    reply = as_yamada.get(FILE)
    assert reply.headers["Content-Type"].startswith("text/calendar")
    assert "contracts.ics" in reply.headers["Content-Disposition"]
    assert len(events(reply.content)) == 2
    assert all(contract.number in summary for summary in events(reply.content))


def test_a_calendar_program_reads_the_dates_by_the_secret_address(contract, theirs, as_yamada, client):
    assert as_yamada.get(PAGE).context["address"] == ""
    reply = client.get(opened(as_yamada))
    assert reply.status_code == 200
    assert len(events(reply.content)) == 2
    assert "no-store" in reply.headers["Cache-Control"]
    entry = AuditEntry.objects.latest("pk")
    assert entry.action == "calendar.opened"
    key = Membership.objects.get(calendar_key__gt="").calendar_key
    assert key not in f"{entry.data} {entry.personal}", "the trail keeps no secret"


def test_a_withdrawn_or_renewed_address_is_none(contract, as_yamada, client):
    first = opened(as_yamada)
    second = opened(as_yamada)
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    as_yamada.post(ADDRESS, {"address": "close"})
    assert client.get(second).status_code == 404
    assert as_yamada.get(PAGE).context["address"] == ""


def test_the_address_ends_with_the_membership_and_with_the_account(contract, as_yamada, client, yamada):
    address = opened(as_yamada)
    person = scenes.owner_of(yamada)
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(address).status_code == 404
    type(person).objects.filter(pk=person.pk).update(is_active=True)
    assert client.get(address).status_code == 200
    yamada.memberships.all().delete()
    assert client.get(address).status_code == 404


def test_a_key_alone_makes_no_address(contract, as_yamada, client, yamada):
    address = opened(as_yamada)
    membership = yamada.memberships.get()
    forged = reverse("contracts:calendar-feed", args=[f"{membership.pk}-{membership.calendar_key}.x"])
    assert client.get(forged).status_code == 404
    assert client.get(address.replace(membership.calendar_key, "other")).status_code == 404


def test_each_organisation_has_an_address_of_its_own(contract, theirs, as_yamada, client, yamada):
    suzuki = Organisation.objects.get(contracts=theirs)
    Membership.objects.create(
        user=scenes.owner_of(yamada),
        organisation=suzuki,
        role="member",
        handles_contracts=True,
        handles_billing=True,
    )
    of_yamada = opened(as_yamada)
    as_yamada.post(reverse("organisations:switch"), {"organisation": suzuki.pk})
    of_suzuki = opened(as_yamada)
    assert all(theirs.number in summary for summary in events(client.get(of_suzuki).content))
    assert all(contract.number in summary for summary in events(client.get(of_yamada).content))


def test_staff_see_what_happens_in_a_month_in_all_contracts_of_a_provider(contract, theirs, staff, signed_in):
    accept_request(
        scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at("2026-11-19")),
        scenes.staff_member(),
        scenes.at("2026-11-20"),
    )
    page = reverse("contracts:calendar-provider", args=[contract.service.provider.code])
    client = signed_in(staff(StaffRole.RECEPTION))
    assert client.get(page).context["page_obj"].object_list == [], "nothing begins or ends in November"
    december = client.get(page, {"month": "2026-12"})
    kinds = [(entry.kind, entry.contract) for entry in december.context["page_obj"]]
    assert ("contract_end", contract) in kinds
    assert {found for _kind, found in kinds} == {contract}
    assert "month=2027-01" in december.content.decode()
    started = client.get(page, {"month": "2026-10"}).context["page_obj"]
    assert {entry.contract for entry in started} == {contract, theirs}
    assert client.get(page, {"month": "soon"}).status_code == 404

"""Staff see a customer's pages as the customer does: to read, for half an hour, and on the record."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from billing.runs.bill import bill
from contracts.models import Contract, Notice, NoticeDelivery
from contracts.notices.send import draft_notice, send_notice
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.staffing.models import CustomerView
from portal.staffing.reach import reaches
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.member_scene import join, limited

REASON = "山田様から請求書の画面についてお電話"


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(scenes.at("2026-11-20 10:00"), tick=False) as clock:
        yield clock


@pytest.fixture(scope="module")
def running(made_once) -> Contract:
    return scenes.running(load_priced_service("ct-e1"), {"line": 1}, scenes.yamada())


@pytest.fixture
def contract(running, db) -> Contract:
    return scenes.again(running)


@pytest.fixture
def clerk(make_staff, contract) -> User:
    return scenes.works_for(
        make_staff("desk@provider.example", StaffRole.RECEPTION), contract.service.provider
    )


@pytest.fixture
def client(clerk, signed_in) -> Client:
    return signed_in(clerk)


def open_view(client: Client, contract: Contract, reason: str = REASON):
    page = reverse("customer-view-start", args=[contract.organisation_id])
    return client.post(page, {"reason": reason, "confirm": "1"})


def test_the_customers_pages_open_with_a_banner(client, contract, clerk):
    assert open_view(client, contract).headers["Location"] == reverse("home")
    page = client.get(reverse("contracts:contract-detail", args=[contract.number])).content.decode()
    assert contract.number in page
    assert "画面を閲覧しています（閲覧のみ、10:30まで）" in page
    view = CustomerView.objects.get()
    assert (view.staff, view.organisation, view.reason) == (clerk, contract.organisation, REASON)
    entry = AuditEntry.objects.get(action="customer_view.started")
    assert (entry.actor, entry.organisation) == (clerk, contract.organisation)
    assert entry.personal == {"reason": REASON}


def test_without_a_reason_nothing_opens(client, contract):
    assert "reason" in open_view(client, contract, " ").context["form"].errors
    assert not CustomerView.objects.exists()


def test_nothing_is_sent_from_there(client, contract):
    open_view(client, contract)
    sent = (
        reverse("contracts:contract-request-new", args=[contract.number, "cancellation"]),
        reverse("contracts:calendar-address"),
        reverse("admin:contracts_contract_suspend", args=[contract.pk]),
    )
    for address in sent:
        page = client.post(address, {"wanted_on": "2026-12-31"})
        assert page.status_code == 403
        assert "閲覧だけができます" in page.content.decode()
    assert not contract.requests.exists()


@pytest.mark.parametrize("name", ["account_email", "mfa_index", "account_change_password", "admin:index"])
def test_accounts_and_the_administration_are_closed_meanwhile(name, client, contract):
    open_view(client, contract)
    assert client.get(reverse(name)).status_code == 403


def test_the_secret_address_of_a_calendar_is_not_shown(client, contract):
    open_view(client, contract)
    page = client.get(reverse("contracts:calendar"))
    assert page.status_code == 200
    assert "calendar/address" not in page.content.decode()


def test_no_page_offers_to_take_lists_out(client, contract):
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    open_view(client, contract)
    statement = reverse("billing:invoice-statement", args=[contract.service.provider.code])
    invoices = client.get(reverse("billing:invoice-list")).content.decode()
    contracts = client.get(reverse("contracts:contract-list")).content.decode()
    assert contract.invoices.get().number in invoices and contract.number in contracts
    assert reverse("billing:invoice-download") not in invoices and statement not in invoices
    assert reverse("billing:invoice-list-export") not in invoices
    assert reverse("contracts:contract-list-export") not in contracts
    assert reverse("contracts:request-list-export") not in contracts
    for address in (reverse("billing:invoice-download"), statement):
        form = client.get(address).content.decode().partition("<main")[2].partition("</main>")[0]
        assert "<form" in form and 'type="submit"' not in form


def test_a_notice_is_not_read_by_it(client, contract, clerk):
    notice = Notice(
        service=contract.service,
        purpose="maintenance",
        effective_on=scenes.day("2026-12-10"),
        subject="保守のお知らせ",
        body="保守を行います。",
    )
    send_notice(draft_notice(notice, clerk), clerk, scenes.at("2026-11-19"))
    open_view(client, contract)
    assert client.get(reverse("contracts:notice-detail", args=[notice.pk])).status_code == 200
    assert set(NoticeDelivery.objects.values_list("read_at", flat=True)) == {None}


def test_it_ends_by_itself(client, contract, now):
    open_view(client, contract)
    now.shift(timedelta(minutes=31))
    page = client.get(reverse("contracts:contract-list"))
    assert page.headers["Location"] == reverse("admin:index")
    assert CustomerView.objects.get().ended_at == scenes.at("2026-11-20 10:30")
    assert client.get(reverse("contracts:contract-list")).headers["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("lost", ["role", "provider"])
def test_it_ends_with_the_right_to_it(lost, client, contract, clerk):
    open_view(client, contract)
    if lost == "role":
        clerk.groups.clear()
    else:
        scenes.works_for(clerk, load_priced_service("simpleconnect").provider)
    page = client.get(reverse("contracts:contract-detail", args=[contract.number]))
    assert page.headers["Location"] == reverse("admin:index")
    assert CustomerView.objects.get().ended_at


def test_staff_end_it(client, contract):
    open_view(client, contract)
    page = client.post(reverse("customer-view-end"))
    assert page.headers["Location"].endswith(f"organisation/{contract.organisation_id}/change/")
    assert CustomerView.objects.get().ended_at == scenes.at("2026-11-20 10:00")
    assert AuditEntry.objects.filter(action="customer_view.ended").count() == 1
    assert client.get(reverse("home")).headers["Location"] == reverse("admin:index")


def test_it_ends_with_the_sign_out(client, contract):
    open_view(client, contract)
    client.post(reverse("account_logout"))
    assert CustomerView.objects.get().ended_at


def test_another_look_ends_the_one_before(client, contract, signed_in, clerk):
    open_view(client, contract)
    other = signed_in(clerk)
    open_view(other, contract)
    assert client.get(reverse("home")).headers["Location"] == reverse("admin:index")
    assert other.get(reverse("home")).status_code == 200


@pytest.mark.parametrize("role", [StaffRole.TERMS, StaffRole.BILLING, StaffRole.AUDITOR, StaffRole.PEOPLE])
def test_it_is_for_reception_and_managers(role, make_staff, signed_in, contract):
    assert open_view(signed_in(make_staff("other@provider.example", role)), contract).status_code == 403
    assert not CustomerView.objects.exists()


def test_customers_of_others_are_not_found(client, contract, clerk):
    foreign = scenes.running(load_priced_service("simpleconnect"), {"id": 1}, scenes.suzuki())
    scenes.works_for(clerk, contract.service.provider)
    assert open_view(client, foreign).status_code == 404


@pytest.fixture
def elsewhere(contract, clerk) -> Contract:
    """The same customer's contract with another provider, with an invoice of each of the two."""
    other = load_priced_service("simpleconnect")
    scenes.works_for(clerk, contract.service.provider)
    found = scenes.running(other, {"id": 1}, contract.organisation)
    for service in (contract.service, other):
        bill(service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return found


OF_THE_CUSTOMER = (
    "home",
    "contracts:contract-list",
    "contracts:calendar",
    "contracts:calendar-file",
    "contracts:company",
    "contracts:notice-list",
    "billing:invoice-list",
    "organisations:members",
    "organisations:member-activity",
)


def test_of_a_customer_of_several_providers_staff_see_what_is_of_their_own(client, contract, elsewhere):
    colleague = join(contract.organisation, limited(elsewhere))
    open_view(client, contract)
    pages = {name: client.get(reverse(name)) for name in OF_THE_CUSTOMER}
    shown = {name: page.content.decode() for name, page in pages.items()}
    foreign = {elsewhere.number, elsewhere.invoices.get().number, elsewhere.service.name}
    assert {name for name, text in shown.items() if any(one in text for one in foreign)} == set()
    assert contract.number in shown["contracts:contract-list"]
    assert contract.invoices.get().number in shown["billing:invoice-list"]
    assert "担当する提供者との契約だけを表示しています" in shown["home"]
    assert str(colleague.user) not in shown["organisations:members"]
    assert pages["organisations:member-activity"].status_code == 403


def test_nothing_of_the_other_provider_opens_by_its_number(client, contract, elsewhere):
    asked = scenes.cancel(elsewhere, scenes.day("2026-12-31"), scenes.at("2026-11-19"))
    open_view(client, contract)
    numbers = {
        "contracts:contract-detail": elsewhere.number,
        "contracts:contract-what-if": elsewhere.number,
        "contracts:contract-timeline": elsewhere.number,
        "contracts:application-detail": elsewhere.application.number,
        "contracts:application-pdf": elsewhere.application.number,
        "contracts:contract-request-detail": asked.number,
        "contracts:contract-letter": asked.letters.get().number,
        "contracts:consent-certificate": elsewhere.application.consents.get().sequence,
        "billing:invoice-detail": elsewhere.invoices.get().number,
        "billing:invoice-pdf": elsewhere.invoices.get().number,
        "billing:contract-outages": elsewhere.number,
    }
    opened = {name: client.get(reverse(name, args=[number])).status_code for name, number in numbers.items()}
    assert {name for name, status in opened.items() if status != 404} == set()
    assert client.get(reverse("contracts:contract-detail", args=[contract.number])).status_code == 200


def test_why_others_looked_is_told_to_no_other_provider(client, contract, elsewhere, make_staff):
    open_view(client, contract)
    entry = AuditEntry.objects.get(action="customer_view.started")
    colleague, theirs = (
        scenes.works_for(make_staff(f"{name}@provider.example", StaffRole.MANAGER), service.provider)
        for name, service in (("a", contract.service), ("b", elsewhere.service))
    )
    assert reaches(colleague, entry)
    assert not reaches(theirs, entry)


def test_who_works_for_all_of_the_customers_providers_sees_all(client, contract, elsewhere, clerk, signed_in):
    of_both = signed_in(scenes.works_for(clerk, contract.service.provider, elsewhere.service.provider))
    open_view(of_both, contract)
    page = of_both.get(reverse("contracts:contract-list")).content.decode()
    assert contract.number in page
    assert elsewhere.number in page
    assert "だけを表示しています" not in page


def test_without_it_staff_see_no_customers_pages(client, contract):
    page = reverse("contracts:contract-detail", args=[contract.number])
    assert client.get(page).headers["Location"] == reverse("admin:index")

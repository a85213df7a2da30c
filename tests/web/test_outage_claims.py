"""The customer's page of claims for outages, and staff's pages that decide on them."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from billing.models import OutageClaim, RecordedOutage
from portal.organisations.roles import StaffRole
from tests.approving import approve_it
from tests.billing_scene import load_priced_service, make_contract
from tests.scenes import at


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-10-20 10:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def contract(organisation, user):
    service = load_priced_service("progoffice")
    return make_contract(
        service, organisation, user, "C26-000001", {"user": 10}, billed_from=date(2026, 8, 1)
    )


@pytest.fixture
def customer(user, signed_in):
    return signed_in(user)


@pytest.fixture
def act(make_staff, signed_in):
    client = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))

    def post(page: str, *about: int, **entered: str):
        return client.post(reverse(f"admin:billing_outageclaim_{page}", args=about), entered)

    return post


def sent(customer, contract, **changed):
    page = reverse("billing:contract-outages", args=[contract.number])
    form = customer.get(page).context["form"]
    entered = {
        "begins_at": "2026-09-01 00:00",
        "ends_at": "2026-09-20 00:00",
        "what": "ファイルを開けない",
        "damage": "3,000",
        "submission_key": str(form["submission_key"].value()),
        **changed,
    }
    return customer.post(page, entered, follow=True)


def test_a_customer_claims_an_outage_and_sees_it(customer, contract):
    start = customer.get(reverse("contracts:contract-detail", args=[contract.number])).content.decode()
    assert reverse("billing:contract-outages", args=[contract.number]) in start
    shown = sent(customer, contract).content.decode()
    assert "ファイルを開けない" in shown
    assert "判断待ち" in shown
    assert "請求できるのは2026年12月16日" in shown


def test_what_is_missing_is_said_at_its_field_and_nothing_is_stored(customer, contract):
    form = sent(customer, contract, what="", damage="0").context["form"]
    assert {"what", "damage"} <= form.errors.keys()
    assert not OutageClaim.objects.exists()


def test_others_find_no_such_page(as_suzuki, contract):
    assert as_suzuki.get(reverse("billing:contract-outages", args=[contract.number])).status_code == 404


def test_a_customer_takes_a_claim_back(customer, contract):
    sent(customer, contract)
    claim = OutageClaim.objects.get()
    address = reverse("billing:contract-outage-withdraw", args=[contract.number, claim.pk])
    assert customer.get(address).status_code == 405
    customer.post(address)
    claim.refresh_from_db()
    assert claim.state == "withdrawn"


def test_staff_accept_it_by_recording_the_outage(customer, contract, act, make_staff):
    sent(customer, contract)
    claim = OutageClaim.objects.get()
    facts = {"known_at": "2026-09-01 00:30", "restored_at": "2026-09-20 00:00", "fault": "ordinary"}
    assert act("accept", claim.pk, **facts, damage="2,500", reason="停電").status_code == 302
    approve_it(make_staff("buchou@provider.example", StaffRole.MANAGER))
    claim.refresh_from_db()
    assert claim.outage == RecordedOutage.objects.get()
    assert claim.outage.credit.amount == -2_500
    page = customer.get(reverse("billing:contract-outages", args=[contract.number])).content.decode()
    assert "2,500" in page


def test_staff_refuse_it_with_a_reason_that_the_customer_reads(customer, contract, act):
    sent(customer, contract)
    claim = OutageClaim.objects.get()
    assert "reason" in act("refuse", claim.pk).context["form"].errors
    assert act("refuse", claim.pk, reason="回線の障害のため").status_code == 302
    page = customer.get(reverse("billing:contract-outages", args=[contract.number])).content.decode()
    assert "回線の障害のため" in page


def test_staff_accept_it_as_an_outage_that_is_recorded(customer, contract, act):
    sent(customer, contract)
    claim = OutageClaim.objects.get()
    outage = RecordedOutage.objects.create(
        contract=contract,
        known_at=at("2026-09-05"),
        restored_at=at("2026-09-06"),
        fault="ordinary",
        recorded_at=at("2026-09-07"),
    )
    assert act("link", claim.pk, outage=str(outage.pk)).status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.outage) == ("accepted", outage)

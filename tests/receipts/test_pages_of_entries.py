"""The pages on which staff enter what came beside the portal."""

import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.models import Application, ContractRequest
from portal.organisations.roles import StaffRole
from tests.receipts.scene import apply_on_paper, received
from tests.scenes import PDF, accept, activated, apply, at, day, works_for

pytestmark = pytest.mark.django_db
NOW = at("2026-04-02 09:30")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def contract(progoffice):
    with time_machine.travel(at("2025-12-02")):
        contract = accept(apply(progoffice, {"user": 5}, at("2025-12-01")), at("2025-12-02"))
        return activated(contract, day("2026-01-01"), at("2025-12-20"))


@pytest.fixture
def client(make_staff, signed_in):
    return signed_in(make_staff("uketsuke@provider.example", StaffRole.RECEPTION))


def how(channel="fax", on="2026-03-31", time="16:59", **more):
    stated = {"channel": channel, "at_0": on, "at_1": time, "sender": "山田 花子", **more}
    return {f"receipt-{name}": value for name, value in stated.items()}


def page_of(contract):
    return f"/admin/contracts/contract/{contract.pk}/enter-request/"


def key_on(page) -> str:
    found = re.search(r'name="submission_key" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def scan():
    return SimpleUploadedFile("fax.pdf", PDF)


def test_step_by_step_a_fax_becomes_a_request_and_sending_twice_stores_one(contract, client):
    begun = {**how(), "receipt-kind": "cancellation"}
    page = client.post(page_of(contract), {**begun, "step": "begin"})
    assert "2026年4月30日" in page.content.decode()
    page = client.post(page_of(contract), {**begun, "step": "check", "wanted_on": "2026-04-30"})
    assert "期限内" in page.content.decode()
    typed = {**begun, "step": "send", "wanted_on": "2026-04-30", "submission_key": key_on(page)}
    reply = client.post(page_of(contract), {**typed, "paper": scan()})
    asked = ContractRequest.objects.get()
    assert reply.headers["Location"].endswith(f"/contractrequest/{asked.pk}/change/")
    assert asked.submitted_at == at("2026-03-31 16:59")
    client.post(page_of(contract), {**typed, "paper": scan()})
    assert ContractRequest.objects.count() == 1
    shown = client.get(f"/admin/contracts/contractrequest/{asked.pk}/change/").content.decode()
    assert "FAX（2026年3月31日 16:59受付、2026年4月2日に提供者が入力）" in shown


def test_what_came_too_late_is_said_before_it_is_recorded_as_refused(contract, client):
    begun = {**how(time="17:01"), "receipt-kind": "cancellation", "wanted_on": "2026-04-30"}
    page = client.post(page_of(contract), {**begun, "step": "check"})
    assert "不承諾となります" in page.content.decode()
    client.post(page_of(contract), {**begun, "step": "send", "submission_key": key_on(page), "paper": scan()})
    assert ContractRequest.objects.get().status == "refused"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"receipt-at_0": "2026-04-03"}, "未来"),
        ({"receipt-at_0": "2026-02-01"}, "間違いないことを確認"),
        ({"receipt-at_0": "きのう"}, "日付"),
        ({"receipt-channel": "phone"}, "第13条第1項"),
        ({"receipt-channel": "pigeon"}, "選択"),
        ({"receipt-sender": ""}, "差出人"),
        ({"receipt-kind": "nonsense"}, "選択"),
        ({"receipt-kind": "resumption"}, "その時点では"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(contract, client, changed, said):
    begun = {**how(), "receipt-kind": "cancellation", "step": "begin", **changed}
    page = client.post(page_of(contract), begun)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert not ContractRequest.objects.exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "スキャンした書面"),
        (SimpleUploadedFile("fax.pdf", b"MZ not a scan"), "PDF、PNG、JPEG"),
        (SimpleUploadedFile("fax.exe", PDF), "一致しません"),
    ],
)
def test_without_the_scan_or_with_another_kind_of_file_nothing_is_recorded(contract, client, file, said):
    typed = {**how(), "receipt-kind": "cancellation", "step": "send", "wanted_on": "2026-04-30"}
    typed["submission_key"] = "00000000-0000-4000-8000-000000000001"
    page = client.post(page_of(contract), {**typed, **({"paper": file} if file else {})})
    assert said in page.content.decode()
    assert not ContractRequest.objects.exists()


def test_others_than_the_reception_of_the_provider_enter_nothing(
    contract, ct_e1, make_staff, signed_in, client
):
    for role in (StaffRole.TERMS, StaffRole.BILLING, StaffRole.AUDITOR):
        other = signed_in(make_staff(f"{role.name.lower()}@provider.example", role))
        assert other.get(page_of(contract)).status_code in (403, 404)
        assert other.get("/admin/contracts/application/enter-application/").status_code in (403, 404)
    stranger = make_staff("other@provider.example", StaffRole.RECEPTION)
    works_for(stranger, ct_e1.provider)
    assert signed_in(stranger).get(page_of(contract)).status_code == 404


def test_an_application_of_a_new_customer_is_typed_in_and_stored_once(ct_e1, client):
    address = "/admin/contracts/application/enter-application/"
    assert client.get(address).status_code == 200
    begun = {**how(channel="letter"), "receipt-service": ct_e1.pk}
    page = client.post(address, {**begun, "step": "begin"})
    names = set(re.findall(r'name="((?:particular|customer)[^"]*)"', page.content.decode()))
    particulars = {
        name: ""
        if name.endswith("_email")
        else "06-0000-0000"
        if "phone" in name or "fax" in name
        else "佐藤"
        for name in names
    }
    typed = {
        **begun,
        **particulars,
        "customer-name": "佐藤商店",
        "customer-invoice_email": "",
        "kana": "サトウショウテン",
        "postal_code": "530-0001",
        "address": "大阪府大阪市北区梅田1-1-1",
        "quantity_line": "1",
        "payment_method": "transfer",
        "version": "2015-04-01",
        "consent": "on",
    }
    wrong = client.post(address, {**typed, "postal_code": "5300", "step": "check"})
    assert "7桁" in wrong.content.decode()
    page = client.post(address, {**typed, "step": "check"})
    assert "民事訴訟法228条" in page.content.decode()
    typed |= {"step": "send", "submission_key": key_on(page)}
    for _again in range(2):
        client.post(address, {**typed, "paper": scan()})
    application = Application.objects.get()
    assert application.organisation.name == "佐藤商店"
    assert application.submitted_at == at("2026-03-31 16:59")


def test_the_paper_that_follows_an_email_is_noted(partner_cloud, client):
    came = received(at("2026-03-30"), at("2026-03-31"), channel="email")
    application = apply_on_paper(partner_cloud, {"base": 1}, came)
    address = f"/admin/contracts/application/{application.pk}"
    assert "原本が届くのを待っています" in client.get(f"{address}/change/").content.decode()
    assert client.post(f"{address}/original/", {"on": "2026-04-03", "confirm": "1"}).status_code == 200
    client.post(f"{address}/original/", {"on": "2026-04-02", "confirm": "1"})
    application.receipt.refresh_from_db()
    assert application.receipt.original_received_on == day("2026-04-02")

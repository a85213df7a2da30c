"""What both sides see of change contracts, and of who got which e-mail."""

import pytest
from django.urls import reverse

from contracts.applications.acceptance import deliver_acceptance
from contracts.models import Contract, ContractRequest
from contracts.requests.change_contracts import deliver_acceptance as deliver_change
from contracts.requests.decide import accept_request
from contracts.requests.kinds.reported import ParticularsData
from contracts.requests.product_forms import ProductChangeData
from portal.outbox.models import Mail
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day


@pytest.fixture
def servers(yamada) -> Contract:
    contract = scenes.running(load_priced_service("partner-cloud-e"), {"base": 2}, yamada)
    deliver_acceptance(contract, at("2026-09-10"))
    return Contract.objects.get(pk=contract.pk)


def seen_by_customer(client, request: ContractRequest) -> str:
    return client.get(reverse("contracts:contract-request-detail", args=[request.number])).content.decode()


def seen_by_staff(client, target) -> str:
    name = f"admin:contracts_{target._meta.model_name}_change"
    return client.get(reverse(name, args=[target.pk])).content.decode()


def test_both_sides_see_that_a_change_waits_for_its_acceptance_and_when_it_was_formed(
    servers, as_yamada, as_reception
):
    data = ProductChangeData(product="base", wanted_on=day("2026-12-01"), quantity=3)
    asked = scenes.ask(servers, "quantity_up", data, at("2026-11-10"))
    accept_request(asked, scenes.staff_member(), at("2026-11-12 15:30"))
    assert "承諾のメールを送信した時に変更契約が成立します" in seen_by_customer(as_yamada, asked)
    assert "送信待ち" in seen_by_staff(as_reception, asked)
    deliver_change(asked, at("2026-11-12 15:30"))
    page = seen_by_customer(as_yamada, asked)
    assert "変更契約の成立" in page
    assert "15:30:00" in page
    assert "申込請書" in page
    assert "15:30" in seen_by_staff(as_reception, asked)


def test_a_report_is_shown_as_what_counts_by_its_receipt(servers, as_yamada):
    data = ParticularsData(wanted_on=day("2026-12-10"), particulars={"phone": "06-0000-0000"})
    asked = scenes.ask(servers, "particulars", data, at("2026-11-10"))
    page = seen_by_customer(as_yamada, asked)
    assert "受付の時から効力を持ち" in page
    assert "それまで契約は変わりません" not in page
    assert "承諾を待たず" in Mail.objects.get(kind="request_received").text


def test_staff_see_on_the_contract_who_got_which_e_mail(servers, as_reception):
    page = seen_by_staff(as_reception, servers)
    assert "申込みの承諾 → hanako@yamada.example 2026年9月10日" in page

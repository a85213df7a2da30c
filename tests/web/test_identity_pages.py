"""The pages on which a proof of identity is demanded, handed in and recorded."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contracts.models import Application, ContractDocument, IdentityCheck
from tests import scenes

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
DEMAND, RECORD = "admin:contracts_application_demand_identity", "admin:contracts_application_record_identity"


@pytest.fixture
def applied(simpleconnect) -> Application:
    return scenes.apply(simpleconnect, {"id": 3}, scenes.at("2026-11-18"))


def test_staff_demand_it_the_customer_hands_it_in_and_staff_record_it(applied, as_reception, as_yamada):
    page = reverse("admin:contracts_application_change", args=[applied.pk])
    assert reverse(DEMAND, args=[applied.pk]) in as_reception.get(page).content.decode()
    empty = as_reception.post(reverse(DEMAND, args=[applied.pk]), {})
    assert "reason" in empty.context["form"].errors
    asked = as_reception.post(reverse(DEMAND, args=[applied.pk]), {"reason": "高額のご利用のため"})
    assert asked.status_code == 302

    documents = reverse("contracts:application-documents", args=[applied.number])
    assert "本人確認書類の写し" in as_yamada.get(documents).content.decode()
    file = SimpleUploadedFile("menkyo.png", PNG, "image/png")
    assert as_yamada.post(documents, {"action": "identity", "file": file}).status_code == 302
    assert ContractDocument.objects.get().kind == "photo_identity"

    facts = {"how": "copy", "document": "passport", "person": "山田 花子", "seen_on": "2026-11-18"}
    recorded = as_reception.post(reverse(RECORD, args=[applied.pk]), facts)
    assert recorded.status_code == 302
    assert IdentityCheck.objects.get().document == "passport"
    assert not ContractDocument.objects.exists()
    shown = as_reception.get(page).content.decode()
    assert "旅券（パスポート）" in shown
    assert reverse(RECORD, args=[applied.pk]) not in shown


def test_a_file_of_no_use_is_refused_at_its_own_field(applied, as_reception, as_yamada):
    as_reception.post(reverse(DEMAND, args=[applied.pk]), {"reason": "高額のご利用のため"})
    documents = reverse("contracts:application-documents", args=[applied.number])
    file = SimpleUploadedFile("menkyo.txt", b"abc", "text/plain")
    page = as_yamada.post(documents, {"action": "identity", "file": file})
    assert page.context["identity_form"].errors
    assert not page.context["document_form"].errors


def test_services_whose_terms_ask_for_none_offer_no_such_action(application, as_reception):
    page = reverse("admin:contracts_application_change", args=[application.pk])
    assert reverse(DEMAND, args=[application.pk]) not in as_reception.get(page).content.decode()

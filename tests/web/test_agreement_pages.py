"""Individual agreements on screen: staff record them after a preview, customers see what they change."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contracts.applications.acceptance import deliver_acceptance
from contracts.models import Contract, IndividualAgreement
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import day

FORM = {
    "title": "解約期限の特約",
    "reason": "大口契約のため",
    "effective_on": "2026-11-01",
    "ends_on": "",
    "rules": "[cancellation.deadline.before]\nbusiness_days = 10\n",
}


@pytest.fixture
def servers(yamada) -> Contract:
    contract = scenes.running(load_priced_service("partner-cloud-e"), {"base": 2}, yamada)
    deliver_acceptance(contract, scenes.at("2026-09-10"))
    contract.refresh_from_db()
    return contract


def address(contract: Contract) -> str:
    return reverse("admin:contracts_contract_agree", args=[contract.pk])


def paper(content: bytes = b"%PDF-1.7\n%%EOF\n") -> SimpleUploadedFile:
    return SimpleUploadedFile("特約.pdf", content, "application/pdf")


@pytest.fixture
def agreed(as_reception, servers) -> IndividualAgreement:
    reply = as_reception.post(address(servers), {**FORM, "confirm": "1", "document": paper()})
    assert reply.status_code == 302
    return servers.agreements.get()


def test_a_preview_shows_which_rules_change_and_asks_for_the_document(as_reception, servers):
    first = as_reception.get(address(servers)).content.decode()
    assert 'type="file"' not in first
    preview = as_reception.post(address(servers), FORM)
    shown = preview.content.decode()
    ((what, change), (_from, since)) = preview.context["preview"]
    assert "20営業日" in change and "10営業日" in change and "第15条第1項" in change
    assert change in shown and what in shown and since in shown
    assert 'type="file"' in shown
    assert not IndividualAgreement.objects.exists()


def test_without_a_document_the_preview_stays_with_the_reason(as_reception, servers):
    reply = as_reception.post(address(servers), {**FORM, "confirm": "1"})
    assert reply.context["preview"]
    assert list(reply.context["form"].errors) == ["document"]
    assert reply.context["form"].errors["document"][0] in reply.content.decode()
    assert not IndividualAgreement.objects.exists()


def test_rules_that_do_not_fit_come_back_with_their_place(as_reception, servers):
    wrong = {**FORM, "rules": "cancellation.deadline.befor.days = 3"}
    reply = as_reception.post(address(servers), wrong)
    assert reply.context["preview"] is None
    assert "cancellation.deadline.befor" in reply.context["form"].errors["rules"][0]


def test_the_page_of_the_contract_lists_it_and_its_own_page_ends_it(as_reception, servers, agreed):
    page = as_reception.get(reverse("admin:contracts_contract_change", args=[servers.pk])).content.decode()
    own = reverse("admin:contracts_individualagreement_change", args=[agreed.pk])
    assert own in page and agreed.title in page
    shown = as_reception.get(own).content.decode()
    assert "10営業日" in shown and agreed.documents.get().name in shown
    end = reverse("admin:contracts_individualagreement_end", args=[agreed.pk])
    assert end in shown
    assert as_reception.post(end, {"ends_on": "2026-10-01"}).context["form"].errors
    assert as_reception.post(end, {"ends_on": "2026-12-31"}).status_code == 302
    agreed.refresh_from_db()
    assert agreed.ends_on == day("2026-12-31")


def test_the_action_is_offered_where_the_terms_let_agreements_go_before_them(as_reception, servers, contract):
    for one, offered in ((servers, True), (contract, False)):
        page = as_reception.get(reverse("admin:contracts_contract_change", args=[one.pk])).content.decode()
        assert (f'"{address(one)}"' in page) == offered


def test_the_customer_sees_since_when_it_holds_what_it_changes_and_its_document(as_yamada, servers, agreed):
    page = as_yamada.get(reverse("contracts:contract-detail", args=[servers.number])).content.decode()
    document = reverse("contracts:contract-document", args=[agreed.documents.get().pk])
    for text in (agreed.title, "20営業日", "10営業日", "第1条第2項", "2026年11月1日", document):
        assert text in page
    # Beside the deadline that follows from it, too.
    assert page.count(agreed.title) > 1


def test_its_document_is_for_the_two_sides_alone(as_yamada, as_suzuki, as_reception, agreed):
    document = reverse("contracts:contract-document", args=[agreed.documents.get().pk])
    assert as_yamada.get(document).status_code == 200
    assert as_suzuki.get(document).status_code == 404
    assert as_reception.get(document).status_code == 200


def test_who_takes_the_contract_over_gets_the_document(as_yamada, as_suzuki, servers, agreed):
    Contract.objects.filter(pk=servers.pk).update(organisation=scenes.suzuki())
    document = reverse("contracts:contract-document", args=[agreed.documents.get().pk])
    assert as_suzuki.get(document).status_code == 200
    assert as_yamada.get(document).status_code == 404


def test_a_contract_without_agreements_says_nothing_of_them(as_yamada, servers):
    page = as_yamada.get(reverse("contracts:contract-detail", args=[servers.number])).content.decode()
    assert 'id="agreements"' not in page


def test_a_request_that_was_sent_is_explained_by_what_was_agreed(as_yamada, as_reception, yamada):
    contract = scenes.running(load_priced_service("simpleconnect"), {"id": 3}, yamada)
    rules = {"rules": 'cancellation.ends = "any_day"', "confirm": "1", "document": paper()}
    assert as_reception.post(address(contract), {**FORM, **rules}).status_code == 302
    asked = scenes.cancel(Contract.objects.get(), day("2026-12-15"), scenes.at("2026-11-02"))
    page = as_yamada.get(reverse("contracts:contract-request-detail", args=[asked.number]))
    assert asked.decision["ends_on"] == "2026-12-15"
    assert "2026年12月15日" in page.context["verdict"].deadline

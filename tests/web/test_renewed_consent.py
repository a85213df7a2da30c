"""Customers meet new versions of the terms: asked, deemed to agree, with certificates of what they did."""

from io import BytesIO

import pypdf
import pytest
from django.urls import reverse

from contracts.extensions.to_do import Urgency
from contracts.models import Consent, Contract, Notice
from contracts.notices.send import send_notice
from portal.audit.erasing import erase_personal
from portal.organisations.roles import StaffRole
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import day
from tests.tampering import tamper

HOME = reverse("home")


@pytest.fixture
def desknets(db):
    return load_priced_service("desknets")


@pytest.fixture
def running(desknets, yamada) -> Contract:
    return scenes.running(desknets, {"user": 3}, yamada)


@pytest.fixture
def announced(desknets, running):
    """A version that asks for consent and is in force from 2026-12-01 on."""
    return scenes.next_version(desknets, day("2026-12-01"), scenes.at("2026-11-19"))


def question(version) -> str:
    return reverse("contracts:consent-renewal", args=[version.service.slug, version.name])


def refusal(version) -> str:
    return reverse("contracts:consent-refusal", args=[version.service.slug, version.name])


def page_of(contract: Contract) -> str:
    return reverse("contracts:contract-detail", args=[contract.number])


def test_an_announced_version_is_shown_once_a_session_and_can_wait(announced, running, as_yamada):
    assert as_yamada.get(HOME).headers["Location"] == question(announced)
    page = as_yamada.get(question(announced)).content.decode()
    assert "2026年12月1日" in page
    assert "30日前に知らせたうえで" in page
    assert "#article-sample-15" in page
    assert as_yamada.get(HOME).status_code == 200
    assert as_yamada.get(page_of(running)).status_code == 200


def test_contract_pages_wait_for_the_answer_once_it_is_in_force(announced, running, as_yamada, now):
    now.move_to(scenes.at("2026-12-01 09:00"))
    assert as_yamada.get(page_of(running)).headers["Location"] == question(announced)
    assert as_yamada.get(reverse("contracts:contract-list")).status_code == 200
    assert as_yamada.post(reverse("account_logout")).headers["Location"] == "/"


def test_agreeing_opens_the_contract_and_brings_a_certificate(announced, running, as_yamada, now):
    now.move_to(scenes.at("2026-12-01 09:00"))
    as_yamada.post(question(announced), {"answer": "agree"})
    consent = Consent.objects.get(how="renewed")
    assert (consent.terms_version, consent.ip_address) == (announced, "127.0.0.1")
    page = as_yamada.get(page_of(running)).content.decode()
    assert reverse("contracts:consent-certificate", args=[consent.sequence]) in page
    assert as_yamada.post(question(announced), {"answer": "agree"}).status_code == 302
    assert Consent.objects.filter(how="renewed").count() == 1


def test_refusing_asks_first_is_confirmed_by_mail_and_tells_staff(
    announced, running, as_yamada, now, staff, signed_in
):
    as_yamada.get(HOME)
    banner = as_yamada.get(page_of(running)).content.decode()
    assert refusal(announced) in banner
    assert "2026年11月30日" in banner, "the last day to answer"
    (thing,) = [one for one in as_yamada.get(HOME).context["to_do"] if one.kind == "terms"]
    assert (thing.deadline, thing.urgency) == (day("2026-11-30"), Urgency.SOON)

    now.move_to(scenes.at("2026-12-01 09:00"))
    (thing,) = as_yamada.get(HOME).context["to_do"]
    assert (thing.kind, thing.urgency, thing.days_late) == ("terms", Urgency.LATE, 1)
    assert as_yamada.post(question(announced), {"answer": "refuse"}).headers["Location"] == refusal(announced)
    asked = as_yamada.get(refusal(announced)).content.decode()
    assert "30日前に知らせたうえで" in asked
    assert "#article-sample-15" in asked
    assert running.number in asked
    assert not Consent.objects.filter(how="refused").exists(), "nothing is sent before it is confirmed"

    assert as_yamada.post(refusal(announced)).headers["Location"] == question(announced)
    refused = Consent.objects.get(how="refused")
    certificate_page = reverse("contracts:consent-certificate", args=[refused.sequence])
    assert certificate_page in as_yamada.get(question(announced)).content.decode()
    assert certificate_page in as_yamada.get(page_of(running)).content.decode()
    assert as_yamada.get(refusal(announced)).headers["Location"] == question(announced)
    home = as_yamada.get(HOME)
    assert [one.kind for one in home.context["to_do"]] == []
    assert "新しい約款への不同意" in home.content.decode()
    (receipt,) = Mail.objects.filter(kind="consent_refused")
    assert receipt.address == scenes.owner_of(running.organisation).email
    assert "30日前に知らせたうえで" in receipt.text
    (attached,) = kind_of(receipt.kind).write(receipt, scenes.at("2026-12-01 09:05")).attachments
    assert "同意しない旨の申出" in pypdf.PdfReader(BytesIO(attached.content())).pages[0].extract_text()

    manager = signed_in(staff(StaffRole.MANAGER))
    waiting = {str(entry.label): entry for entry in manager.get(reverse("admin:index")).context["waiting"]}
    refusals = next(entry for entry in waiting.values() if entry.model == "contracts.consent")
    assert refusals.count == 1
    listed = manager.get(refusals.url).content.decode()
    assert running.organisation.name in listed
    detail = reverse("admin:contracts_consent_change", args=[Consent.objects.get(how="refused").pk])
    assert "article-sample-15" in manager.get(detail).content.decode()


def test_an_answer_that_is_neither_is_asked_for_again(announced, as_yamada):
    reply = as_yamada.post(question(announced), {"answer": "perhaps"})
    assert reply.headers["Location"] == question(announced)
    assert not Consent.objects.exclude(how="application").exists()


def test_others_are_not_asked(announced, as_suzuki):
    assert as_suzuki.get(question(announced)).status_code == 404
    assert as_suzuki.get(HOME).status_code == 200


def test_the_first_page_after_the_notice_counts_as_use(yamada, as_yamada, staff, now):
    service = load_priced_service("simpleconnect")
    contract = scenes.running(service, {"id": 2}, yamada)
    version = scenes.next_version(service, day("2026-12-01"), scenes.at("2026-11-19"))
    send_notice(Notice.objects.get(terms_version=version), staff(StaffRole.TERMS), scenes.at("2026-11-20"))
    as_yamada.get(HOME)
    assert not Consent.objects.filter(how="deemed_by_use").exists()

    now.move_to(scenes.at("2026-12-03 08:15"))
    first = as_yamada.get(reverse("contracts:notice-list"))
    consent = Consent.objects.get(how="deemed_by_use")
    assert (consent.terms_version, consent.at, consent.person) == (
        version,
        scenes.at("2026-12-03 08:15"),
        scenes.owner_of(yamada),
    )
    assert version.name in first.content.decode()
    as_yamada.get(page_of(contract))
    assert Consent.objects.filter(how="deemed_by_use").count() == 1


def certificate(client, consent: Consent):
    return client.get(reverse("contracts:consent-certificate", args=[consent.sequence]))


def text_of(reply) -> str:
    reader = pypdf.PdfReader(BytesIO(b"".join(reply.streaming_content)))
    return "".join(page.extract_text() for page in reader.pages).replace("\n", "").replace(" ", "")


def test_the_certificate_states_who_agreed_to_what(contract, yamada, as_yamada, as_reception):
    consent = contract.application.consents.get()
    text = text_of(certificate(as_yamada, consent))
    for stated in (
        "同意証明書",
        yamada.name,
        scenes.owner_of(yamada).email,
        consent.content_hash,
        consent.hash,
        consent.previous_hash,
        contract.application.number,
        "192.0.2.1",
        "2026年9月10日12:00",
        "1番目（発行時に全1件）",
        "第9条（2015-04-01版）",
    ):
        assert stated in text
    assert certificate(as_reception, consent).status_code == 200


def test_nothing_is_certified_of_a_record_that_was_changed(contract, as_yamada):
    consent = contract.application.consents.get()
    tamper(Consent, "UPDATE contracts_consent SET ip_address = '198.51.100.1'")
    assert certificate(as_yamada, consent).status_code == 409


def test_the_certificate_says_that_an_address_was_erased(contract, yamada, as_yamada, make_staff):
    erase_personal(yamada, make_staff("root@provider.example"))
    text = text_of(certificate(as_yamada, contract.application.consents.get()))
    assert "接続元のIPアドレス消去済み" in text
    assert "192.0.2.1" not in text

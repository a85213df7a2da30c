"""Applications of customers that are known, or new, entered by staff from a paper."""

import pytest
import time_machine
from django.core.exceptions import ValidationError

from contracts.consents.chain import is_vouched_for
from contracts.models import Application, Consent, IssuedLetter
from contracts.policies.rulebooks import version_in_force
from contracts.posting.drawing import draw_posting
from contracts.posting.making import make_posting, mark_posted, to_post
from portal.organisations.models import Membership, Organisation, User
from portal.outbox.models import Mail
from tests.receipts.scene import Paper, apply_on_paper, received, reception, unknown_customer
from tests.scenes import PDF, accept, at, day, yamada

pytestmark = pytest.mark.django_db


def test_a_new_customer_is_registered_from_the_paper_without_a_member(ct_e1):
    staff = reception()
    application = apply_on_paper(
        ct_e1, {"line": 1, "seat": 1}, received(at("2026-03-10 16:00"), at("2026-03-12"), staff=staff)
    )
    customer = application.organisation
    assert (customer.name, customer.invoice_email) == ("佐藤商店", "")
    assert not customer.memberships.exists()
    assert (application.applicant, application.submitted_at) == (None, at("2026-03-10 16:00"))
    assert application.sent_by == "佐藤 次郎"


def test_the_consent_says_that_it_came_on_paper_and_who_entered_it(ct_e1):
    staff = reception()
    application = apply_on_paper(
        ct_e1, {"line": 1, "seat": 1}, received(at("2026-03-10"), at("2026-03-12"), staff=staff)
    )
    consent = Consent.objects.get(application=application)
    assert (consent.how, consent.person, consent.at) == ("received", staff, at("2026-03-10"))
    assert consent.is_intact and is_vouched_for(consent)


def test_the_version_of_the_day_of_receipt_governs(partner_cloud):
    came = received(at("2024-12-17"), at("2024-12-19"), channel="letter")
    application = apply_on_paper(partner_cloud, {"base": 1}, came)
    assert application.terms_version.name == "1.0"


def test_simpleconnect_takes_applications_by_post_and_fax_and_by_email_with_a_reason_alone(simpleconnect):
    with pytest.raises(ValidationError) as refused:
        apply_on_paper(
            simpleconnect, {"id": 1}, received(at("2026-03-10"), at("2026-03-12"), channel="email")
        )
    assert "第6条第3項" in str(refused.value.error_dict["exception"][0].messages)
    assert not Application.objects.exists()
    assert not Organisation.objects.filter(name="佐藤商店").exists()
    apply_on_paper(simpleconnect, {"id": 1}, received(at("2026-03-10"), at("2026-03-12"), channel="fax"))


def test_after_an_email_the_form_itself_is_to_follow_where_the_terms_say_so(partner_cloud):
    came = received(at("2026-03-10"), at("2026-03-12"), channel="email")
    assert apply_on_paper(partner_cloud, {"base": 1}, came).receipt.waits_for_original
    came = received(at("2026-03-10"), at("2026-03-12"), channel="letter")
    again = apply_on_paper(partner_cloud, {"base": 1}, came, unknown_customer(name="田中商店"))
    assert not again.receipt.waits_for_original


def test_a_known_customer_without_members_here_is_told_at_the_contact_that_the_paper_names(ct_e1):
    application = apply_on_paper(
        ct_e1,
        {"line": 1, "seat": 1},
        received(at("2026-03-10"), at("2026-03-12")),
        particulars={
            **{field.key: "記載例" for field in _policy(ct_e1).application.fields if field.required},
            "contract_contact": "佐藤 / 06-0000-0000 / sato@shop.example",
        },
    )
    assert [mail.address for mail in Mail.objects.filter(about=application.pk)] == ["sato@shop.example"]


def _policy(service):
    return version_in_force(service, day("2026-03-10")).policy


def test_a_member_that_applies_on_paper_is_told_as_the_one_who_acts_in_the_portal(ct_e1):
    application = apply_on_paper(
        ct_e1, {"line": 1, "seat": 1}, received(at("2026-03-10"), at("2026-03-12")), yamada()
    )
    assert [mail.address for mail in Mail.objects.filter(about=application.pk)] == ["hanako@yamada.example"]


def test_without_any_email_the_acceptance_goes_out_by_post_and_forms_the_contract_then(partner_cloud):
    staff = reception()
    came = received(at("2026-03-10"), at("2026-03-10 15:00"), channel="letter", staff=staff)
    with time_machine.travel(came.entered_at, tick=False):
        application = apply_on_paper(partner_cloud, {"base": 1}, came)
    contract = accept(application, at("2026-03-11"), staff)
    assert contract.acceptance_sent_at is None
    provider = partner_cloud.provider
    assert {mail.state for mail in to_post(provider, _superuser())} == {Mail.State.TO_POST}
    with time_machine.travel(at("2026-03-12 10:00"), tick=False):
        posting = make_posting(provider, _superuser(), "all", None, at("2026-03-12 10:00"))
        draw_posting(posting.pk)
        posting.refresh_from_db()
        mark_posted(posting, _superuser(), day("2026-03-12"), at("2026-03-12 15:00"))
    contract.refresh_from_db()
    assert contract.acceptance_sent_at == at("2026-03-12 15:00")
    assert contract.formed_on == day("2026-03-12")
    assert IssuedLetter.objects.get(contract=contract).issued_on == day("2026-03-12")


def _superuser() -> User:
    found = User.objects.filter(is_superuser=True).first()
    return found or User.objects.create_superuser("root@provider.example")


def test_an_owner_who_is_let_in_later_sees_all_of_it(ct_e1, make_user, signed_in):
    application = apply_on_paper(ct_e1, {"line": 1, "seat": 1}, received(at("2026-03-10"), at("2026-03-12")))
    contract = accept(application, at("2026-03-13"))
    owner = make_user("jiro@sato.example")
    Membership.objects.create(user=owner, organisation=application.organisation, role="owner")
    client = signed_in(owner)
    page = client.get(f"/applications/{application.number}/").content.decode()
    assert "FAX" in page and "2026年3月10日" in page
    assert client.get(f"/contracts/{contract.number}/").status_code == 200
    document = application.documents.get()
    assert client.get(f"/documents/{document.pk}/").status_code == 200


def test_documents_that_the_policy_asks_for_come_along_by_their_kinds(simpleconnect):
    papers = tuple(
        Paper(f"{document.key}.pdf", PDF + document.key.encode(), document.key)
        for document in _policy(simpleconnect).application.documents
    )
    kinds = tuple(sorted(paper.kind for paper in papers))
    came = received(at("2026-03-10"), at("2026-03-12"), proofs=papers)
    application = apply_on_paper(simpleconnect, {"id": 1}, came, documents=kinds)
    assert {one.kind for one in application.documents.all()} == {"paper", *kinds}

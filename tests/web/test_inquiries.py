"""A customer asks about what they see, staff answer, both read the thread."""

from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import now as moment

from billing.models import Invoice
from billing.runs.bill import bill
from contracts.inquiries.operations import Question, answer, ask, close, erase_inquiry
from contracts.models import Inquiry
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.data_protection.erasing.steps import step_of
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from portal.search.models import SearchEntry
from tests import member_scene, scenes
from tests.billing_scene import load_priced_service

NEW = reverse("contracts:inquiry-new")


@pytest.fixture
def invoiced(yamada):
    service = load_priced_service("ct-e1")
    contract = scenes.running(service, {"line": 2}, yamada)
    bill(service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return Invoice.objects.get(contract=contract)


def admin(name: str, *args: object) -> str:
    return reverse(f"admin:contracts_inquiry_{name}", args=args)


def test_a_question_on_an_invoice_is_answered_and_told(invoiced, yamada, as_yamada, staff, signed_in, now):
    contract, provider = invoiced.contract, invoiced.provider
    named = f"invoice:{invoiced.number}"
    at_its_foot = as_yamada.get(reverse("billing:invoice-detail", args=[invoiced.number])).content.decode()
    assert f"{NEW}?about={named}" in at_its_foot
    assert provider.phone in at_its_foot
    form = as_yamada.get(f"{NEW}?{urlencode({'about': named, 'day': '2026-11-30'})}")
    assert "2026年11月30日" in form.content.decode()
    assert provider.email in form.content.decode()
    sent = {
        "about": named,
        "day": "2026-11-30",
        "key": form.context["form"]["key"].value(),
        "subject": "10月分の単価",
        "text": "単価が先月と違うようです。",
    }
    missing = as_yamada.post(NEW, {**sent, "text": " "})
    assert missing.context["form"].errors["text"] == ["本文を入力してください。"]
    for _twice in range(2):
        assert as_yamada.post(NEW, sent).status_code == 302
    inquiry = Inquiry.objects.get()
    assert (inquiry.contract, inquiry.provider, inquiry.day) == (contract, provider, scenes.day("2026-11-30"))
    told = Mail.objects.get(kind="inquiry_asked")
    assert told.address == provider.email
    assert admin("change", inquiry.pk) in told.text
    assert sent["text"] not in told.text
    entry = AuditEntry.objects.get(action="inquiry.asked")
    assert entry.personal == {"subject": sent["subject"], "text": sent["text"]}
    assert sent["text"] not in str(entry.data)
    assert SearchEntry.objects.filter(kind="inquiry", thing=inquiry.pk, organisation=yamada.pk).exists()

    person = scenes.works_for(staff(StaffRole.BILLING), provider)
    client = signed_in(person)
    assert inquiry.number in client.get(f"{admin('changelist')}?waiting=inquiry").content.decode()
    assert inquiry.subject in client.get(reverse("work-queue")).content.decode()
    page = client.get(admin("change", inquiry.pk)).content.decode()
    assert reverse("admin:billing_invoice_change", args=[invoiced.pk]) in page
    assert reverse("customer", args=[yamada.pk]) in page
    assert sent["text"] in page
    assert client.post(admin("take_on", inquiry.pk)).status_code == 302
    assert client.post(admin("answer", inquiry.pk), {"text": "値上げの\nためです。"}).status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.handled_by) == ("answered", person)
    answered = Mail.objects.get(kind="inquiry_answered")
    assert answered.address == scenes.owner_of(yamada).email
    own = reverse("contracts:inquiry", args=[inquiry.number])
    assert own in answered.text
    assert "値上げ" not in answered.text
    assert not client.get(f"{admin('changelist')}?waiting=inquiry").context["cl"].queryset.exists()

    read = as_yamada.get(own).content.decode()
    assert "値上げの<br>ためです。" in read
    assert str(person) not in read, "customers read the provider's name"
    assert reverse("billing:invoice-detail", args=[invoiced.number]) in read
    assert as_yamada.post(own, {"action": "close"}).status_code == 302
    now.shift(3600)
    assert as_yamada.post(own, {"action": "write", "text": "もう一つ"}).status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.closed_at, inquiry.waits_since) == ("open", None, moment())
    assert inquiry.subject in as_yamada.get(reverse("contracts:inquiry-list")).content.decode()
    assert client.post(admin("close", inquiry.pk)).status_code == 302

    far = scenes.day("2031-12-01")
    assert list(step_of("inquiries").due(provider.code, far)) == [inquiry]
    erase_inquiry(inquiry, person)
    assert not Inquiry.objects.exists()
    assert (
        not AuditEntry.objects.filter(action__startswith="inquiry.")
        .exclude(personal__isnull=True)
        .exclude(personal={})
    )
    assert not SearchEntry.objects.filter(kind="inquiry").exists()


def test_who_does_not_see_the_thing_can_neither_ask_nor_read(
    invoiced, yamada, as_suzuki, staff, signed_in, rf
):
    contract = invoiced.contract
    named = f"contract:{contract.number}"
    refused = as_suzuki.post(NEW, {"about": named, "subject": "x", "text": "x", "key": str(uuid4())})
    assert "about" in refused.context["form"].errors
    assert contract.service.name not in refused.content.decode()
    other = scenes.running(load_priced_service("simpleconnect"), {"id": 1}, yamada)
    reader = member_scene.join(yamada, member_scene.limited(other)).user
    question = Question(about_kind="contract", about_number=contract.number, subject="x", text="x")
    with pytest.raises(ValidationError) as problem:
        ask(reader, yamada, question, uuid4(), moment())
    assert problem.value.error_dict["about"][0].code == "not_seen"
    general = Question(
        about_kind="provider", about_number=invoiced.provider.code, subject="全般", text="全般の質問"
    )
    with pytest.raises(ValidationError):
        ask(reader, yamada, general, uuid4(), moment())
    inquiry = ask(scenes.owner_of(yamada), yamada, general, uuid4(), moment())
    about_contract = ask(scenes.owner_of(yamada), yamada, question, uuid4(), moment())
    for client in (as_suzuki, signed_in(reader)):
        for one in (inquiry, about_contract):
            own = reverse("contracts:inquiry", args=[one.number])
            assert client.get(own).status_code == 404
            assert client.post(own, {"action": "close"}).status_code == 404
            with pytest.raises(ValidationError):
                close(one, reader, moment())

    elsewhere = scenes.works_for(staff(StaffRole.MANAGER), other.service.provider)
    assert inquiry.number not in signed_in(elsewhere).get(admin("changelist")).content.decode()
    with pytest.raises(ValidationError) as problem:
        answer(inquiry, elsewhere, "x", moment())
    assert problem.value.code == "other_provider"
    assert signed_in(staff(StaffRole.TERMS)).get(admin("changelist")).status_code == 403

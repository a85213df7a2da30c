"""Staff write, check and send notices, and follow them in the ledger."""

import pytest
from django.core import mail
from django.urls import reverse

from contracts.inbox import waiting
from contracts.models import Notice, NoticeDelivery
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests import scenes
from tests.approving import approve_it
from tests.billing_scene import load_priced_service

pytestmark = pytest.mark.usefixtures("committing")

ADD = reverse("admin:contracts_notice_add")
LEDGER = reverse("admin:contracts_noticedelivery_changelist")


@pytest.fixture
def simpleconnect(yamada):
    service = load_priced_service("simpleconnect")
    scenes.running(service, {"id": 2}, yamada)
    return service


@pytest.fixture
def as_terms(staff, signed_in):
    return signed_in(staff(StaffRole.TERMS))


def typed(service, **changed) -> dict[str, str]:
    values = {
        "service": str(service.pk),
        "purpose": "maintenance",
        "effective_on": "2026-12-10",
        "scope": "affected",
        "subject": "保守のお知らせ",
        "body": "夜間に止まります。",
    }
    return {**values, **changed}


def action(name: str, found) -> str:
    return reverse(f"admin:contracts_{found._meta.model_name}_{name}", args=[found.pk])


def written(client, service, **changed) -> Notice:
    reply = client.post(ADD, typed(service, **changed))
    assert reply.status_code == 302, reply.context["errors"]
    return Notice.objects.latest("pk")


def test_a_notice_is_written_looked_through_and_sent(simpleconnect, as_terms, yamada):
    notice = written(as_terms, simpleconnect)
    assert notice.created_by.email == "terms@provider.example"
    draft = as_terms.get(action("change", notice)).content.decode()
    assert yamada.name in draft
    assert "2026年12月3日" in draft, "the latest day to send it"

    mail.outbox.clear()
    assert yamada.name in as_terms.get(action("send", notice)).content.decode()
    as_terms.post(action("send", notice), {"override_reason": ""})
    notice.refresh_from_db()
    assert notice.sent_at == scenes.at("2026-11-20 10:00")
    assert [message.to for message in mail.outbox] == [[scenes.owner_of(yamada).email]]
    assert as_terms.post(action("change", notice), typed(simpleconnect)).status_code == 403


def test_an_emergency_is_recorded_waits_and_is_told_with_reason_and_times(simpleconnect, as_terms, as_yamada):
    stop = {
        "purpose": "emergency_maintenance",
        "effective_on": "2026-11-18",
        "starts_at_0": "2026-11-18",
        "starts_at_1": "02:00",
        "ends_at_0": "2026-11-18",
        "ends_at_1": "06:00",
        "reason": "記憶装置の故障",
    }
    notice = written(as_terms, simpleconnect, subject="", body="", **stop)
    assert "緊急メンテナンス" in notice.subject
    page = as_terms.get(action("change", notice)).content.decode()
    assert "終了から2日4時間後のお知らせです" in page
    assert "期限に間に合います" not in page
    owed = as_terms.get(reverse("admin:contracts_notice_changelist"), {"waiting": "owed_notices"})
    assert list(owed.context["cl"].result_list) == [notice]

    as_terms.post(action("send", notice), {"override_reason": ""})
    told = as_yamada.get(reverse("contracts:notice-detail", args=[notice.pk])).content.decode()
    for shown in ("記憶装置の故障", "2026年11月18日 02:00～2026年11月18日 06:00"):
        assert shown in told
    owed = as_terms.get(reverse("admin:contracts_notice_changelist"), {"waiting": "owed_notices"})
    assert not owed.context["cl"].result_list


def test_wrong_input_is_named_at_its_field(simpleconnect, as_terms):
    reply = as_terms.post(ADD, typed(simpleconnect, product="unknown", body=""))
    assert (
        set(reply.context["adminform"].errors) == {"body"} or "product" in reply.context["adminform"].errors
    )
    assert Notice.objects.count() == 0


def test_too_late_it_goes_out_with_a_reason_that_a_manager_approves(
    simpleconnect, as_terms, yamada, staff, django_capture_on_commit_callbacks
):
    notice = written(as_terms, simpleconnect, effective_on="2026-11-24")
    refused = as_terms.post(action("send", notice), {"override_reason": ""})
    assert "2026年11月28日" in refused.content.decode()
    assert as_terms.post(action("send", notice), {"override_reason": "急ぎます"}).status_code == 302
    notice.refresh_from_db()
    assert notice.sent_at is None
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        approve_it(staff(StaffRole.MANAGER))
    assert [message.to for message in mail.outbox] == [[scenes.owner_of(yamada).email]]
    notice.refresh_from_db()
    assert notice.override_reason == "急ぎます"


def test_the_ledger_is_filtered_by_state(simpleconnect, as_terms, yamada):
    notice = written(as_terms, simpleconnect)
    as_terms.post(action("send", notice), {"override_reason": ""})
    email = notice.deliveries.get(channel="email")

    def listed(state: str) -> list[str]:
        page = as_terms.get(LEDGER, {"state": state, "notice__id__exact": notice.pk})
        return [line.channel for line in page.context["cl"].result_list]

    assert (listed("accepted"), listed("sent"), listed("look_at")) == (["email"], ["site"], [])
    as_terms.post(action("bounce", email), {"at_0": "2026-11-20", "at_1": "11:00", "why": "unknown"})
    assert (listed("bounced"), listed("look_at")) == (["email"], [])
    assert list(waiting.mails_to_look_at().values_list("about", flat=True)) == [email.pk]
    as_terms.post(action("again", email))
    assert listed("accepted") == ["email"]


def test_what_waits_for_the_mail_server_is_tried_at_once_by_a_button(
    simpleconnect, as_terms, yamada, no_worker
):
    notice = written(as_terms, simpleconnect)
    as_terms.post(action("send", notice), {"override_reason": ""})
    later = Mail.objects.filter(kind="notice")
    later.update(due_at=scenes.at("2026-11-20 10:10"))
    assert action("go_on", notice) in as_terms.get(action("change", notice)).content.decode()
    as_terms.post(action("go_on", notice))
    assert later.get() in Mail.objects.due()


@pytest.mark.parametrize("state", NoticeDelivery.State.values)
def test_the_filter_and_the_ledger_agree_on_states(state, db, simpleconnect, as_terms):
    from contracts.admin.notices.deliveries import IN_STATE

    notice = written(as_terms, simpleconnect, by_letter="on")
    as_terms.post(action("send", notice), {"override_reason": ""})
    moment = scenes.at("2026-11-20 11:00")
    lines = NoticeDelivery.objects.all()
    lines.filter(channel="site").update(read_at=moment)
    for line in lines.filter(channel="letter"):
        for person, dates in enumerate(({"sent_at": moment}, {"sent_at": moment, "arrived_at": moment}), 1):
            line.pk, line.person = None, scenes.staff_member(str(person))
            line.sent_at, line.arrived_at = dates.get("sent_at"), dates.get("arrived_at")
            line.save()
    for line in lines.filter(channel="email"):
        for dates in ({"bounced_at": moment}, {"accepted_at": None}):
            line.pk, line.person = None, scenes.staff_member()
            line.bounced_at = dates.get("bounced_at")
            line.accepted_at = dates.get("accepted_at", moment)
            line.save()
    expected = {line.pk for line in lines if line.state == state}
    assert expected
    assert set(lines.filter(IN_STATE[NoticeDelivery.State(state)]).values_list("pk", flat=True)) == expected


def test_letters_are_recorded_as_posted_and_arrived(simpleconnect, as_terms):
    notice = written(as_terms, simpleconnect, by_letter="on")
    as_terms.post(action("send", notice), {"override_reason": ""})
    as_terms.post(action("letters_posted", notice), {"at_0": "2026-11-20", "at_1": "09:00"})
    letter = notice.deliveries.get(channel="letter")
    early = as_terms.post(action("arrival", letter), {"at_0": "2026-11-19", "at_1": "09:00"})
    assert early.context["form"].errors
    as_terms.post(action("arrival", letter), {"at_0": "2026-11-24", "at_1": "09:00"})
    letter.refresh_from_db()
    assert letter.effective_at == scenes.at("2026-11-24 09:00")

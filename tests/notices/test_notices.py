"""Notices: drafted, checked against the lead times of the terms, sent to whom they concern, and read."""

import smtplib
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from contracts.approvals.deadlines import LATE_NOTICE, LateNoticeData
from contracts.extensions.waiting import Wanted
from contracts.inbox.waiting import owed_notices
from contracts.inbox.work import OWED_NOTICES
from contracts.models import Contract, Notice, NoticeDelivery, Service
from contracts.notices.check import check_notice, first_effect
from contracts.notices.deliveries import (
    mails_of,
    record_arrival,
    record_bounce,
    record_posting,
    send_again,
    waiting_mails,
)
from contracts.notices.recipients import recipients
from contracts.notices.send import draft_notice, mark_read, send_notice, since_text, too_late_text
from portal.approvals.decide import approve, put_forward
from portal.audit.models import AuditEntry
from portal.organisations.models import Membership, User
from portal.organisations.roles import StaffRole
from portal.outbox import delivery as outbox
from portal.outbox.delivery import claim, taken
from portal.outbox.kinds import Written
from portal.outbox.models import Mail
from portal.outbox.worker import send_these
from tests import billing_scene, scenes
from tests.approving import approved
from tests.billing_scene import load_service
from tests.scenes import at, day, owner_of, suzuki, yamada

SENT = at("2026-11-20 10:00")

pytestmark = pytest.mark.usefixtures("committing", "waiting_notices")


@pytest.fixture
def waiting_notices(monkeypatch) -> None:
    """The e-mails of notices wait in the outbox until a test hands them over; others go out."""
    monkeypatch.setattr("contracts.notices.send.enqueue_all", Mail.objects.bulk_create)


@pytest.fixture
def staff(db) -> User:
    return scenes.staff_member()


def draft(service: Service, purpose: str, effective_on: str, staff: User, **changed) -> Notice:
    values = {"scope": "affected", "subject": "お知らせ", "body": "本文です。", **changed}
    notice = Notice(service=service, purpose=purpose, effective_on=day(effective_on), **values)
    return draft_notice(notice, staff)


def stop_on(purpose: str, day: str) -> dict[str, Any]:
    """What a notice states of a stop on a day; nothing for another purpose."""
    if purpose not in Notice.STOPS:
        return {}
    times = {"starts_at": at(f"{day} 01:00"), "ends_at": at(f"{day} 03:00")}
    return {"reason": "電源設備の更新", **times}


def sent(service: Service, purpose: str, effective_on: str, staff: User, **changed) -> Notice:
    return send_notice(draft(service, purpose, effective_on, staff, **changed), staff, SENT)


def deliver(notice: Notice, moment: datetime = SENT) -> None:
    """Let a worker send what waits of a notice, at a moment."""
    with time_machine.travel(moment, tick=False):
        send_these(waiting_mails(notice))


def ledger(notice: Notice) -> list[tuple[str, str]]:
    return [(line.channel, line.state.value) for line in notice.deliveries.order_by("pk")]


def test_a_notice_goes_to_the_contracts_that_run_on_its_day(ct_e1, staff):
    scenes.running(ct_e1, {"line": 2}, yamada())
    ended = scenes.running(ct_e1, {"line": 2}, suzuki())
    ended.ends_on, ended.end_kind = day("2026-11-30"), "cancelled"
    ended.save()

    notice = sent(ct_e1, "maintenance", "2026-12-01", staff)
    assert set(notice.deliveries.values_list("organisation__name", flat=True)) == {yamada().name}
    everybody = sent(ct_e1, "maintenance", "2026-12-01", staff, scope="all")
    assert everybody.deliveries.filter(organisation=suzuki()).exists()


def test_an_option_that_ends_is_told_to_those_who_have_it(ct_e1, staff):
    scenes.running(ct_e1, {"line": 2, "seat": 1, "recording-16h": 1}, yamada())
    scenes.running(ct_e1, {"line": 2}, suzuki())
    notice = sent(ct_e1, "option_end", "2027-02-28", staff, product="recording-16h", by_letter=True)
    assert set(notice.deliveries.values_list("organisation__name", flat=True)) == {yamada().name}


def test_each_member_gets_the_e_mail_in_the_language_of_the_application(ct_e1, staff):
    contract = scenes.running(ct_e1, {"line": 2}, yamada())
    contract.application.language = "en"
    contract.application.save()
    colleague = User.objects.create_user("taro@yamada.example", None, display_name="山田 太郎")
    Membership.objects.create(
        user=colleague, organisation=yamada(), role="member", handles_contracts=True, handles_billing=True
    )
    notice = sent(
        ct_e1, "maintenance", "2026-12-01", staff, subject_en="Maintenance", body_en="We work at night."
    )
    mail.outbox.clear()
    deliver(notice)

    assert mails_of(notice).in_state(Mail.State.TAKEN).count() == 2
    assert {message.to[0] for message in mail.outbox} == {owner_of_first(yamada()), colleague.email}
    assert {message.subject for message in mail.outbox} == {"Maintenance"}
    assert "We work at night." in mail.outbox[0].body
    assert f"/notices/{notice.pk}/" in mail.outbox[0].body
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 2
    assert mail.outbox[0].extra_headers["From"].endswith("<portal@localhost>")


def owner_of_first(organisation) -> str:
    return organisation.memberships.get(role="owner").user.email


@pytest.mark.parametrize(
    ("slug", "purpose", "effective_on", "earliest"),
    [
        ("ct_e1", "price_change", "2027-02-19", date(2027, 2, 20)),
        ("progoffice", "service_end", "2027-02-19", date(2027, 2, 20)),
        ("simpleconnect", "service_end", "2027-05-19", date(2027, 5, 20)),
        ("simpleconnect", "maintenance", "2026-11-27", date(2026, 11, 28)),
        ("simpleconnect", "facility_stop", "2026-11-20", date(2026, 11, 21)),
        ("desknets", "facility_stop", "2026-12-03", date(2026, 12, 4)),
    ],
)
def test_a_notice_that_is_too_late_is_refused_with_the_earliest_day(
    slug, purpose, effective_on, earliest, staff
):
    service = load(slug)
    scenes.running(service, base(service), yamada())
    notice = draft(service, purpose, effective_on, staff, **stop_on(purpose, effective_on))

    with pytest.raises(ValidationError) as refused:
        send_notice(notice, staff, SENT)
    shown = f"{earliest.year}年{earliest.month}月{earliest.day}日"
    assert shown in str(refused.value)
    assert Notice.objects.get(pk=notice.pk).sent_at is None
    with pytest.raises(ValidationError) as alone:
        send_notice(notice, staff, SENT, override_reason="急ぎます")
    assert alone.value.code == "second_person"

    late = send_notice(notice, staff, SENT, override_reason="急ぎます", approval=approved("late_notice"))
    assert late.override_reason == "急ぎます"
    assert AuditEntry.objects.get(action="notice.sent").personal["override_reason"] == "急ぎます"

    in_time = draft(service, purpose, str(earliest), staff, **stop_on(purpose, str(earliest)))
    assert send_notice(in_time, staff, SENT, override_reason="不要").override_reason == ""


@pytest.mark.parametrize(
    "changed", [{"by_letter": True}, {"subject_en": "News", "body_en": "Text"}, {"scope": "all"}]
)
def test_a_late_notice_goes_out_only_as_it_was_seen(ct_e1, make_staff, changed):
    scenes.running(ct_e1, {"line": 2}, yamada())
    editor = make_staff("yakkan@provider.example", StaffRole.TERMS)
    manager = make_staff("buchou@provider.example", StaffRole.MANAGER)
    notice = draft(ct_e1, "price_change", "2027-02-19", editor)
    with time_machine.travel(SENT, tick=False):
        wanted = LateNoticeData(notice=notice.pk, override_reason="急ぎます")
        seen = put_forward(LATE_NOTICE, wanted, editor, SENT)
        shown = {line["label"]: line["after"] for line in seen.lines}
        assert (shown["書面でも送る"], shown["送信先の数"]) == ("いいえ", "1")
        Notice.objects.filter(pk=notice.pk).update(**changed)
        with pytest.raises(ValidationError) as refused:
            approve(seen, manager, seen.digest, SENT)
    assert refused.value.code == "changed"
    notice.refresh_from_db()
    assert notice.sent_at is None


def test_a_late_notice_goes_to_those_alone_who_were_seen(ct_e1, make_staff):
    contract = scenes.running(ct_e1, {"line": 2}, yamada())
    editor = make_staff("yakkan@provider.example", StaffRole.TERMS)
    manager = make_staff("buchou@provider.example", StaffRole.MANAGER)
    notice = draft(ct_e1, "price_change", "2027-02-19", editor)
    with time_machine.travel(SENT, tick=False):
        wanted = LateNoticeData(notice=notice.pk, override_reason="急ぎます")
        seen = put_forward(LATE_NOTICE, wanted, editor, SENT)
        contract.organisation = suzuki()
        contract.save()
        with pytest.raises(ValidationError) as refused:
            approve(seen, manager, seen.digest, SENT)
    assert refused.value.code == "changed"


def load(name: str) -> Service:
    return load_service(name.replace("_", "-"))


@pytest.fixture
def desknets(db) -> Service:
    return load_service("desknets")


def base(service: Service) -> dict[str, int]:
    version = service.versions.latest("effective_on")
    return {next(iter(sorted(version.policy.base_products))): 3}


def test_emergency_maintenance_may_be_told_afterwards(simpleconnect, staff):
    scenes.running(simpleconnect, {"id": 2}, yamada())
    notice = sent(simpleconnect, "emergency_maintenance", "2026-11-18", staff)
    assert (notice.sent_at, notice.override_reason) == (SENT, "")


def test_of_an_emergency_it_is_said_how_long_ago_it_was_and_nothing_is_in_time(desknets, staff):
    scenes.running(desknets, base(desknets), yamada())
    over = SENT - timedelta(days=53, hours=4)
    stop = {"starts_at": over - timedelta(hours=1), "ends_at": over}
    notice = draft(desknets, "emergency_maintenance", str(over.date()), staff, **stop)
    check = check_notice(notice, SENT)
    assert (check.has_deadline, check.since) == (False, timedelta(days=53, hours=4))
    assert "終了から53日4時間後" in since_text(check)
    assert "第18条第3項" in since_text(check)
    assert check_notice(notice, over - timedelta(minutes=1)).since is None


@pytest.mark.parametrize("left_out", ["reason", "ends_at"])
def test_a_stop_is_told_with_reason_and_period_where_the_terms_ask_for_them(desknets, staff, left_out):
    scenes.running(desknets, base(desknets), yamada())
    stop = stop_on("facility_stop", "2026-12-10")
    stated = {**stop, left_out: "" if left_out == "reason" else None}
    notice = draft(desknets, "facility_stop", "2026-12-10", staff, **stated)
    with pytest.raises(ValidationError) as refused:
        send_notice(notice, staff, SENT)
    assert refused.value.code == "incomplete"
    assert {"reason": "停止の理由", "ends_at": "停止の期間"}[left_out] in refused.value.message
    setattr(notice, left_out, stop[left_out])
    draft_notice(notice, staff)
    send_notice(notice, staff, SENT)


def test_of_a_stop_the_portal_writes_what_is_left_out_and_all_see_reason_and_times(desknets, staff):
    scenes.running(desknets, base(desknets), yamada())
    stop = stop_on("facility_stop", "2026-12-10")
    notice = draft(desknets, "facility_stop", "2026-12-10", staff, subject="", body="", **stop)
    assert notice.subject == f"【{desknets.name}】設備工事による停止のお知らせ"
    assert "次のとおり" in notice.body
    assert notice.subject_en
    send_notice(notice, staff, SENT)
    mail.outbox.clear()
    deliver(notice)
    for stated in ("電源設備の更新", "2026年12月10日 01:00", "2026年12月10日 03:00"):
        assert stated in mail.outbox[0].body


def test_who_sells_its_business_tells_all_customers_two_months_before(simpleconnect, staff):
    scenes.running(simpleconnect, {"id": 2}, yamada())
    some = draft(simpleconnect, "business_transfer", "2027-02-01", staff)
    with pytest.raises(ValidationError) as refused:
        send_notice(some, staff, SENT)
    assert refused.value.code == "incomplete"
    assert "第22条第1項第12号" in refused.value.message
    late = draft(simpleconnect, "business_transfer", "2027-01-19", staff, scope="all")
    assert not check_notice(late, SENT).in_time
    assert check_notice(late, SENT).earliest_effective_on == date(2027, 1, 20)
    in_time = draft(simpleconnect, "business_transfer", "2027-01-20", staff, scope="all")
    assert send_notice(in_time, staff, SENT).override_reason == ""


def test_a_stop_that_took_place_without_its_notice_waits_in_the_queue(desknets, staff):
    scenes.running(desknets, base(desknets), yamada())
    begun = SENT - timedelta(hours=30)
    happened = draft(
        desknets,
        "emergency_maintenance",
        "2026-11-19",
        staff,
        starts_at=begun,
        ends_at=begun + timedelta(hours=1),
        subject="",
        body="",
    )
    draft(desknets, "maintenance", "2026-12-01", staff)
    with time_machine.travel(SENT, tick=False):
        assert list(owed_notices()) == [happened]
        (row,) = OWED_NOTICES.rows(Wanted())
        assert (row.pk, row.due_on, row.since) == (happened.pk, date(2026, 11, 19), date(2026, 11, 19))
        assert "緊急メンテナンス" in OWED_NOTICES.entries([happened.pk])[happened.pk].number
        send_notice(happened, staff, SENT)
        assert not owed_notices().exists()


def test_what_must_be_in_writing_needs_a_letter(ct_e1, staff):
    scenes.running(ct_e1, {"line": 2}, yamada())
    notice = draft(ct_e1, "service_end", "2027-03-31", staff)
    with pytest.raises(ValidationError) as refused:
        send_notice(notice, staff, SENT)
    assert refused.value.message_dict == {
        "override_reason": [too_late_text(check_notice(notice, SENT), notice)]
    }
    assert check_notice(notice, SENT).earliest_effective_on is None

    notice.by_letter = True
    notice = send_notice(draft_notice(notice, staff), staff, SENT)
    deliver(notice)
    assert not notice.deliveries.filter(effective_at__isnull=False).exists()
    assert record_posting(notice, staff, at("2026-11-21 09:00")) == 1
    letter = notice.deliveries.get(channel="letter")
    assert (letter.state, letter.effective_at) == ("sent", None)
    letter = record_arrival(letter, staff, at("2026-11-24 11:00"))
    assert letter.effective_at == at("2026-11-24 11:00")
    effect = first_effect(notice, notice.deliveries.all())
    assert (effect.at, effect.decision.in_time) == (letter.effective_at, True)
    with pytest.raises(ValidationError):
        record_posting(notice, staff, SENT)


def test_what_the_terms_do_not_speak_of_needs_no_time(staff):
    desknets = load("desknets")
    scenes.running(desknets, {"user": 3}, yamada())
    notice = draft(desknets, "price_change", "2026-11-21", staff)
    assert check_notice(notice, SENT).provided is False
    assert send_notice(notice, staff, SENT).sent_at == SENT


@pytest.mark.parametrize(
    ("slug", "by_mail"),
    [("partner_cloud_e", "2026-11-20 10:00"), ("simpleconnect", "2026-11-20 10:05")],
)
def test_the_moment_that_counts_is_dispatch_or_arrival(slug, by_mail, staff):
    service = load(slug)
    scenes.running(service, base(service), yamada())
    notice = sent(service, "maintenance", "2027-01-15", staff)
    assert notice.deliveries.get(channel="site").effective_at == SENT
    (row,) = waiting_mails(notice)
    claim(row, Written("お知らせ", "本文"), SENT)
    taken(row, at("2026-11-20 10:05"))
    email = notice.deliveries.get(channel="email")
    assert (email.state, email.effective_at) == ("accepted", at(by_mail))


@pytest.mark.parametrize(("slug", "still"), [("partner_cloud_e", True), ("simpleconnect", False)])
def test_what_bounces_did_not_arrive_but_was_dispatched(slug, still, staff):
    service = load(slug)
    scenes.running(service, base(service), yamada())
    notice = sent(service, "maintenance", "2027-01-15", staff)
    deliver(notice)
    email = record_bounce(
        notice.deliveries.get(channel="email"), at("2026-11-20 12:00"), "550 unknown", staff
    )
    assert email.state == "bounced"
    assert bool(email.effective_at) is still
    with pytest.raises(ValidationError):
        record_bounce(email, SENT, "again", staff)
    with pytest.raises(ValidationError):
        record_bounce(notice.deliveries.get(channel="site"), SENT, "no", staff)


def test_the_command_records_a_bounce(ct_e1, staff):
    scenes.running(ct_e1, {"line": 2}, yamada())
    notice = sent(ct_e1, "maintenance", "2026-12-01", staff)
    deliver(notice)
    address = owner_of(yamada()).email
    call_command("record_bounce", str(notice.pk), address.upper(), note="mailbox full")
    assert notice.deliveries.get(channel="email").bounce_note == "mailbox full"
    for arguments in ([str(notice.pk), "nobody@yamada.example"], ["0", address], [str(notice.pk), address]):
        with pytest.raises(CommandError):
            call_command("record_bounce", *arguments)


def test_a_notice_is_sent_once(ct_e1, staff):
    scenes.running(ct_e1, {"line": 2}, yamada())
    notice = sent(ct_e1, "maintenance", "2026-12-01", staff)
    for again in (lambda: send_notice(notice, staff, SENT), lambda: draft_notice(notice, staff)):
        with pytest.raises(ValidationError) as refused:
            again()
        assert refused.value.code == "sent_already"
    mail.outbox.clear()
    deliver(notice)
    deliver(notice)
    assert len(mail.outbox) == 1


def named_in(contract: Contract, stated: str) -> None:
    contract.application.particulars = {"responsible_person": stated}
    contract.application.save()


def test_whom_the_terms_name_is_told_once_for_all_contracts_beside_the_members(partner_cloud, staff):
    owner = yamada()
    person = "resp@yamada.example"
    for stated in (f"責任 者子 / {person}", person, "山田 / hanako@yamada.example", ""):
        named_in(scenes.running(partner_cloud, {"base": 1}, owner), stated)
    named_in(scenes.running(partner_cloud, {"base": 1}, suzuki()), "鈴木 / second@yamada.example")
    notice = sent(partner_cloud, "service_end", "2027-06-30", staff)
    deliver(notice)
    told = notice.deliveries.filter(organisation=owner, channel="email")
    assert sorted(told.values_list("address", flat=True)) == ["hanako@yamada.example", "resp@yamada.example"]
    assert notice.deliveries.filter(organisation=owner, channel="site").count() == 1
    line = told.get(person=None)
    assert (line.state, line.effective_at) == ("accepted", SENT)
    assert person in [address for message in mail.outbox for address in message.to]
    assert next(recipients(notice, SENT.date())).named == (person,)


def test_a_notice_that_concerns_nobody_is_not_sent(ct_e1, staff):
    with pytest.raises(ValidationError) as refused:
        sent(ct_e1, "maintenance", "2026-12-01", staff)
    assert refused.value.code == "nobody"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"subject": "", "purpose": "price_change"}, "subject"),
        ({"body": "", "purpose": "price_change"}, "body"),
        ({"starts_at": at("2026-12-02 01:00")}, "effective_on"),
        ({"ends_at": at("2026-12-01 01:00")}, "ends_at"),
        ({"starts_at": at("2026-12-01 03:00"), "ends_at": at("2026-12-01 03:00")}, "ends_at"),
        ({"starts_at": at("2026-12-01 03:00"), "purpose": "price_change"}, "starts_at"),
        ({"body_en": "Text"}, "body_en"),
        ({"product": "unknown"}, "product"),
        ({"purpose": "terms_change"}, "terms_version"),
        ({"purpose": "party"}, "purpose"),
    ],
)
def test_a_draft_that_does_not_fit_names_the_field(ct_e1, staff, changed, field):
    values = {"purpose": "maintenance", **changed}
    with pytest.raises(ValidationError) as refused:
        draft(ct_e1, values.pop("purpose"), "2026-12-01", staff, **values)
    assert field in refused.value.message_dict
    assert Notice.objects.count() == 0


class Refusing(EmailBackend):
    """A mail server that answers the n-th message with an error."""

    answers: tuple[Exception | None, ...] = ()

    def send_messages(self, messages) -> int:
        answer, type(self).answers = type(self).answers[0], type(self).answers[1:]
        if answer:
            raise answer
        return super().send_messages(messages)


@pytest.fixture
def three_mails(ct_e1, staff) -> Notice:
    scenes.running(ct_e1, {"line": 2}, yamada())
    for name in ("jiro", "saburo"):
        person = User.objects.create_user(f"{name}@yamada.example", None)
        Membership.objects.create(
            user=person, organisation=yamada(), role="member", handles_contracts=True, handles_billing=True
        )
    return sent(ct_e1, "maintenance", "2026-12-01", staff)


@pytest.mark.parametrize(
    ("answer", "states"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"unknown")}), ["accepted", "bounced", "accepted"]),
        (smtplib.SMTPDataError(451, b"later"), ["accepted", "pending", "accepted"]),
        (smtplib.SMTPServerDisconnected("gone"), ["accepted", "pending", "accepted"]),
    ],
)
def test_a_server_that_refuses_holds_nobody_else_up(three_mails, settings, answer, states):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    mail.outbox.clear()
    Refusing.answers = (None, answer, None)
    deliver(three_mails)
    mails = three_mails.deliveries.filter(channel="email").order_by("pk")
    assert [found.state for found in mails] == states

    Refusing.answers = (None, None, None)
    deliver(three_mails)
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox)
    assert "pending" not in {found.state for found in mails.all()}


def test_what_came_back_is_sent_again_when_staff_say_so(three_mails, settings, staff):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    refused = smtplib.SMTPRecipientsRefused({"x": (550, b"unknown")})
    Refusing.answers = (refused, None, None, None)
    deliver(three_mails)
    bounced = three_mails.deliveries.filter(channel="email").order_by("pk")[0]
    User.objects.filter(pk=bounced.person_id).update(email="hanako@new.example")
    assert send_again(bounced, staff).address == "hanako@new.example"
    deliver(three_mails)
    assert {found.state for found in three_mails.deliveries.filter(channel="email")} == {"accepted"}
    assert mail.outbox[-1].to == ["hanako@new.example"]
    with pytest.raises(ValidationError):
        send_again(bounced, staff)


def test_what_counted_from_its_dispatch_counts_from_then_however_often_it_is_sent(staff):
    service = load("partner_cloud_e")
    scenes.running(service, base(service), yamada())
    notice = sent(service, "maintenance", "2027-01-15", staff)
    deliver(notice)
    email = record_bounce(notice.deliveries.get(channel="email"), at("2026-11-21"), "550 unknown", staff)
    send_again(email, staff)
    deliver(notice, at("2026-11-22"))
    email.refresh_from_db()
    assert (email.state, email.effective_at) == ("accepted", SENT)


def test_the_report_of_another_server_is_a_bounce_of_the_notice(three_mails, staff):
    deliver(three_mails)
    row = mails_of(three_mails)[0]
    outbox.bounced(row, at("2026-11-21"), "550 unknown")
    email = three_mails.deliveries.get(pk=row.about)
    assert (email.state, email.bounce_note, email.arrived_at) == ("bounced", "550 unknown", None)


def test_a_late_report_moves_no_arrival_before_staff_record_it(three_mails, staff):
    deliver(three_mails)
    row = mails_of(three_mails)[0]
    arrived = three_mails.deliveries.get(pk=row.about).arrived_at
    assert outbox.reported_back(row, at("2027-11-21"), "550 unknown")
    email = three_mails.deliveries.get(pk=row.about)
    assert (email.state, email.arrived_at) == ("accepted", arrived)
    assert record_bounce(email, at("2027-11-21"), "550 unknown", staff).arrived_at is None


def test_a_server_that_can_not_be_reached_leaves_all_waiting(three_mails, settings, monkeypatch):
    def refuse(self) -> bool:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "open", refuse)
    deliver(three_mails)
    assert waiting_mails(three_mails).count() == 3
    assert {state for _channel, state in ledger(three_mails)} == {"pending", "sent"}


def test_the_command_sends_what_waits_without_a_worker(three_mails, capsys):
    mail.outbox.clear()
    for _time in range(2):
        call_command("send_notices")
    assert len(mail.outbox) == 3
    assert capsys.readouterr().out.strip().endswith("3 taken, 0 refused, 0 waiting")


def test_reading_is_noted_once_for_each_member(ct_e1, staff):
    scenes.running(ct_e1, {"line": 2}, yamada())
    notice = sent(ct_e1, "maintenance", "2026-12-01", staff)
    reader, later = owner_of(yamada()), at("2026-11-25 09:00")
    assert mark_read(notice, yamada(), reader, later).read_at == later
    assert mark_read(notice, yamada(), reader, at("2026-11-26")).read_at == later
    newcomer = User.objects.create_user("shiro@yamada.example", None)
    with pytest.raises(ValidationError) as refused:
        mark_read(notice, yamada(), newcomer, later)
    assert refused.value.code == "not_acting"
    Membership.objects.create(
        user=newcomer, organisation=yamada(), role="member", handles_contracts=True, handles_billing=True
    )
    assert mark_read(notice, yamada(), newcomer, later).person == newcomer
    assert sorted(ledger(notice)) == [("email", "pending"), ("site", "read"), ("site", "read")]
    with pytest.raises(NoticeDelivery.DoesNotExist):
        mark_read(notice, suzuki(), owner_of(suzuki()), later)


def test_publishing_a_version_drafts_its_notice(simpleconnect):
    version = scenes.next_version(simpleconnect, day("2027-01-01"), SENT)
    notice = Notice.objects.get()
    assert (notice.terms_version, notice.purpose, notice.scope) == (version, "terms_change", "all")
    assert (notice.sent_at, notice.effective_on) == (None, day("2027-01-01"))
    assert f"/services/simpleconnect/terms/{version.name}/" in notice.body
    assert "counts as consent" in notice.body_en


def test_versions_that_are_in_force_already_bring_no_notice(db, monkeypatch):
    monkeypatch.setattr(billing_scene, "LONG_AGO", datetime.fromisoformat("2026-01-01T00:00:00+09:00"))
    billing_scene.load_service("progoffice")
    assert Notice.objects.count() == 0

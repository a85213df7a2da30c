"""E-mails go to those whose role they concern and who want them, never to fewer than the terms demand."""

from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from contracts.applications.acceptance import deliver_acceptance
from contracts.correspondence.addressees import told_of
from contracts.inbox.daily import run_day
from contracts.models import Contract, Notice, NoticeDelivery
from contracts.notices.send import draft_notice, send_notice
from contracts.requests.decide import submit_request
from contracts.requests.kinds.reported import ResponsiblePersonData
from portal.audit.models import AuditEntry
from portal.organisations.company.concerned import Topic, choose_mails, people_for
from portal.organisations.models import Membership, NotificationPreference, User
from portal.outbox.models import Mail
from tests import member_scene as scene
from tests import scenes
from tests.scenes import at, day, owner_of, yamada

NOW = at("2026-11-20")


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner() -> User:
    return owner_of(yamada())


@pytest.fixture
def colleague(owner, make_user) -> User:
    """A second owner."""
    return join(make_user("jiro@yamada.example"), "owner")


def join(person: User, role: str) -> User:
    Membership.objects.create(user=person, organisation=yamada(), role=role)
    return person


def want(person: User, *topics: Topic) -> None:
    choose_mails(person, yamada(), topics, NOW)


def test_owners_get_all_and_members_what_is_announced(owner, make_user):
    member = join(make_user("m@yamada.example"), "member")
    assert {topic: people_for(yamada(), topic) for topic in Topic} == {
        Topic.CONTRACTS: [owner],
        Topic.BILLING: [owner],
        Topic.NOTICES: [owner, member],
        Topic.REMINDERS: [owner],
    }


def test_who_does_not_want_them_gets_none(owner, colleague):
    want(owner, Topic.NOTICES)
    assert people_for(yamada(), Topic.CONTRACTS) == [colleague]
    assert people_for(yamada(), Topic.NOTICES) == [owner, colleague]
    entry = AuditEntry.objects.get(action="notifications.chosen")
    assert (entry.actor, entry.data["off"]) == (owner, ["contracts", "billing", "reminders"])


def test_the_last_one_can_not_switch_off_what_the_terms_demand(owner, colleague):
    want(colleague)
    with pytest.raises(ValidationError) as refused:
        want(owner, Topic.REMINDERS)
    assert {key: [one.code for one in errors] for key, errors in refused.value.error_dict.items()} == {
        "contracts": ["last"],
        "billing": ["last"],
        "notices": ["last"],
    }
    assert not NotificationPreference.objects.filter(person=owner).exists()


def test_who_can_not_sign_in_any_more_gets_none_and_the_others_do(owner, colleague):
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    assert people_for(yamada(), Topic.CONTRACTS) == [owner]
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert people_for(yamada(), Topic.CONTRACTS) == [owner, colleague], (
        "the terms demand that somebody is told"
    )


def test_reminders_are_free(owner):
    want(owner, Topic.CONTRACTS, Topic.BILLING, Topic.NOTICES)
    assert people_for(yamada(), Topic.REMINDERS) == []


def test_when_the_last_one_who_wanted_them_leaves_the_others_get_them_again(owner, colleague):
    want(owner)
    Membership.objects.get(user=colleague).delete()
    assert people_for(yamada(), Topic.CONTRACTS) == [owner]


def test_others_choose_nothing(make_user, owner):
    with pytest.raises(ValidationError) as refused:
        want(make_user("x@other.example"))
    assert refused.value.code == "not_acting"


def test_whom_the_terms_name_is_told_whatever_they_want(partner_cloud, owner, make_user):
    contract = scenes.running(partner_cloud, {"base": 1}, yamada())
    deliver_acceptance(contract, at("2026-09-10"))
    named = ResponsiblePersonData(wanted_on=day("2026-11-20"), name="山田 花子", email=owner.email)
    submit_request(Contract.objects.get(), owner, "responsible_person", named, NOW, uuid4())
    scenes.grant(contract.requests.get(), NOW)
    other = join(make_user("jiro@yamada.example"), "owner")
    want(owner)
    assert told_of(Contract.objects.get()) == [other.email, owner.email]


def test_no_reminder_goes_to_who_does_not_want_any(ct_e1, owner):
    contract = scenes.running(ct_e1, {"line": 1}, yamada())
    scenes.cancel(contract, day("2026-12-31"), NOW)
    want(owner, Topic.CONTRACTS, Topic.BILLING, Topic.NOTICES)
    run_day(day("2026-12-20"))
    assert not Mail.objects.filter(kind="reminder_deadline").exists()
    want(owner, *Topic)
    run_day(day("2026-12-20"))
    assert Mail.objects.filter(kind="reminder_deadline").count() == 1


def test_a_notice_is_mailed_to_whom_it_concerns_and_read_by_all(ct_e1, owner, make_user):
    contract = scenes.running(ct_e1, {"line": 1}, yamada())
    other = join(make_user("jiro@yamada.example"), "owner")
    want(owner, Topic.CONTRACTS, Topic.BILLING)
    notice = Notice(
        service=contract.service,
        purpose="maintenance",
        effective_on=day("2026-12-10"),
        subject="保守のお知らせ",
        body="保守を行います。",
    )
    staff = scenes.staff_member()
    send_notice(draft_notice(notice, staff), staff, NOW)
    told = NoticeDelivery.objects.order_by("channel", "pk").values_list("channel", "person")
    assert list(told) == [("email", other.pk), ("site", owner.pk), ("site", other.pk)]


def test_a_notice_is_none_for_who_is_limited_to_other_contracts(ct_e1, simpleconnect, owner):
    contract = scenes.running(ct_e1, {"seat": 5}, yamada())
    other = scenes.running(simpleconnect, {"id": 1}, yamada())
    concerned = scene.join(yamada(), scene.limited(contract), "concerned@yamada.example").user
    scene.join(yamada(), scene.limited(other), "elsewhere@yamada.example")
    notice = Notice(
        service=ct_e1, purpose="maintenance", effective_on=day("2026-12-10"), subject="保守", body="保守"
    )
    staff = scenes.staff_member()
    send_notice(draft_notice(notice, staff), staff, NOW)
    told = NoticeDelivery.objects.order_by("channel", "pk").values_list("channel", "person")
    to_both = [owner.pk, concerned.pk]
    assert list(told) == [(channel, person) for channel in ("email", "site") for person in to_both]


def test_the_page_says_by_which_articles_and_stores_the_choice(ct_e1, owner, signed_in, make_user):
    scenes.running(ct_e1, {"line": 1}, yamada())
    client, page = signed_in(owner), reverse("contracts:company-mails")
    shown = client.get(page).content.decode()
    assert "第2条第2項" in shown
    assert "停止できません" in shown
    client.post(page, {"topic": []})
    assert set(NotificationPreference.objects.values_list("topic", flat=True)) == {"reminders"}
    join(make_user("jiro@yamada.example"), "owner")
    assert "停止できません" not in client.get(page).content.decode()
    client.post(page, {"topic": ["reminders", "nonsense"]})
    assert set(NotificationPreference.objects.values_list("topic", flat=True)) == {
        "contracts",
        "billing",
        "notices",
    }

"""A manager who is none any more hears of it, and so do those who are left."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from contracts.inbox.daily import run_day
from portal.checks import somebody_is_a_manager
from portal.organisations.accounts.changes import look_at_managers
from portal.organisations.independence import is_only_manager, managers
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from portal.staff.rights import grant_rights
from tests.scenes import at

pytestmark = pytest.mark.usefixtures("committing")
BOSS, OTHER, THIRD = "boss@provider.example", "other@provider.example", "third@provider.example"


@pytest.fixture
def boss(make_staff) -> User:
    return make_staff(BOSS, StaffRole.MANAGER, display_name="責任 一郎")


@pytest.fixture
def other(make_staff) -> User:
    make_staff(THIRD, StaffRole.MANAGER)
    other = make_staff(OTHER, StaffRole.MANAGER, StaffRole.TERMS, display_name="責任 花子")
    EmailAddress.objects.create(user=other, email="own@home.example", verified=True)
    EmailAddress.objects.create(user=other, email="never@confirmed.example", verified=False)
    return other


@pytest.fixture
def save(boss, other, signed_in):
    """Save the page of the other manager as the first one."""

    def save(roles=(StaffRole.MANAGER, StaffRole.TERMS), **changes) -> None:
        groups = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
        typed = {"display_name": other.display_name, "is_active": "on", "is_staff": "on", "groups": groups}
        typed = {name: value for name, value in {**typed, **changes}.items() if value is not None}
        page = reverse("admin:organisations_user_change", args=[other.pk])
        assert signed_in(boss).post(page, typed).status_code == 302

    return save


@pytest.mark.parametrize(
    ("changes", "how"),
    [
        ({"roles": [StaffRole.TERMS]}, "責任者の役割を失いました。"),
        ({"is_active": None}, "ログインできなくなりました。"),
        ({"is_staff": None}, "担当者ではなくなりました。"),
    ],
)
def test_a_removed_manager_and_all_others_are_told_by_whom(save, changes, how):
    save(**changes)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        [BOSS, OTHER, THIRD, "own@home.example"]
    )
    message = mail.outbox[0]
    assert message.subject == "責任 花子さんの責任者の権限がなくなりました"
    assert f"責任 一郎 ({BOSS})" in message.body
    assert how in message.body
    assert {row.kind for row in Mail.objects.all()} == {"manager_removed"}


@pytest.fixture
def role(boss, other) -> Group:
    return Group.objects.get(name=StaffRole.MANAGER)


def test_managers_stay_managers_whatever_their_group_is_called(boss, other, role):
    before = list(managers())
    Group.objects.filter(pk=role.pk).update(name="部長")
    assert list(managers()) == before
    assert len(before) == 3
    grant_rights(apps.get_app_config("approvals"))
    assert list(managers()) == before, "the next migration makes a group of the name, without members"


def test_a_group_that_loses_the_right_is_told_to_all_who_lose_it_and_to_all_who_are_left(
    make_staff, role, signed_in
):
    root = make_staff("root@provider.example", is_superuser=True, display_name="管理 次郎")
    rights = role.permissions.exclude(codename="change_providerrule")
    page = reverse("admin:auth_group_change", args=[role.pk])
    typed = {"name": role.name, "permissions": list(rights.values_list("pk", flat=True))}
    assert signed_in(root).post(page, typed).status_code == 302
    assert {message.to[0] for message in mail.outbox} == {
        BOSS,
        OTHER,
        THIRD,
        "own@home.example",
        root.email,
    }
    assert "管理 次郎" in mail.outbox[0].body
    assert list(managers()) == [root]


def test_the_checks_say_where_nobody_is_a_manager(role):
    assert somebody_is_a_manager(None, ["default"]) == []
    role.permissions.remove(role.permissions.get(codename="change_providerrule"))
    (caution,) = somebody_is_a_manager(None, ["default"])
    assert caution.id == "portal.W006"
    User.objects.filter(email=BOSS).update(is_superuser=True)
    assert somebody_is_a_manager(None, ["default"]) == []


NOW = at("2026-11-20")


@pytest.fixture
def looked_at(boss, other) -> None:
    look_at_managers(NOW)


def test_a_manager_who_is_removed_on_the_server_and_all_others_are_told(looked_at, other, role):
    other.groups.remove(role)
    run_day(NOW.date(), lambda: NOW)
    assert sorted(message.to[0] for message in mail.outbox) == sorted([BOSS, OTHER, THIRD])
    assert mail.outbox[0].subject == "責任 花子さんの責任者の権限がなくなりました"
    look_at_managers(NOW)
    assert len(mail.outbox) == 3, "once"


def test_who_becomes_a_manager_on_the_server_is_told_to_all(looked_at, make_staff, role):
    role.user_set.add(make_staff("new@provider.example", display_name="新任 三郎"))
    look_at_managers(NOW)
    assert {message.to[0] for message in mail.outbox} == {BOSS, OTHER, THIRD, "new@provider.example"}
    assert mail.outbox[0].subject == "新任 三郎さんが責任者になりました"
    assert "サーバー上で直接行われた変更は残りません" in mail.outbox[0].body


def test_who_removes_the_others_on_the_server_does_not_decide_alone(looked_at, boss, role):
    role.user_set.set([boss])
    look_at_managers(NOW)
    boss.refresh_from_db()
    assert not is_only_manager(boss, NOW + timedelta(days=29))
    assert is_only_manager(boss, NOW + timedelta(days=31))


def test_who_was_told_of_in_the_admin_is_not_told_of_again(looked_at, save):
    save(roles=[StaffRole.TERMS])
    told = len(mail.outbox)
    look_at_managers(NOW)
    assert (told, len(mail.outbox)) == (4, 4)


def test_the_first_look_tells_nobody(looked_at):
    assert mail.outbox == []


def test_without_staff_there_is_nothing_to_say_of_managers(db):
    assert somebody_is_a_manager(None, ["default"]) == []


@pytest.mark.parametrize("changes", [{}, {"display_name": "責任 花"}, {"roles": [StaffRole.MANAGER]}])
def test_who_stays_a_manager_is_not_told(save, changes):
    save(**changes)
    assert mail.outbox == []

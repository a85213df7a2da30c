"""A manager who is none any more hears of it, and so do those who are left."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail

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


@pytest.mark.parametrize("changes", [{}, {"display_name": "責任 花"}, {"roles": [StaffRole.MANAGER]}])
def test_who_stays_a_manager_is_not_told(save, changes):
    save(**changes)
    assert mail.outbox == []

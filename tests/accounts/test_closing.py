"""A person closes their account, unless a contract or a duty to keep needs it, which is said to them."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from billing.models import CreditBalance
from contracts.correspondence.contract_mails import _told
from contracts.models import ContractRequest
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.organisations.accounts.closing import close_account, obstacles
from portal.organisations.company.joining import ask_to_join, waiting_for
from portal.organisations.members.inviting import invite
from portal.organisations.models import Invitation, Membership, Organisation, User
from portal.organisations.operations import open_calendar
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests import scenes
from tests.account_scene import give_password, is_signed_in, sign_in
from tests.billing_scene import billed, load_priced_service
from tests.conftest import PASSWORD
from tests.member_scene import READER
from tests.passkey_scene import SoftPasskey, add_passkey, sign_in_by

CLOSE = "account_close"


@pytest.fixture(autouse=True)
def no_attempts_counted() -> None:
    cache.clear()


@pytest.fixture
def join(organisation, make_user) -> Callable[..., User]:
    """Another member of the organisation of `user`, in a role."""

    def add(email: str, role: str = Membership.Role.MEMBER) -> User:
        person = make_user(email)
        Membership.objects.create(user=person, organisation=organisation, role=role)
        return person

    return add


@pytest.fixture
def join_yamada(make_user) -> Callable[[str], None]:
    """Another owner of 山田商事."""

    def add(email: str) -> None:
        owner = Membership.Role.OWNER
        Membership.objects.create(user=make_user(email), organisation=scenes.yamada(), role=owner)

    return add


def closed(client: Client, password: str = PASSWORD):
    return client.post(reverse(CLOSE), {"password": password}, follow=True)


def page(client: Client) -> str:
    return client.get(reverse(CLOSE)).content.decode()


def said(person: User) -> list[str]:
    return [need for obstacle in obstacles(person) for need in obstacle.needs]


def test_a_closed_account_lets_nobody_in_any_more(user, organisation):
    client, elsewhere = sign_in(user), sign_in(user)
    assert "みなと商事から外れ" in page(client)
    reply = closed(client)
    assert "アカウントを閉鎖しました" in reply.content.decode()
    user.refresh_from_db()
    assert (user.is_active, user.has_usable_password()) == (False, False)
    assert user.closed_at
    assert not user.memberships.exists()
    assert not is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert not is_signed_in(give_password(user))


def test_it_is_told_by_mail_and_recorded(user, organisation):
    address = user.email
    closed(sign_in(user))
    told = Mail.objects.get(subject="アカウントを閉鎖しました")
    assert (told.address, "ログインできず" in told.text) == (address, True)
    entry = AuditEntry.objects.get(action="user.closed")
    assert (entry.actor, entry.data, entry.personal) == (
        user,
        {"organisations": [organisation.pk]},
        {"email": address},
    )


def test_a_wrong_password_closes_nothing(user, organisation):
    reply = closed(sign_in(user), "guessed wrongly")
    assert "パスワードが正しくありません" in reply.content.decode()
    user.refresh_from_db()
    assert (user.is_active, user.memberships.count()) == (True, 1)


def test_the_address_is_free_for_another_account(user):
    address = user.email
    closed(sign_in(user))
    assert not EmailAddress.objects.filter(email=address).exists()
    new = {"email": address, "display_name": "山田 花子", "password1": PASSWORD, "password2": PASSWORD}
    Client().post(reverse("account_signup"), new)
    assert User.objects.get(email=address).is_active
    user.refresh_from_db()
    assert user.display_name == "山田 花子"


def test_passkeys_and_calendars_end_with_it(user, organisation, client):
    here, passkey = sign_in(user), SoftPasskey()
    add_passkey(here, passkey)
    open_calendar(user.memberships.get())
    closed(here)
    assert not user.authenticator_set.exists()
    assert not is_signed_in(sign_in_by(passkey))
    assert not Membership.objects.exclude(calendar_key="").exists()


def test_nobody_joins_by_an_invitation_of_who_closed_the_account(user, organisation, join):
    other = join("other@customer.example", Membership.Role.OWNER)
    sent = invite(organisation, user, "new@customer.example", READER, now())
    kept = invite(organisation, other, "next@customer.example", READER, now())
    close_account(user, now())
    assert list(Invitation.objects.open()) == [kept]
    assert Invitation.objects.get(pk=sent.pk).withdrawn_at


def test_nobody_is_let_in_who_closed_the_account_meanwhile(user):
    yamada = scenes.yamada()
    confirmed = {"corporate_number": "7000012050002", "number_confirmed_at": now()}
    Organisation.objects.filter(pk=yamada.pk).update(**confirmed)
    ask_to_join(user, "7000012050002", "経理の者です", now())
    assert len(waiting_for(yamada)) == 1
    close_account(user, now())
    assert waiting_for(yamada) == []


def test_a_member_may_go_while_an_owner_stays(user, organisation, join):
    member = join("member@customer.example")
    closed(sign_in(member))
    member.refresh_from_db()
    assert member.closed_at
    assert list(organisation.memberships.values_list("user", flat=True)) == [user.pk]


def test_the_last_owner_is_told_to_make_another_one(user, organisation, join):
    join("member@customer.example")
    client = sign_in(user)
    assert "株式会社みなと商事の唯一の管理者です" in page(client)
    closed(client)
    with pytest.raises(ValidationError) as refused:
        close_account(user, now())
    assert refused.value.code == "needed"
    user.refresh_from_db()
    assert (user.is_active, user.memberships.count()) == (True, 1)
    join("second@customer.example", Membership.Role.OWNER)
    assert not obstacles(user)


def test_somebody_who_may_not_sign_in_is_no_owner_to_rely_on(user, organisation, join):
    second = join("second@customer.example", Membership.Role.OWNER)
    assert not obstacles(user)
    User.objects.filter(pk=second.pk).update(is_active=False)
    CreditBalance.objects.create(
        provider=load_priced_service("ct-e1").provider, organisation=organisation, amount=1_200
    )
    assert said(user) == ["株式会社コムデザインのお預かり残高が1,200円あります。"]


def test_running_contracts_and_open_invoices_keep_the_last_owner(db):
    service = load_priced_service("ct-e1")
    contract = scenes.running(service, {"line": 2}, scenes.yamada())
    owner = scenes.owner_of(contract.organisation)
    assert said(owner) == [f"契約{contract.number}（{service}）が終了していません。"]
    invoice = billed(service, Month(2026, 10))
    assert f"請求書{invoice.number}のお支払いが完了していません。" in said(owner)


def test_an_application_that_waits_keeps_the_last_owner(db, signed_in):
    application = scenes.apply(load_priced_service("ct-e1"), {"line": 2}, scenes.at("2026-11-18"))
    owner = scenes.owner_of(application.organisation)
    assert f"申込{application.number}" in page(signed_in(owner))
    assert 'name="password"' not in page(signed_in(owner))


def test_staff_do_not_close_their_accounts(make_staff, signed_in):
    manager = make_staff("boss@provider.example", StaffRole.MANAGER)
    client = signed_in(manager)
    assert "責任者にご依頼ください" in page(client)
    closed(client)
    manager.refresh_from_db()
    assert manager.is_active


def test_staff_do_not_open_a_closed_account_again(user, make_staff, signed_in):
    closed(sign_in(user))
    as_manager = signed_in(make_staff("boss@provider.example", StaffRole.MANAGER))
    reply = as_manager.post(
        reverse("admin:organisations_user_change", args=[user.pk]),
        {"display_name": "山田 花子", "is_active": "on"},
    )
    assert "このアカウントは本人が閉鎖しました" in reply.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=True)


def test_who_left_before_their_request_was_decided_gets_no_mail(join_yamada, monkeypatch):
    """Who reports a succession is told of it, whoever acts for the contract then, but not once they left."""
    monkeypatch.setattr("contracts.correspondence.contract_mails.passes_on", lambda kind: True)
    contract = scenes.running(load_priced_service("ct-e1"), {"line": 2}, scenes.yamada())
    asked = scenes.cancel(contract, None, scenes.at("2026-11-19"))
    join_yamada("second@yamada.example")
    left = asked.requested_by
    left.memberships.all().delete()
    for is_active, told in (
        (True, [left.email, "second@yamada.example"]),
        (False, ["second@yamada.example"]),
    ):
        User.objects.filter(pk=left.pk).update(is_active=is_active)
        assert list(_told(ContractRequest.objects.get(pk=asked.pk))) == told


def test_two_last_owners_do_not_both_go(user, organisation: Organisation, join):
    second = join("second@customer.example", Membership.Role.OWNER)
    join("member@customer.example")
    closed(sign_in(user))
    closed(sign_in(second))
    second.refresh_from_db()
    assert second.closed_at is None

"""Staff keep people in the admin, but nobody has a hand in how another person signs in."""

import re
from unittest.mock import Mock

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from portal.approvals.models import Proposal
from portal.audit.models import AuditEntry
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.account_scene import give_password, is_signed_in, set_up_factor, sign_in
from tests.approving import approve_it
from tests.conftest import PASSWORD

# E-mails follow the transaction.
pytestmark = pytest.mark.django_db(transaction=True)

OWN_PASSWORD = "a horse of my own"
NEWCOMER = "taro@provider.example"


@pytest.fixture(autouse=True)
def no_links_counted() -> None:
    cache.clear()


@pytest.fixture
def manager(make_staff) -> User:
    return make_staff("boss@provider.example", StaffRole.MANAGER)


@pytest.fixture
def as_manager(manager, signed_in) -> Client:
    return signed_in(manager)


@pytest.fixture
def root(make_staff) -> User:
    return make_staff("root@provider.example", is_superuser=True)


def page_of(person: User) -> str:
    return reverse("admin:organisations_user_change", args=[person.pk])


def send_link(client: Client, person: User) -> str:
    """Press the button; gives the page that is shown then."""
    address = reverse("admin:organisations_user_password_link", args=[person.pk])
    return client.post(address, follow=True).content.decode()


def test_staff_send_a_link_by_which_somebody_sets_the_password(user, manager, as_manager):
    assert "パスワード設定用のリンクを送信" in as_manager.get(page_of(user)).content.decode()
    page = send_link(as_manager, user)
    assert f"{user.email} に送信しています" in page
    (message,) = mail.outbox
    assert message.to == [user.email]
    entry = AuditEntry.objects.get(action="user.password_link_sent")
    assert (entry.actor, entry.object_id, entry.personal) == (manager, str(user.pk), {"email": user.email})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)

    set_password(message.body)
    user.refresh_from_db()
    assert user.check_password(OWN_PASSWORD)


def set_password(mail_text: str) -> None:
    """Open the link of an e-mail, and set OWN_PASSWORD."""
    client = Client()
    form = client.get(re.search(r"/accounts/password/reset/key/\S+", mail_text)[0], follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": OWN_PASSWORD, "password2": OWN_PASSWORD})


def test_the_link_goes_to_the_confirmed_main_address(user, as_manager):
    EmailAddress.objects.filter(user=user).update(email="hanako@new.example")
    assert "hanako@new.example に送信しています" in send_link(as_manager, user)
    assert mail.outbox[0].to == ["hanako@new.example"]


def test_a_link_is_sent_by_a_button_alone(user, as_manager):
    address = reverse("admin:organisations_user_password_link", args=[user.pk])
    assert as_manager.get(address).status_code == 405
    assert not mail.outbox


def test_who_may_not_keep_people_sends_no_link(user, root, manager, as_manager, make_staff, signed_in):
    reception = signed_in(make_staff("desk@provider.example", StaffRole.RECEPTION))
    for client, person in ((reception, user), (as_manager, root), (signed_in(user), manager)):
        address = reverse("admin:organisations_user_password_link", args=[person.pk])
        assert client.post(address).status_code in (302, 403)
    assert not mail.outbox
    assert not AuditEntry.objects.filter(action="user.password_link_sent").exists()


def test_no_link_for_somebody_who_may_not_sign_in(user, as_manager):
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert "現在ログインできません" in send_link(as_manager, user)
    assert not mail.outbox


def test_no_link_to_an_address_that_leads_into_another_account(user, make_user, as_manager):
    EmailAddress.objects.filter(user=user).delete()
    other = make_user("other@customer.example")
    EmailAddress.objects.filter(user=other).update(email=user.email)
    assert "別のアカウントでも使用されている" in send_link(as_manager, user)
    assert not mail.outbox


def test_links_are_counted(user, as_manager):
    pages = [send_link(as_manager, user) for _ in range(6)]
    assert "上限に達しました" in pages[-1]
    assert len(mail.outbox) == 5


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_sets_the_password_of_another(superuser, user, manager, root, signed_in):
    client = signed_in(root if superuser else manager)
    typed = {"password1": OWN_PASSWORD, "password2": OWN_PASSWORD, "usable_password": "true"}
    reply = client.post(f"/admin/organisations/user/{user.pk}/password/", typed)
    assert reply.headers["Location"] == page_of(user)
    client.post(page_of(user), {"display_name": "花子", "is_active": "on", "password": "x", **typed})
    user.refresh_from_db()
    assert (user.display_name, user.check_password(PASSWORD)) == ("花子", True)
    assert "/password/" not in client.get(page_of(user)).content.decode()


def test_the_address_is_the_persons_own_to_change(user, as_manager):
    before = user.email
    as_manager.post(page_of(user), {"email": "boss@evil.example", "display_name": "花子", "is_active": "on"})
    user.refresh_from_db()
    assert (user.display_name, user.email) == ("花子", before)


def test_a_new_person_gets_a_link_and_no_password(as_manager, manager):
    typed = {
        "email": NEWCOMER.title(),
        "display_name": "経理 太郎",
        "password1": OWN_PASSWORD,
        "password2": OWN_PASSWORD,
    }
    page = as_manager.post(reverse("admin:organisations_user_add"), typed, follow=True)
    person = User.objects.get(email=NEWCOMER)
    assert page.redirect_chain[-1][0] == page_of(person)
    assert f"{NEWCOMER} に送信しています" in page.content.decode()
    assert not person.has_usable_password()
    told = AuditEntry.objects.filter(actor=manager, object_id=person.pk).values_list("action", flat=True)
    assert set(told) == {"user.added", "user.password_link_sent"}


def test_a_new_member_of_staff_comes_in_by_the_link(as_manager):
    as_manager.post(reverse("admin:organisations_user_add"), {"email": NEWCOMER, "display_name": "太郎"})
    person = User.objects.get(email=NEWCOMER)
    as_manager.post(page_of(person), {"display_name": "太郎", "is_active": "on", "is_staff": "on"})
    set_password(mail.outbox[0].body)
    mail.outbox.clear()

    client = give_password(person, OWN_PASSWORD)
    code = re.search(r"^ +([0-9A-Z-]+)$", mail.outbox[0].body, re.MULTILINE)[1]
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert client.get(reverse("admin:index")).headers["Location"] == reverse("mfa_activate_totp")
    set_up_factor(client, OWN_PASSWORD)
    assert client.get(reverse("admin:index")).status_code == 200


def test_an_address_in_use_is_refused_at_the_field(user, as_manager):
    typed = {"email": user.email.upper(), "display_name": "花子"}
    page = as_manager.post(reverse("admin:organisations_user_add"), typed).content.decode()
    assert "すでに" in page
    assert User.objects.filter(display_name="花子").count() == 0
    assert not mail.outbox


@pytest.mark.parametrize("new", [True, False])
def test_a_person_is_not_stored_without_the_entry_in_the_trail(new, user, as_manager, monkeypatch):
    monkeypatch.setattr("portal.audit.admin.record", Mock(side_effect=RuntimeError))
    as_manager.raise_request_exception = False
    page = reverse("admin:organisations_user_add") if new else page_of(user)
    assert as_manager.post(page, {"email": NEWCOMER, "display_name": "太郎"}).status_code == 500
    assert not User.objects.filter(display_name="太郎").exists()
    assert not mail.outbox


def test_the_list_of_people_tells_nothing_of_passwords(as_manager):
    reply = as_manager.get(reverse("admin:organisations_user_changelist") + "?password__startswith=md5")
    assert reply.status_code == 400


def test_addresses_and_factors_are_no_rows_to_edit(root, signed_in):
    for model in (EmailAddress, Authenticator):
        assert not admin.site.is_registered(model)
    with pytest.raises(NoReverseMatch):
        reverse("admin:mfa_authenticator_changelist")


@pytest.mark.parametrize("model", ["organisations_user", "organisations_organisation", "auth_group"])
def test_nothing_that_staff_edit_is_deleted(model, root, organisation, signed_in):
    client = signed_in(root)
    reply = client.get(reverse(f"admin:{model}_changelist"))
    assert 'value="delete_selected"' not in reply.content.decode()
    pk = reply.context["cl"].queryset.last().pk
    assert client.post(reverse(f"admin:{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403


def propose_removal(client: Client, person: User):
    page = reverse("person-factor-reset", args=[person.pk])
    return client.post(page, {"reason": "登録番号に折り返して確認", "confirm": "1"}, follow=True)


@pytest.fixture
def colleague(make_staff) -> User:
    """Somebody of the staff who has lost the second factor."""
    return make_staff("desk@provider.example", StaffRole.RECEPTION)


def test_a_lost_second_factor_goes_when_a_second_person_approves(colleague, as_manager, root):
    signed_in_before = sign_in(colleague)
    assert "二要素認証を解除" in as_manager.get(page_of(colleague)).content.decode()
    assert "承認" in propose_removal(as_manager, colleague).content.decode()
    assert Authenticator.objects.filter(user=colleague).exists()
    assert is_signed_in(signed_in_before)
    approve_it(root)
    assert not Authenticator.objects.filter(user=colleague).exists()
    assert not is_signed_in(signed_in_before)
    assert [message.to for message in mail.outbox] == [[colleague.email]]
    assert "二要素認証を改めて設定" in mail.outbox[0].body
    entry = AuditEntry.objects.get(action="user.factor_reset")
    assert (entry.actor, entry.object_id) == (root, str(colleague.pk))
    assert entry.personal == {"reason": "登録番号に折り返して確認"}
    assert give_password(colleague).get(reverse("admin:index")).headers["Location"] == reverse(
        "mfa_activate_totp"
    )


def test_nobody_approves_the_removal_that_they_proposed(manager, colleague, as_manager):
    propose_removal(as_manager, colleague)
    with pytest.raises(ValidationError) as refused:
        approve_it(manager)
    assert refused.value.code == "same_person"
    assert Authenticator.objects.filter(user=colleague).exists()


def test_nobody_removes_their_own_factor_so(manager, as_manager):
    assert "ご本人" in propose_removal(as_manager, manager).content.decode()
    assert not Proposal.objects.exists()


def test_managers_remove_no_superusers_factor(root, as_manager):
    assert propose_removal(as_manager, root).status_code == 403


def test_who_keeps_no_people_removes_nobodys_factor(manager, colleague, signed_in):
    assert propose_removal(signed_in(colleague), manager).status_code in (403, 404)
    assert not Proposal.objects.exists()


def test_the_address_of_before_leads_to_the_proposal(colleague, as_manager):
    before = reverse("admin:organisations_user_second_factor", args=[colleague.pk])
    assert as_manager.post(before).headers["Location"] == reverse("person-factor-reset", args=[colleague.pk])


def test_there_may_be_no_second_factor_to_remove(user, root, signed_in):
    client = signed_in(root)
    assert "二要素認証を解除" not in client.get(page_of(user)).content.decode()
    assert "設定していません" in propose_removal(client, user).content.decode()
    assert not mail.outbox


def test_staff_sign_a_person_out_everywhere(colleague, as_manager):
    signed_in_before = sign_in(colleague)
    page = as_manager.post(
        reverse("admin:organisations_user_end_sessions", args=[colleague.pk]), follow=True
    ).content.decode()
    assert "サインアウト" in page
    assert not is_signed_in(signed_in_before)
    assert AuditEntry.objects.get(action="user.sessions_ended").object_id == str(colleague.pk)


def typed(person: User, **changed) -> dict:
    """What the page of a person sends."""
    return {
        "email": person.email,
        "display_name": person.display_name,
        "is_active": "on",
        "is_staff": "on",
        "groups": [group.pk for group in person.groups.all()],
        "providers": [row.provider_id for row in person.belongings.all()],
        **changed,
    }


def test_a_manager_lets_others_work_for_their_own_providers_alone(
    manager, colleague, signed_in, progoffice, ct_e1, simpleconnect
):
    own, kept, other = (service.provider for service in (progoffice, ct_e1, simpleconnect))
    scenes.works_for(manager, own)
    scenes.works_for(colleague, own, kept)
    client = signed_in(manager)
    page = client.post(page_of(colleague), typed(colleague, providers=[other.pk]))
    assert "providers" in page.context["adminform"].form.errors
    client.post(page_of(colleague), typed(colleague, providers=[]))
    assert [row.provider for row in colleague.belongings.all()] == [kept]
    entry = AuditEntry.objects.get(action="user.providers_set")
    assert (entry.actor, entry.data) == (manager, {"added": [], "removed": [own.code]})


def test_nobody_gives_a_role_or_a_provider_to_themself(manager, signed_in, progoffice, make_staff):
    scenes.works_for(manager, progoffice.provider)
    auditors = Group.objects.get(name=StaffRole.AUDITOR)
    wanted = [*(group.pk for group in manager.groups.all()), auditors.pk]
    page = signed_in(manager).post(page_of(manager), typed(manager, groups=wanted))
    assert "groups" in page.context["adminform"].form.errors
    keeper = scenes.works_for(make_staff("people@provider.example", StaffRole.PEOPLE))
    page = signed_in(keeper).post(page_of(keeper), typed(keeper, providers=[progoffice.provider.pk]))
    assert "providers" in page.context["adminform"].form.errors
    assert not keeper.belongings.exists()


def test_the_list_of_people_shows_roles_providers_and_factors(colleague, as_manager, progoffice):
    page = as_manager.get(reverse("admin:organisations_user_changelist"), {"q": colleague.email})
    shown = page.content.decode()
    assert all(text in shown for text in ("受付担当", progoffice.provider.name, "はい（"))


def test_the_list_of_people_takes_no_query_more_for_each(
    as_manager, make_staff, django_assert_max_num_queries
):
    address = reverse("admin:organisations_user_changelist")
    for _few in range(2):
        as_manager.get(address)
    with CaptureQueriesContext(connection) as few:
        as_manager.get(address)
    for number in range(5):
        make_staff(f"more{number}@provider.example", StaffRole.BILLING)
    with django_assert_max_num_queries(len(few)):
        as_manager.get(address)

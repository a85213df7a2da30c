import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from tests.conftest import PASSWORD


def test_staff_without_a_second_factor_are_sent_to_set_one_up(make_staff, signed_in):
    client = signed_in(make_staff("new@provider.example", StaffRole.BILLING, second_factor=False))
    for page in (reverse("admin:index"), reverse("admin:logout"), reverse("home")):
        assert client.get(page).headers["Location"] == reverse("mfa_activate_totp")


def test_setting_one_up_is_open_to_them(make_staff):
    staff = make_staff("new@provider.example", StaffRole.BILLING, second_factor=False)
    client = Client()
    client.post(reverse("account_login"), {"login": staff.email, "password": PASSWORD})
    asked_again = client.get(reverse("mfa_activate_totp")).headers["Location"]
    back = client.post(asked_again, {"password": PASSWORD}).headers["Location"]
    assert back == reverse("mfa_activate_totp")
    assert client.get(back).status_code == 200


def test_staff_with_a_second_factor_reach_the_admin(make_staff, signed_in):
    client = signed_in(make_staff("old@provider.example", StaffRole.BILLING))
    assert client.get(reverse("admin:index")).status_code == 200


def test_signing_in_with_the_password_alone_does_not_reach_the_admin(make_staff):
    staff = make_staff("old@provider.example", StaffRole.BILLING)
    client = Client()
    reply = client.post(reverse("account_login"), {"login": staff.email, "password": PASSWORD})
    assert reply.headers["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get(reverse("admin:index")).status_code == 302


def test_the_admin_has_no_sign_in_of_its_own(client, db):
    reply = client.get(reverse("admin:index"), follow=True)
    assert reply.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_signed_in_staff_cannot_try_passwords_of_others_in_the_admin(make_staff, signed_in, user):
    client = signed_in(make_staff("desk@provider.example", StaffRole.RECEPTION))
    reply = client.post(reverse("admin:login"), {"username": user.email, "password": PASSWORD})
    assert reply.headers["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200


def test_staff_change_their_password_where_everybody_does(make_staff, signed_in):
    staff = make_staff("desk@provider.example", StaffRole.RECEPTION)
    client = signed_in(staff)
    typed = {"old_password": PASSWORD, "new_password1": "a new horse", "new_password2": "a new horse"}
    for page in ("admin:password_change", "admin:password_change_done"):
        for reply in (client.get(reverse(page)), client.post(reverse(page), typed)):
            assert reply.headers["Location"] == reverse("account_change_password")
    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)


def test_staff_sign_out_where_everybody_does(make_staff, signed_in):
    client = signed_in(make_staff("desk@provider.example", StaffRole.RECEPTION))
    assert client.post(reverse("admin:logout")).headers["Location"] == reverse("home")
    assert client.get(reverse("admin:index")).status_code == 302


def test_customers_do_not_reach_the_admin(user, signed_in):
    reply = signed_in(user).get(reverse("admin:index"), follow=True)
    assert reply.status_code == 403


@pytest.mark.parametrize(("page", "evaluates"), [("admin:index", True), ("account_login", False)])
def test_only_the_admin_may_evaluate_script(page, evaluates, make_staff, signed_in, client):
    visitor = signed_in(make_staff("old@provider.example")) if evaluates else client
    policy = visitor.get(reverse(page)).headers["Content-Security-Policy"]
    assert ("'unsafe-eval'" in policy) is evaluates
    assert "default-src 'none'" in policy


@pytest.mark.django_db
def test_every_role_is_a_group_whose_members_may_not_delete():
    assert set(Group.objects.values_list("name", flat=True)) == set(StaffRole.values)
    assert not Permission.objects.filter(group__isnull=False, codename__startswith="delete_").exists()


@pytest.mark.parametrize(
    ("role", "right", "granted"),
    [
        (StaffRole.RECEPTION, "organisations.change_organisation", True),
        (StaffRole.RECEPTION, "audit.view_auditentry", False),
        (StaffRole.TERMS, "organisations.view_organisation", False),
        (StaffRole.BILLING, "organisations.view_organisation", True),
        (StaffRole.BILLING, "organisations.change_organisation", False),
        (StaffRole.MANAGER, "organisations.add_user", True),
        (StaffRole.MANAGER, "audit.view_auditentry", True),
        (StaffRole.MANAGER, "audit.change_auditentry", False),
    ],
)
def test_roles_have_the_rights_of_their_work(role, right, granted, make_staff):
    assert make_staff("staff@provider.example", role).has_perm(right) is granted


def test_pages_beyond_a_role_are_refused(make_staff, signed_in):
    page = reverse("admin:audit_auditentry_changelist")
    assert signed_in(make_staff("desk@provider.example", StaffRole.RECEPTION)).get(page).status_code == 403
    assert signed_in(make_staff("head@provider.example", StaffRole.MANAGER)).get(page).status_code == 200


def test_a_manager_makes_nobody_superuser(make_staff, signed_in, make_user):
    client = signed_in(make_staff("boss@provider.example", StaffRole.MANAGER))
    person = make_user("clerk@provider.example")
    page = reverse("admin:organisations_user_change", args=[person.pk])
    client.post(
        page, {"email": person.email, "display_name": "Clerk", "is_active": "on", "is_superuser": "on"}
    )
    person.refresh_from_db()
    assert (person.display_name, person.is_superuser) == ("Clerk", False)


def test_a_manager_cannot_change_a_superuser(make_staff, signed_in, make_user):
    client = signed_in(make_staff("boss@provider.example", StaffRole.MANAGER))
    root = make_user("root@provider.example", is_staff=True, is_superuser=True)
    page = reverse("admin:organisations_user_change", args=[root.pk])
    client.post(page, {"email": root.email, "display_name": "Taken over"})
    root.refresh_from_db()
    assert root.display_name != "Taken over"


def test_what_staff_edit_in_the_admin_is_in_the_audit_trail(make_staff, signed_in, make_user):
    manager = make_staff("boss@provider.example", StaffRole.MANAGER)
    person = make_user("clerk@provider.example")
    page = reverse("admin:organisations_user_change", args=[person.pk])
    signed_in(manager).post(page, {"email": person.email, "display_name": "Clerk", "is_active": "on"})
    entry = AuditEntry.objects.get(action="user.changed")
    assert (entry.actor, entry.object_id) == (manager, str(person.pk))

import pytest
from django.test import Client
from django.urls import reverse

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


def test_customers_do_not_reach_the_admin(user, signed_in):
    reply = signed_in(user).get(reverse("admin:index"), follow=True)
    assert reply.status_code == 403


@pytest.mark.parametrize(("page", "evaluates"), [("admin:index", True), ("account_login", False)])
def test_only_the_admin_may_evaluate_script(page, evaluates, make_staff, signed_in, client):
    visitor = signed_in(make_staff("old@provider.example")) if evaluates else client
    policy = visitor.get(reverse(page)).headers["Content-Security-Policy"]
    assert ("'unsafe-eval'" in policy) is evaluates
    assert "default-src 'none'" in policy

"""What every response tells the browser: what it may load, where it may send, who may show it."""

import pytest
from django.conf import settings as portal_settings
from django.test import Client
from django.urls import reverse

PAGES = ["/", "/nowhere/", "/accounts/login/", "/services/"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_load_nothing_of_others_and_are_framed_by_nobody(page, client, db):
    headers = client.get(page).headers
    policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'"} & set(policy["script-src"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in headers


def test_the_admin_is_framed_by_nobody_and_loads_nothing_of_others(signed_in, make_staff):
    client = signed_in(make_staff("root@provider.example", is_superuser=True))
    policy = client.get(reverse("admin:index")).headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in policy


def test_production_knows_https_alone(settings, client, db):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    sent_on = Client().get("/")
    assert (sent_on.status_code, sent_on.headers["Location"]) == (301, "https://testserver/")
    rule = Client().get("/", secure=True).headers["Strict-Transport-Security"]
    assert rule.startswith("max-age=31536000; includeSubDomains")


def test_a_form_without_its_token_is_refused(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("organisations:create"), {}).status_code == 403
    assert portal_settings.CSRF_COOKIE_HTTPONLY

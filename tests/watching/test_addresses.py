"""What machines that watch are told: balancers, alarms, Prometheus."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from portal.installation import mark, readiness
from portal.installation.models import SignOfLife
from portal.installation.signs import alive, failing
from portal.outbox.models import Mail

TOKEN = "a token that only the watchers know"
WATCHER = {"Authorization": f"Bearer {TOKEN}"}
AWAY = OperationalError("could not connect to 10.0.0.7 as portal:secret")


def away(*_args: object, **_more: object) -> None:
    raise AWAY


@pytest.fixture
def watched(settings) -> None:
    settings.WATCH_TOKEN = TOKEN


def waiting_mail(since: timedelta) -> Mail:
    return Mail.objects.create(
        kind="a kind",
        about=1,
        key=f"waits for {since}",
        address="somebody@example.jp",
        sender_address="portal@example.jp",
        due_at=timezone.now() - since,
    )


def test_a_process_that_answers_lives_whatever_else_is_gone(client, monkeypatch):
    monkeypatch.setattr(connection, "cursor", away)
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"live": True})


@pytest.mark.django_db
def test_it_is_ready_when_pages_can_be_served(client):
    answer = client.get("/health/ready")
    parts = {"database": "ok", "migrations": "ok", "cache": "ok", "files": "ok"}
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "parts": parts})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_without_a_database_nobody_is_sent_here_and_no_secret_is_told(client, monkeypatch):
    monkeypatch.setattr(connection, "cursor", away)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "OperationalError"
    assert answer.json()["parts"]["migrations"] == "not known"
    assert "secret" not in answer.text


@pytest.mark.django_db
def test_migrations_that_are_left_to_apply_are_counted(client, monkeypatch):
    monkeypatch.setattr(readiness, "_all_applied", False)
    monkeypatch.setattr(readiness.MigrationExecutor, "migration_plan", lambda *_about: ["one", "two"])
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["parts"]["migrations"]) == (503, "2 not applied")


@pytest.mark.django_db
def test_a_cache_that_keeps_nothing_is_told_of(client, monkeypatch):
    monkeypatch.setattr(cache, "get", lambda key: None)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["parts"]["cache"]) == (503, "keeps nothing")


@pytest.mark.django_db
def test_files_that_cannot_be_read_are_told_of(client, monkeypatch):
    def unreadable() -> None:
        raise PermissionError(13, "Permission denied", "/srv/media/mark")

    monkeypatch.setattr(mark, "read", unreadable)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["parts"]["files"]) == (503, "PermissionError")


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/health/status", "/metrics"])
def test_how_it_goes_is_for_who_knows_the_token(client, watched, page):
    assert client.get(page).status_code == 404
    assert client.get(page, headers={"Authorization": "Bearer another"}).status_code == 404
    assert client.get(page, headers=WATCHER).status_code in (200, 503)


@pytest.mark.django_db
def test_without_a_token_nobody_guesses_the_empty_one(client, settings):
    settings.WATCH_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_or_for_who_comes_from_a_network_that_is_named(settings):
    settings.WATCH_NETWORKS = [ip_network("10.1.0.0/16")]
    assert Client(REMOTE_ADDR="10.1.2.3").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="10.2.0.1").get("/metrics").status_code == 404


@pytest.mark.django_db
def test_nothing_is_sent_to_these_addresses(client, watched):
    for page in ("/health/live", "/health/ready", "/health/status", "/metrics"):
        assert client.post(page, headers=WATCHER).status_code == 405


@pytest.mark.django_db
def test_all_is_well(client, watched):
    for part in SignOfLife.Part:
        alive(part)
    waiting_mail(timedelta(minutes=2))
    answer = client.get("/health/status", headers=WATCHER)
    assert (answer.status_code, answer.json()["ok"], answer.json()["troubles"]) == (200, True, [])
    assert answer.json()["waiting"]["mail"]["count"] == 1


@pytest.mark.django_db
def test_a_part_that_is_gone_is_an_alarm_in_english(client, watched):
    alive(SignOfLife.Part.WORKER)
    failing(SignOfLife.Part.BROKER, ConnectionRefusedError(111, "Connection refused"))
    answer = client.get("/health/status", headers=WATCHER)
    assert answer.status_code == 503
    assert any(one["text"].startswith("The broker has never taken") for one in answer.json()["troubles"])


@pytest.mark.django_db
def test_an_e_mail_that_waits_too_long_is_an_alarm(client, watched):
    waiting_mail(timedelta(minutes=2))
    waiting_mail(timedelta(minutes=16))
    answer = client.get("/health/status", headers=WATCHER)
    waits = answer.json()["waiting"]["mail"]
    assert (answer.status_code, waits["count"]) == (503, 2)
    assert 16 * 60 <= waits["oldest_seconds"] < 17 * 60


@pytest.mark.django_db
def test_one_that_is_tried_again_and_again_waits_since_it_first_failed(client, watched):
    mail = waiting_mail(timedelta(0))
    Mail.objects.filter(pk=mail.pk).update(
        failing_since=timezone.now() - timedelta(hours=2), due_at=timezone.now() + timedelta(minutes=5)
    )
    waits = client.get("/health/status", headers=WATCHER).json()["waiting"]["mail"]
    assert (waits["count"], waits["oldest_seconds"] >= 7200) == (1, True)


@pytest.mark.django_db
def test_prometheus_reads_what_waits_and_what_was_asked(client, watched):
    alive(SignOfLife.Part.CLOCK)
    waiting_mail(timedelta(minutes=3))
    client.get("/no/such/page")
    answer = client.get("/metrics", headers=WATCHER)
    assert answer["Content-Type"].startswith("text/plain; version=")
    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(figures['portal_work_waiting{kind="mail"}']) == 1
    assert float(figures['portal_work_oldest_seconds{kind="mail"}']) >= 180
    assert float(figures['portal_part_silent_seconds{part="clock"}']) < 60
    assert float(figures['portal_part_failing{part="clock"}']) == 0
    assert float(figures['portal_requests_total{method="GET",page="none",status="404"}']) >= 1


@pytest.mark.django_db
def test_what_is_asked_of_the_database_does_not_grow(client, watched, django_assert_max_num_queries):
    for minutes in range(20):
        waiting_mail(timedelta(minutes=minutes))
    with django_assert_max_num_queries(14):
        client.get("/metrics", headers=WATCHER)
    with django_assert_max_num_queries(14):
        client.get("/health/status", headers=WATCHER)


@pytest.mark.django_db
def test_a_balancer_is_not_sent_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/ready").status_code == 200
    assert client.get("/accounts/login/").status_code == 301

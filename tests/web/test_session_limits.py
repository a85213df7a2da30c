"""A session that nobody uses ends, and so does one that goes on for too long."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

SIGNED_OUT = "安全のため、一定時間の経過によりログアウトしました"
ADMIN = "/admin/"


@pytest.fixture(autouse=True)
def limits(settings) -> None:
    """As an installation has them that sets nothing."""
    settings.STAFF_IDLE, settings.STAFF_SESSION = timedelta(minutes=30), timedelta(hours=12)
    settings.CUSTOMER_IDLE, settings.CUSTOMER_SESSION = timedelta(hours=12), timedelta(days=14)


def goes_on(client: Client, address: str) -> bool:
    return client.get(address).status_code == 200


def test_staff_who_were_away_for_half_an_hour_sign_in_again(as_reception, now):
    now.shift(timedelta(minutes=29))
    assert goes_on(as_reception, ADMIN)
    now.shift(timedelta(minutes=30))
    reply = as_reception.get(reverse("work-queue") + "?page=2", follow=True)
    assert reply.redirect_chain[-1][0] == f"{reverse('account_login')}?next=%2Fadmin%2Fqueue%2F%3Fpage%3D2"
    assert SIGNED_OUT in reply.content.decode()
    assert "_auth_user_id" not in as_reception.session


def test_customers_have_half_a_day(as_yamada, now):
    now.shift(timedelta(hours=11, minutes=59))
    assert goes_on(as_yamada, reverse("contracts:contract-list"))
    now.shift(timedelta(hours=12))
    assert not goes_on(as_yamada, reverse("contracts:contract-list"))


@pytest.mark.parametrize(("who", "hours"), [("as_reception", 12), ("as_yamada", 14 * 24)])
def test_a_session_in_use_all_the_time_ends_at_last(who, hours, request, now):
    client, page = request.getfixturevalue(who), reverse("account_email")
    step = timedelta(minutes=25) if who == "as_reception" else timedelta(hours=11)
    passed = timedelta()
    while passed + step < timedelta(hours=hours):
        now.shift(step)
        passed += step
        assert goes_on(client, page), passed
    now.shift(timedelta(hours=hours) - passed)
    assert not goes_on(client, page)


def test_who_signs_in_anew_has_the_whole_time(user, now):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    now.shift(timedelta(hours=11))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    now.shift(timedelta(hours=11))
    assert goes_on(client, reverse("account_email"))


def test_what_was_sent_too_late_changes_nothing_and_leads_back_to_its_form(as_yamada, contract, now):
    form = reverse("contracts:contract-request-new", args=[contract.number, "cancellation"])
    now.shift(timedelta(hours=13))
    sent = {"action": "send", "wanted_on": "2026-12-31"}
    reply = as_yamada.post(form, sent, headers={"Referer": f"http://testserver{form}?product=line"})
    assert reply.status_code == 302
    assert reply.headers["Location"].endswith("requests%2Fnew%2Fcancellation%2F%3Fproduct%3Dline")
    assert contract.requests.count() == 0


def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(as_yamada, contract, now):
    page = reverse("contracts:contract-detail", args=[contract.number])
    now.shift(timedelta(hours=13))
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    reply = as_yamada.get(reverse("contracts:contract-what-if", args=[contract.number]), headers=asked)
    assert reply.headers["HX-Redirect"] == f"{reverse('account_login')}?next={page.replace('/', '%2F')}"


def test_a_part_of_a_page_in_another_window_leads_there_too(client, contract):
    """The session ended in one window; the other still shows the page."""
    page = reverse("contracts:contract-detail", args=[contract.number])
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    reply = client.get(reverse("contracts:contract-what-if", args=[contract.number]), headers=asked)
    assert reply.headers["HX-Redirect"] == f"{reverse('account_login')}?next={page.replace('/', '%2F')}"


def test_nobody_is_led_to_another_site_by_what_a_browser_says(as_yamada, contract, now):
    now.shift(timedelta(hours=13))
    reply = as_yamada.post(reverse("organisations:switch"), headers={"Referer": "https://evil.example/"})
    assert reply.headers["Location"].endswith("?next=%2F")


def test_the_sign_in_page_is_shown_at_once(as_yamada, now):
    now.shift(timedelta(hours=13))
    reply = as_yamada.get(reverse("account_login"))
    assert reply.status_code == 200
    assert SIGNED_OUT in reply.content.decode()


def test_a_page_that_looks_for_progress_by_itself_is_no_use(as_reception, now):
    now.shift(timedelta(minutes=20))
    assert as_reception.get(ADMIN, headers={"Portal-Looks-Again": "yes"}).status_code == 200
    now.shift(timedelta(minutes=20))
    assert not goes_on(as_reception, ADMIN)


def test_a_session_is_written_once_a_minute(as_yamada, now, monkeypatch):
    stored = []
    save = Session.save
    monkeypatch.setattr(Session, "save", lambda self, **how: stored.append(1) or save(self, **how))
    for _request in range(5):
        now.shift(timedelta(seconds=10))
        goes_on(as_yamada, reverse("account_email"))
    assert len(stored) == 0
    now.shift(timedelta(seconds=10))
    goes_on(as_yamada, reverse("account_email"))
    assert len(stored) == 1

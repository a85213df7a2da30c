"""What was typed or chosen is not forgotten: when a session ran out, and by signing up."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from portal.limits.kept_input import KEPT_FOR, MOST
from tests import scenes
from tests.web.application_pages import begin_address
from tests.web.request_pages import address, text_of

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def limits(settings) -> None:
    settings.CUSTOMER_IDLE, settings.CUSTOMER_SESSION = timedelta(hours=12), timedelta(days=14)


def sent_too_late(client: Client, page: str, now, **more: str) -> None:
    """A form whose session ran out meanwhile."""
    now.shift(timedelta(hours=13))
    typed = {"action": "check", "wanted_on": "2026-12-31", "memo": "<a&b>", "password": "secret", **more}
    reply = client.post(page, typed, headers={"Referer": f"http://testserver{page}"})
    assert reply.headers["Location"].startswith(reverse("account_login"))


def test_what_was_typed_when_the_session_ran_out_is_there_again_for_the_same_person(
    as_yamada, yamada, contract, user, now
):
    page, person = address(contract, "cancellation"), scenes.owner_of(yamada)
    sent_too_late(as_yamada, page, now)
    assert "2026-12-31" not in as_yamada.get(reverse("account_login")).content.decode()
    now.shift(timedelta(hours=1))
    as_yamada.force_login(person, backend=BACKEND)
    # Elsewhere nothing is different, and on the page the person is asked.
    assert as_yamada.get(reverse("contracts:contract-list")).status_code == 200
    asked = as_yamada.get(page)
    assert "入力内容は保存されています" in text_of(asked)
    hidden = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', asked.content.decode().split("<main", 1)[1]
    )
    fields = {name: html.unescape(text) for name, text in hidden if name != "csrfmiddlewaretoken"}
    assert fields == {"action": "check", "wanted_on": "2026-12-31", "memo": "<a&b>"}
    again = as_yamada.post(page, fields)
    assert again.context["form"]["wanted_on"].value() == "2026-12-31"
    assert as_yamada.get(page).context["form"]
    # The session lasts as long as any other.
    now.shift(timedelta(hours=11))
    assert as_yamada.get(page).status_code == 200

    sent_too_late(as_yamada, page, now)
    as_yamada.force_login(person, backend=BACKEND)
    assert as_yamada.get(f"{page}?anew").context["form"]
    assert as_yamada.get(page).context["form"]


def test_it_is_kept_for_two_hours_for_nobody_else_and_not_without_bound(as_yamada, yamada, contract, now):
    page, person = address(contract, "cancellation"), scenes.owner_of(yamada)
    sent_too_late(as_yamada, page, now)
    now.shift(KEPT_FOR)
    as_yamada.force_login(person, backend=BACKEND)
    assert as_yamada.get(page).context["form"]

    sent_too_late(as_yamada, page, now)
    as_yamada.force_login(scenes.owner_of(scenes.suzuki()), backend=BACKEND)
    assert as_yamada.get(page).status_code == 404
    as_yamada.force_login(person, backend=BACKEND)
    assert as_yamada.get(page).context["form"]

    sent_too_late(as_yamada, page, now, memo="x" * MOST)
    as_yamada.force_login(person, backend=BACKEND)
    assert as_yamada.get(page).context["form"]


def test_the_chosen_service_is_not_forgotten_by_signing_up(ct_e1, make_user, signed_in, details):
    client = signed_in(make_user("new@minato.example"))
    led = client.get(begin_address(ct_e1))
    assert led.headers["Location"].startswith(reverse("organisations:create"))
    typed = {
        "name": "みなと商事株式会社",
        "postal_code": "105-0011",
        "address": "東京都港区芝公園4-2-8",
        "phone": "03-0000-0000",
        "invoice_email": "new@minato.example",
    }
    elsewhere = f"{reverse('organisations:create')}?next=https://elsewhere.example/"
    assert "elsewhere" not in client.get(elsewhere).headers.get("Location", "")
    registered = client.post(led.headers["Location"], typed)
    assert registered.headers["Location"] == begin_address(ct_e1)

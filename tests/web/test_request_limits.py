"""Who asks too often is told when to try again, and nothing is done meanwhile."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse

from portal.limits import requests as limited
from portal.organisations.roles import StaffRole


@pytest.fixture
def only(settings):
    """Let so much through of one kind of request, and anything of others."""

    def limit(kind: str, customers: str, staff: str = "") -> None:
        settings.REQUEST_LIMITS = {kind: (customers, staff)}

    return limit


def test_the_page_says_when_to_try_again(as_yamada, contract, only, now):
    only("searches", "2/10m")
    address = reverse("contracts:contract-what-if", args=[contract.number])
    assert [as_yamada.get(address).status_code for _again in range(2)] == [200, 200]
    now.shift(timedelta(minutes=4))
    reply = as_yamada.get(address)
    assert reply.status_code == 429
    assert "変更は行われていません。10:10:00以降に、もう一度お試しください。" in reply.content.decode()
    assert reply.headers["Retry-After"] == "360"
    now.shift(timedelta(minutes=6))
    assert as_yamada.get(address).status_code == 200


def test_one_persons_requests_are_not_anothers(as_yamada, as_suzuki, client, only):
    only("searches", "1/h")
    address = reverse("organisations:address")
    assert [as_yamada.get(address).status_code for _again in range(2)] == [200, 429]
    assert as_suzuki.get(address).status_code == 200


def test_visitors_are_counted_by_where_they_come_from(client, ct_e1, only):
    only("searches", "1/h")
    address = reverse("contracts:terms-compare", args=[ct_e1.slug])
    assert [client.get(address).status_code for _again in range(2)] == [200, 429]
    assert Client(REMOTE_ADDR="203.0.113.9").get(address).status_code == 200


def test_a_refused_request_counts_as_any_other(as_yamada, contract, only):
    only("requests", "2/h")
    address = reverse("contracts:contract-request-new", args=[contract.number, "cancellation"])
    early = {"action": "send", "wanted_on": "2026-11-21"}
    sent = [as_yamada.post(address, early).status_code for _again in range(3)]
    assert sent[-1] == 429
    assert 429 not in sent[:2]
    assert contract.requests.count() <= 2


def test_checks_while_typing_are_no_requests(as_yamada, contract, only):
    only("requests", "1/h")
    address = reverse("contracts:contract-request-new", args=[contract.number, "cancellation"])
    checks = [as_yamada.post(address, {"action": "check"}).status_code for _again in range(3)]
    assert 429 not in checks


def test_applications_are_counted_when_they_are_sent(as_yamada, ct_e1, only):
    only("applications", "1/h")
    address = reverse("contracts:application-confirm", args=[ct_e1.slug])
    assert [as_yamada.post(address).status_code == 429 for _again in range(2)] == [False, True]
    assert as_yamada.get(address).status_code != 429


def test_files_are_counted_wherever_they_are_sent(as_yamada, contract, only):
    only("uploads", "1/h")
    address = reverse("contracts:contract-request-new", args=[contract.number, "name"])
    replies = [
        as_yamada.post(address, {"action": "check", "proof": SimpleUploadedFile("a.pdf", b"%PDF-")})
        for _again in range(2)
    ]
    assert [reply.status_code == 429 for reply in replies] == [False, True]


def test_downloads_are_counted(as_yamada, application, only):
    only("downloads", "1/h")
    address = reverse("contracts:application-pdf", args=[application.number])
    assert [as_yamada.get(address).status_code for _again in range(2)] == [200, 429]


def test_staff_have_limits_of_their_own(as_reception, ct_e1, only):
    only("searches", "1/h", "3/h")
    address = reverse("admin:contracts_contract_changelist") + "?q=a"
    assert [as_reception.get(address).status_code for _again in range(4)] == [200, 200, 200, 429]


def test_exports_of_lists_are_counted(staff, signed_in, only):
    only("exports", "", "1/h")
    client = signed_in(staff(StaffRole.BILLING))
    sent = {"action": "download", "_selected_action": ["1"]}
    replies = [client.post(reverse("admin:billing_invoice_changelist"), sent) for _again in range(2)]
    assert [reply.status_code == 429 for reply in replies] == [False, True]


def test_everything_that_is_sent_is_counted(as_yamada, only):
    only("entries", "2/h")
    replies = [as_yamada.post(reverse("organisations:switch"), {"organisation": "0"}) for _again in range(3)]
    assert [reply.status_code for reply in replies][-1] == 429


def test_a_part_of_a_page_is_told_in_its_place(as_yamada, contract, only):
    only("searches", "1/h")
    address = reverse("contracts:contract-what-if", args=[contract.number])
    as_yamada.get(address)
    reply = as_yamada.get(address, headers={"HX-Request": "true"})
    assert reply.status_code == 429
    assert "<html" not in reply.content.decode()
    assert "もう一度お試しください" in reply.content.decode()


def test_pages_know_where_to_show_it(client):
    page = client.get(reverse("home")).content.decode()
    config = json.loads(page.partition('name="htmx-config" content=\'')[2].partition("'")[0])
    handled = next(one for one in config["responseHandling"] if one["code"] == "429")
    assert handled["swap"]
    assert handled["swapOverride"] == "afterbegin"


def test_what_is_counted_is_there():
    """A page that gets another name would not be counted any more."""
    resolver = get_resolver()
    for name in limited._DOWNLOADS | limited._SEARCHES | {limited._COMPARISON}:
        space, colon, page = name.rpartition(":")
        assert page in (resolver.namespace_dict[space][1] if colon else resolver).reverse_dict, name


def test_too_many_sign_ups_from_one_place_are_refused(client, settings, db):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/h/ip"}
    address = reverse("account_signup")
    assert [client.post(address, {}).status_code for _again in range(2)] == [200, 429]

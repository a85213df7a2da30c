"""Pages around accounts show codes, keys and addresses: no cache keeps them, the browser's included."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse

from contracts.lifecycle.calendar_address import calendar_address
from portal.organisations.operations import open_calendar
from tests.account_scene import set_up_factor, sign_in

# Every page of allauth whose address needs nothing filled in.
ACCOUNT_PAGES = [
    name
    for name, (patterns, *_more) in get_resolver().reverse_dict.items()
    if isinstance(name, str) and name.startswith(("account_", "mfa_")) and not patterns[0][1]
]


@pytest.fixture(autouse=True)
def no_attempts_counted() -> None:
    cache.clear()


def is_kept_by_no_cache(client: Client, address: str) -> bool:
    rule = client.get(address).headers.get("Cache-Control", "")
    return "no-store" in rule and "private" in rule


@pytest.mark.parametrize("who", ["visitor", "customer"])
def test_no_page_of_accounts_is_kept(who, user, client):
    if who == "customer":
        client = sign_in(user)
        set_up_factor(client)
    for name in ACCOUNT_PAGES:
        assert is_kept_by_no_cache(client, reverse(name)), name


def test_a_page_that_is_not_there_is_not_kept_either(user):
    assert is_kept_by_no_cache(sign_in(user), "/nowhere/")


def test_the_secret_calendar_is_not_kept(organisation, client):
    address = calendar_address(open_calendar(organisation.memberships.get()))
    reply = client.get(address.partition("localhost:8000")[2])
    assert reply.status_code == 200
    assert "no-store" in reply.headers["Cache-Control"]

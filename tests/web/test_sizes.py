"""No page asks the database more often because there is more of what it lists."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.models import BankTransaction
from contracts.models import Notice
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.copies import Copies
from tests.matrix.addresses import addresses
from tests.matrix.scene import Scene, set_scene
from tests.pages import calendar_feed, is_customers, is_looked_at

MORE = 3
"""Copies that there are more of the second time: what is asked for each row is asked so often at least."""

_SPARE = MORE - 1
"""A longer list may ask for what a shorter one had nothing of."""


@pytest.fixture
def scene(db, settings, make_user):
    settings.REQUEST_LIMITS, settings.ACCOUNT_RATE_LIMITS = {}, False
    with time_machine.travel(scenes.at("2026-11-20 10:00"), tick=False):
        yield set_scene(make_user)


def test_queries_of_a_page_do_not_grow_with_what_there_is(scene, make_staff, signed_in):
    """Every page, as an owner and a manager see it; of all that it may show there is more the second time."""
    owner = signed_in(scene.owner)
    manager = signed_in(make_staff("manager@provider.example", StaffRole.MANAGER))
    pages = {
        f"{address.name} {thing}".strip(): (owner if is_customers(address) else manager, path)
        for address in addresses()
        if is_looked_at(address)
        for thing, path in scene.things(address)
    }
    pages["contracts:calendar-feed own"] = Client(), calendar_feed(scene.owner)
    copies = _copies(scene)
    for one in copies:
        one.make(1)
    few = {}
    for name, (client, path) in pages.items():
        if client.get(path).status_code == 200:
            few[name] = _queries(client, path)
    for one in copies:
        one.make(MORE)
    many = {name: _queries(*pages[name]) for name in few}
    grown = {name: (count, many[name]) for name, count in few.items() if many[name] > count + _SPARE}
    assert not grown
    assert len(few) > 150
    assert "contracts:calendar-feed own" in few


def _copies(scene: Scene) -> list[Copies]:
    """Organisations, contracts of the owner's with all that belongs to them, bank entries, notices."""
    organisation = scene.beside.organisation
    return [
        Copies([scene.owner, organisation]),
        Copies(organisation.contracts.all()),
        Copies(BankTransaction.objects.all()),
        Copies(Notice.objects.filter(purpose=Notice.Purpose.MAINTENANCE)),
    ]


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(path).getvalue()
        return len(queries)

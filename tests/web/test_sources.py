"""What waits for staff is said once, and stands wherever staff look."""

from collections import Counter
from datetime import date

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.timezone import localdate

from contracts.extensions import registered
from contracts.extensions.registered import Extension
from contracts.extensions.waiting import Due, Listed, Queued, Source, WorkRow
from contracts.inbox.daily import run_day
from contracts.inbox.sources import filtered, sources
from contracts.inbox.work import contract_entries
from contracts.models import Contract
from contracts.requests.kinds.reported import NameData
from contracts.requests.questions import ask_back
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.scenes import at, day

LABEL = "Contracts to be photographed"


def photographs() -> Source:
    """A kind of work that an app brings: every contract, due today."""
    return Source(
        key="photograph",
        label=LABEL,
        queued=Queued(
            "contracts.contract",
            lambda wanted: (
                WorkRow("photograph", one.pk, localdate(), localdate())
                for one in Contract.objects.filter(wanted.of(""))
            ),
            lambda pks: contract_entries(pks, LABEL),
        ),
        listed=Listed("contracts.contract", Contract.objects.all),
        due=lambda on: (Due(f"photograph:{one.pk}", one, on, LABEL) for one in Contract.objects.all()),
    )


@pytest.fixture
def brought(monkeypatch):
    more = [*registered._registered, Extension(sources=(photographs(),))]
    monkeypatch.setattr(registered, "_registered", more)


def test_each_key_and_each_label_stands_once():
    found = sources()
    for named in ("key", "label"):
        times = Counter(str(getattr(source, named)) for source in found)
        assert [name for name, count in times.items() if count > 1] == []


def test_what_an_app_brings_stands_in_queue_filter_first_page_and_reminders(
    brought, contract, as_reception, committing
):
    queue = as_reception.get(reverse("work-queue"), {"kind": "photograph"})
    assert [(line.entry.number, line.entry.about) for line in queue.context["queue"].lines] == [
        (contract.number, LABEL)
    ]
    assert ("photograph", LABEL, 1) in queue.context["kinds"]

    first = as_reception.get(reverse("admin:index")).context["waiting"]
    (entry,) = [one for one in first if one.label == LABEL]
    assert entry.count == 1
    assert entry.url.endswith("?waiting=photograph")
    listed = as_reception.get(entry.url)
    assert LABEL in listed.content.decode()
    assert list(listed.context["cl"].result_list) == [contract]

    run_day(date(2026, 11, 20))
    assert [LABEL in message.body for message in mail.outbox].count(True) == 1


def test_debts_that_allow_termination_have_one_name_in_queue_and_on_the_first_page(staff, signed_in):
    (source,) = [one for one in sources() if one.key == "unpaid_termination"]
    first = signed_in(staff(StaffRole.MANAGER)).get(reverse("admin:index")).context["waiting"]
    (entry,) = [one for one in first if one.label == source.label]
    assert entry.model == "billing.invoice"
    assert source.queued.model == "contracts.contract", "reception, too, has it in the queue"


def test_lists_offer_what_waits_by_the_names_of_the_first_page(simpleconnect, as_reception):
    contract = scenes.accept(scenes.apply(simpleconnect, {"id": 2}, at("2026-11-10")), at("2026-11-11"))
    page = as_reception.get(reverse("admin:contracts_contract_changelist"), {"waiting": "registration"})
    assert list(page.context["cl"].result_list) == [contract]
    offered = [source.label for source, _listed in filtered(Contract)]
    assert len(offered) == 3
    assert all(str(label) in page.content.decode() for label in offered)


def test_the_list_of_requests_shows_what_waits_for_a_decision_asked_back_or_not(contract, as_reception):
    wish = NameData(wanted_on=day("2026-12-01"), name="新社名")
    asked = scenes.ask(contract, "name", wish, at("2026-11-19"))
    ask_back(asked, scenes.staff_member(), "登記の日は", at("2026-11-20"))
    address = reverse("admin:contracts_contractrequest_changelist")
    listed = {
        kind: list(as_reception.get(address, {"waiting": kind}).context["cl"].result_list)
        for kind in ("undecided", "completion")
    }
    assert listed == {"undecided": [asked], "completion": []}

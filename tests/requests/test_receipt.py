"""What the terms let count by its receipt counts whether or not anybody decides; staff acknowledge it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from contracts.applications.acceptance import deliver_acceptance
from contracts.lifecycle.provider_ends.terminations import terminate
from contracts.models import Claim, Contract, Task
from contracts.requests.decide import accept_request, refuse_request
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.withdrawal import withdraw_request
from contracts.wording.reasons import NOT_POSSIBLE
from portal.audit.models import AuditEntry
from tests import scenes
from tests.scenes import at, day, owner_of, staff_member, yamada


@pytest.fixture
def seats(ct_e1) -> Contract:
    """3 seats and recordings of them, from October 2026."""
    return scenes.running(ct_e1, {"seat": 3, "recording-16h": 3}, yamada())


def now(contract: Contract) -> Contract:
    return Contract.objects.get(pk=contract.pk)


def rows(contract: Contract) -> list[tuple]:
    values = ("product", "quantity", "starts_on", "ends_on", "billed_from_on", "billed_through_on")
    return list(contract.items.order_by("product", "starts_on").values_list(*values))


def ask(contract: Contract, kind: str, moment: str, **data):
    return scenes.ask(contract, kind, ProductChangeData(**data), at(moment))


def test_a_cancellation_ends_the_contract_although_nobody_decides(seats):
    request = scenes.cancel(seats, day("2026-12-31"), at("2026-11-30 23:59"))
    assert request.status == "submitted"
    assert (now(seats).ends_on, now(seats).billed_through_on) == (day("2026-12-31"), day("2026-12-31"))
    assert now(seats).state_on(day("2027-01-01")) == "ended"


def test_staff_acknowledge_it_even_after_its_day_and_change_nothing(seats):
    request = scenes.cancel(seats, day("2026-12-31"), at("2026-11-20"))
    before = rows(seats)
    accepted = accept_request(request, staff_member(), at("2027-02-03"))
    assert accepted.status == "accepted"
    assert rows(seats) == before
    assert now(seats).ends_on == day("2026-12-31")
    assert AuditEntry.objects.filter(action="request.accepted").count() == 1


def test_staff_cannot_refuse_what_the_terms_give(seats):
    request = scenes.cancel(seats, day("2026-12-31"), at("2026-11-20"))
    with pytest.raises(ValidationError) as refused:
        refuse_request(request, staff_member(), NOT_POSSIBLE, "", at("2026-11-21"))
    assert refused.value.code == "counts_by_itself"
    request.refresh_from_db()
    assert request.status == "submitted"


def test_taken_back_before_its_day_the_contract_goes_on_as_it_was(seats):
    before = rows(seats)
    request = scenes.cancel(seats, day("2026-12-31"), at("2026-11-20"))
    withdraw_request(request, owner_of(seats.organisation), at("2026-12-31"))
    assert (now(seats).ends_on, now(seats).end_kind, now(seats).billed_through_on) == (None, "", None)
    assert rows(seats) == before
    assert not Task.objects.filter(contract=seats, kind=Task.Kind.DATA_ERASURE).exists()
    assert scenes.cancel(seats, day("2027-01-31"), at("2026-12-31")).status == "submitted"


def test_a_change_that_was_to_begin_after_the_end_begins_after_all_when_that_is_taken_back(seats):
    more = ask(seats, "quantity_up", "2026-11-01", wanted_on=day("2027-02-01"), product="seat", quantity=5)
    accept_request(more, staff_member(), at("2026-11-02"))
    before = rows(seats)
    request = scenes.cancel(seats, day("2026-12-31"), at("2026-11-20"))
    assert now(seats).items_on(day("2027-02-01")) == {}
    withdraw_request(request, owner_of(seats.organisation), at("2026-11-21"))
    assert rows(seats) == before


def test_what_changed_since_stays_when_the_end_is_taken_back(seats):
    request = scenes.cancel(seats, day("2027-01-31"), at("2026-11-20"))
    less = ask(seats, "quantity_down", "2026-11-21", wanted_on=day("2026-12-25"), product="seat", quantity=2)
    accept_request(less, staff_member(), at("2026-11-22"))
    withdraw_request(request, owner_of(seats.organisation), at("2026-11-23"))
    assert now(seats).items_on(day("2026-12-24"))["seat"] == 3
    assert now(seats).items_on(day("2027-06-01"))["seat"] == 2


def test_it_cannot_be_taken_back_once_its_day_is_over_or_staff_have_seen_it(seats):
    request = scenes.cancel(seats, day("2026-12-31"), at("2026-11-20"))
    person = owner_of(seats.organisation)
    with pytest.raises(ValidationError) as over:
        withdraw_request(request, person, at("2027-01-01 00:00"))
    assert over.value.code == "begun"
    accept_request(request, staff_member(), at("2026-12-01"))
    with pytest.raises(ValidationError) as seen:
        withdraw_request(request, person, at("2026-12-02"))
    assert seen.value.code == "already_decided"
    assert now(seats).ends_on == day("2026-12-31")


def test_an_option_ends_by_the_receipt_and_goes_on_when_that_is_taken_back(seats):
    before = rows(seats)
    drop = {"wanted_on": day("2026-12-31"), "product": "recording-16h"}
    request = ask(seats, "drop_option", "2026-11-30 23:59", **drop)
    last = day("2026-12-31")
    assert now(seats).items_on(last)["recording-16h"] == 3
    assert "recording-16h" not in now(seats).items_on(last + timedelta(days=1))
    withdraw_request(request, owner_of(seats.organisation), at("2026-12-01"))
    assert rows(seats) == before


def test_the_rest_of_the_minimum_term_goes_with_a_cancellation_that_is_taken_back(partner_cloud):
    applied = scenes.apply(partner_cloud, {"base": 1}, at("2026-09-10"), wanted_start_on=day("2026-10-01"))
    servers = scenes.accept(applied, at("2026-09-10"))
    deliver_acceptance(servers, at("2026-09-10"))
    servers.refresh_from_db()
    request = scenes.cancel(servers, None, at("2026-10-01"), monthly_fee=50_000)
    assert now(servers).ends_on
    withdraw_request(request, owner_of(servers.organisation), at("2026-10-02"))
    assert not Claim.objects.filter(request=request).exists()
    assert now(servers).ends_on is None


def test_where_acceptance_counts_nothing_happens_before_it(progoffice):
    users = scenes.running(progoffice, {"user": 10}, yamada())
    request = scenes.cancel(users, day("2027-12-31"), at("2026-11-20"))
    assert now(users).ends_on is None
    refuse_request(request, staff_member(), NOT_POSSIBLE, "", at("2026-11-21"))
    assert now(users).ends_on is None


def test_a_customer_may_leave_before_an_end_that_the_provider_set(seats):
    """Told in November of the end on 20 January, the customer goes in time at the end of December (19-1)."""
    terminate(seats, staff_member(), "insolvent", None, at("2026-11-10"), ends_on=day("2027-01-20"))
    as_told = (now(seats).ends_on, now(seats).end_kind, now(seats).billed_through_on, rows(seats))

    with pytest.raises(ValidationError) as later:
        scenes.cancel(now(seats), day("2027-01-31"), at("2026-11-30"))
    assert later.value.code == "ends_already"
    request = scenes.cancel(now(seats), day("2026-12-31"), at("2026-11-30 23:59"))
    assert (now(seats).ends_on, now(seats).end_kind) == (day("2026-12-31"), "cancelled")
    assert {row.ends_on for row in now(seats).items.all()} == {day("2026-12-31")}

    withdraw_request(request, owner_of(seats.organisation), at("2026-12-01"))
    assert (now(seats).ends_on, now(seats).end_kind, now(seats).billed_through_on, rows(seats)) == as_told
    assert now(seats).tasks.get(kind="data_erasure").due_on == day("2027-02-20")


def test_too_late_to_leave_before_the_end_that_the_provider_set(seats):
    terminate(seats, staff_member(), "insolvent", None, at("2026-11-10"), ends_on=day("2027-01-20"))
    request = scenes.cancel(now(seats), day("2026-12-31"), at("2026-12-01"))
    assert request.status == "refused"
    assert now(seats).ends_on == day("2027-01-20")

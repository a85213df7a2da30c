"""What follows from changes of products beside their quantity: needs, one-off fees, minimum terms."""

import pytest
from django.core.exceptions import ValidationError

from billing.pricing.price_lists import publish_price_list
from contracts.applications.acceptance import deliver_acceptance
from contracts.lifecycle.agreements import AgreementData, SignedDocument, agree
from contracts.models import Claim, Contract
from contracts.requests.decide import accept_request, complete_request
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.withdrawal import withdraw_request
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service, price_list_source
from tests.scenes import PDF, at, day, owner_of, staff_member, yamada


def ask(contract: Contract, kind: str, moment: str, **data):
    return scenes.ask(contract, kind, ProductChangeData(**data), at(moment))


def once(contract: Contract, product: str) -> list[tuple]:
    rows = contract.items.filter(product=product).order_by("starts_on")
    return list(rows.values_list("quantity", "starts_on", "billed_through_on"))


def test_two_requests_together_cannot_end_the_last_base_products(ct_e1):
    contract = scenes.running(ct_e1, {"line": 2, "seat": 2}, yamada())
    lines = ask(contract, "drop_item", "2026-11-01", wanted_on=day("2026-12-31"), product="line", quantity=2)
    seats = ask(contract, "drop_item", "2026-11-02", wanted_on=day("2026-12-31"), product="seat", quantity=2)
    accept_request(lines, staff_member(), at("2026-11-03"))
    with pytest.raises(ValidationError) as refused:
        accept_request(seats, staff_member(), at("2026-11-03"))
    assert refused.value.code == "conditions_changed"
    assert Contract.objects.get(pk=contract.pk).items_on(day("2027-01-01")) == {"seat": 2}


def test_requests_for_different_days_cannot_end_the_last_base_products_either(ct_e1):
    """The lines go with February and the seats with January: what is left on March 1 counts (12-4, 5-2)."""
    contract = scenes.running(ct_e1, {"line": 2, "seat": 2, "recording-16h": 2}, yamada())
    lines = ask(contract, "drop_item", "2026-11-01", wanted_on=day("2027-02-28"), product="line", quantity=2)
    accept_request(lines, staff_member(), at("2026-11-03"))
    seats = ask(contract, "drop_item", "2026-11-04", wanted_on=day("2027-01-31"), product="seat", quantity=2)
    assert (seats.status, seats.decided.reason) == ("refused", "last_item")
    some = ask(contract, "drop_item", "2026-11-04", wanted_on=day("2027-01-31"), product="seat", quantity=1)
    assert some.status == "submitted"


def test_a_base_product_that_is_still_to_come_lets_another_go_only_while_it_stays(ct_e1):
    contract = scenes.running(ct_e1, {"line": 2}, yamada())
    more = ask(contract, "add_item", "2026-11-01", wanted_on=day("2027-01-01"), product="seat", quantity=1)
    accept_request(more, staff_member(), at("2026-11-02"))
    gone = ask(contract, "drop_item", "2026-11-03", wanted_on=day("2027-01-31"), product="line", quantity=2)
    accept_request(gone, staff_member(), at("2026-11-04"))
    held = Contract.objects.get(pk=contract.pk)
    assert (held.items_on(day("2027-01-31")), held.items_on(day("2027-02-01"))) == (
        {"line": 2, "seat": 1},
        {"seat": 1},
    )


def test_fewer_units_of_an_option_go_with_a_month_end(ct_e1):
    """37-1, which goes before 12-1 for options (39)."""
    contract = scenes.running(ct_e1, {"line": 2, "seat": 4, "recording-16h": 4}, yamada())
    fewer = {"product": "recording-16h", "quantity": 2}
    request = ask(contract, "quantity_down", "2026-11-30", wanted_on=day("2026-12-24"), **fewer)
    decided = request.decided
    assert (decided.effective_on, decided.billed_from_on) == (day("2027-01-01"), day("2027-01-01"))
    assert (decided.deadline_on, decided.billed_through_on) == (day("2026-11-30"), day("2026-12-31"))
    accept_request(request, staff_member(), at("2026-12-01"))
    held = Contract.objects.get(pk=contract.pk)
    assert held.items_on(day("2026-12-31"))["recording-16h"] == 4
    assert held.items_on(day("2027-01-01"))["recording-16h"] == 2
    late = ask(
        contract,
        "quantity_down",
        "2026-12-01",
        wanted_on=day("2027-01-01"),
        product="recording-16h",
        quantity=1,
    )
    assert (late.status, late.decided.reason) == ("refused", "late")
    seats = ask(
        contract, "quantity_down", "2026-11-20", wanted_on=day("2026-12-24"), product="seat", quantity=3
    )
    assert seats.decided.effective_on == day("2026-12-24"), "what is no option changes on any day (12-1)"


def test_more_of_an_option_needs_a_base_product(ct_e1):
    """5-2, 33-2: nothing but options is not provided."""
    contract = scenes.running(ct_e1, {"line": 1, "recording-16h": 1}, yamada())
    contract.items.filter(product="line").update(ends_on=day("2026-12-31"))
    more = {"wanted_on": day("2027-02-15"), "product": "recording-16h", "quantity": 2}
    request = ask(contract, "quantity_up", "2026-12-10", **more)
    assert (request.status, request.decided.reason) == ("refused", "needs_base")


def test_new_numbers_bring_their_issue_fee_once(ct_e1):
    held = {"line": 2, "seat": 2, "number-first": 1, "number-additional": 2}
    contract = scenes.running(ct_e1, held, yamada())
    assert once(contract, "number-issue") == [(3, day("2026-10-01"), day("2026-10-31"))]

    more = {"wanted_on": day("2026-12-10"), "product": "number-additional", "quantity": 5}
    request = ask(contract, "quantity_up", "2026-11-01", **more)
    accept_request(request, staff_member(), at("2026-11-02"))
    assert once(contract, "number-issue")[1:] == [(3, day("2026-12-10"), day("2026-12-31"))]


def test_what_was_ordered_by_itself_is_not_charged_twice(ct_e1):
    held = {"line": 2, "seat": 2, "number-first": 1, "number-additional": 2, "number-issue": 3}
    contract = scenes.running(ct_e1, held, yamada())
    assert [quantity for quantity, _starts, _through in once(contract, "number-issue")] == [3]


@pytest.fixture
def servers(db) -> Contract:
    """Two servers from October 2026, with a minimum of six months by agreement."""
    service = load_priced_service("partner-cloud-e")
    applied = scenes.apply(service, {"base": 2}, at("2026-09-10"), wanted_start_on=day("2026-10-01"))
    contract = scenes.accept(applied, at("2026-09-10"))
    deliver_acceptance(contract, at("2026-09-10"))
    data = AgreementData(
        title="個別契約", effective_on=day("2026-10-01"), rules="[minimum_term]\nmonths = 6\n"
    )
    agree(contract, staff_member(), data, SignedDocument("a.pdf", PDF), at("2026-09-11"))
    storage = {"wanted_on": day("2026-12-01"), "product": "storage", "quantity": 3}
    scenes.grant(ask(contract, "add_option", "2026-11-20", **storage), at("2026-11-25"))
    return Contract.objects.get(pk=contract.pk)


def test_each_product_owes_the_rest_of_its_own_minimum_term(servers):
    scenes.cancel(servers, day("2026-12-28"), at("2026-11-30"))
    # Servers to March: 3 × 100,000; storage, from December to May: 5 × 12,000.
    assert Claim.objects.get().net == 300_000 + 60_000


def test_an_option_that_is_given_up_owes_the_rest_of_its_minimum_term(servers):
    drop = {"wanted_on": day("2027-03-20"), "product": "storage", "quantity": 1}
    request = ask(servers, "drop_option", "2027-03-01", **drop)
    scenes.grant(request, at("2027-03-02"))
    assert Claim.objects.get(request=request).net == 2 * 4_000
    withdraw_request(request, owner_of(servers.organisation), at("2027-03-03"))
    assert not Claim.objects.exists()


def test_the_minimum_term_is_counted_by_the_fee_as_it_is_when_the_cancellation_is_accepted(db):
    service = load_priced_service("progoffice")
    contract = scenes.running(service, {"user": 10}, yamada())
    request = scenes.cancel(contract, day("2027-03-31"), at("2026-11-01"))
    assert request.decided.minimum_term_charge == 6 * 4_000
    more = ask(
        contract, "quantity_up", "2026-11-02", wanted_on=day("2026-11-10"), product="user", quantity=20
    )
    accept_request(more, staff_member(), at("2026-11-03"))
    complete_request(more, staff_member(), at("2026-11-10"))
    accept_request(request, staff_member(), at("2026-11-11"))
    assert Claim.objects.get().net == 6 * 8_000


def leaving_progoffice(quantity: int) -> Contract:
    """A contract with so many users that ends on 31 January, with nine months of its minimum term left."""
    service = load_priced_service("progoffice")
    contract = scenes.accept(scenes.apply(service, {"user": quantity}, at("2026-10-05")), at("2026-10-15"))
    contract = scenes.activated(contract, day("2026-11-01"), at("2026-10-15 12:00"))
    request = scenes.cancel(contract, day("2027-01-31"), at("2026-12-21 11:00"))
    accept_request(request, staff_member(), at("2026-12-22"))
    assert Claim.objects.get().net == 9 * quantity * 400
    return contract


def test_what_is_given_up_before_the_end_is_not_left_to_be_paid_of_the_minimum_term(db):
    """The old number is charged to the end of January, and the months after it at the number that is left."""
    contract = leaving_progoffice(20)
    fewer = ask(
        contract,
        "quantity_down",
        "2026-12-23 11:00",
        wanted_on=day("2027-01-20"),
        product="user",
        quantity=12,
        user_ids_deleted=True,
    )
    accept_request(fewer, staff_member(), at("2026-12-24"))
    complete_request(fewer, staff_member(), at("2027-01-20"))
    claim = Claim.objects.get()
    assert (claim.net, claim.arose_on) == (9 * 12 * 400, day("2027-01-31"))
    assert claim.request.decided.minimum_term_charge == claim.net


def test_a_new_price_before_the_end_counts_for_what_is_left_of_the_minimum_term(db):
    contract = leaving_progoffice(10)
    source = price_list_source("progoffice").replace("2016-03-01", "2027-01-01").replace("= 400", "= 500")
    publish_price_list(contract.service, source, approval=approved("price_list"))
    assert Claim.objects.get().net == 9 * 10 * 500


def test_more_can_be_asked_for_while_less_still_waits(db):
    """From 30 users to 25 on 20 January, and to 28 on 25 January; the second needs the first."""
    contract = scenes.running(load_priced_service("progoffice"), {"user": 30}, yamada())
    users = {"product": "user", "user_ids_deleted": True}
    fewer = ask(contract, "quantity_down", "2027-01-12", wanted_on=day("2027-01-20"), quantity=25, **users)
    with pytest.raises(ValidationError):
        ask(contract, "quantity_up", "2027-01-12", wanted_on=day("2027-01-19"), quantity=28, **users)
    more = ask(contract, "quantity_up", "2027-01-12", wanted_on=day("2027-01-25"), quantity=28, **users)
    for request in (fewer, more):
        accept_request(request, staff_member(), at("2027-01-13"))
    with pytest.raises(ValidationError) as too_early:
        complete_request(more, staff_member(), at("2027-01-19"))
    assert too_early.value.code == "conditions_changed"

    complete_request(fewer, staff_member(), at("2027-01-20"))
    complete_request(more, staff_member(), at("2027-01-25"))
    assert Contract.objects.get(pk=contract.pk).items_on(day("2027-01-26")) == {"user": 28}

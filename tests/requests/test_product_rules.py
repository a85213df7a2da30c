"""What follows from changes of products beside their quantity: needs, one-off fees, minimum terms."""

import pytest
from django.core.exceptions import ValidationError

from contracts.applications.acceptance import deliver_acceptance
from contracts.lifecycle.agreements import AgreementData, SignedDocument, agree
from contracts.models import Claim, Contract
from contracts.requests.decide import accept_request, complete_request, withdraw_request
from contracts.requests.product_forms import ProductChangeData
from tests import scenes
from tests.billing_scene import load_priced_service
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
    accept_request(ask(contract, "add_option", "2026-11-20", **storage), staff_member(), at("2026-11-25"))
    return Contract.objects.get(pk=contract.pk)


def test_each_product_owes_the_rest_of_its_own_minimum_term(servers):
    scenes.cancel(servers, day("2026-12-28"), at("2026-11-30"))
    # Servers to March: 3 × 100,000; storage, from December to May: 5 × 12,000.
    assert Claim.objects.get().net == 300_000 + 60_000


def test_an_option_that_is_given_up_owes_the_rest_of_its_minimum_term(servers):
    drop = {"wanted_on": day("2027-03-20"), "product": "storage", "quantity": 1}
    request = ask(servers, "drop_option", "2027-03-01", **drop)
    accept_request(request, staff_member(), at("2027-03-02"))
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

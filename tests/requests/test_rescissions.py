"""Either side may end a contract at once for ties to anti-social forces and the like (progoffice 41)."""

import pytest
from django.core.exceptions import ValidationError

from contracts.lifecycle.provider_ends.terminations import terminate
from contracts.models import Claim, Contract, Service
from contracts.requests.decide import accept_request, refuse_request
from contracts.requests.kinds.rescissions import RescissionData
from contracts.requests.withdrawal import withdraw_request
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day, owner_of, staff_member, yamada


@pytest.fixture
def users(db) -> Contract:
    return scenes.running(load_priced_service("progoffice"), {"user": 10}, yamada())


def declared(contract: Contract, moment: str, ground: str = "antisocial"):
    return scenes.ask(
        contract, "rescission", RescissionData(ground=ground, statement="報道による"), at(moment)
    )


def test_a_contract_ends_on_the_day_of_receipt_once_the_ground_is_accepted(users):
    """Sent after 17:00 on a Friday before a holiday, it is received on Tuesday; no minimum term."""
    request = declared(users, "2026-11-20 17:30")
    assert (request.status, request.decided.ends_on) == ("submitted", day("2026-11-24"))
    assert request.decided.billed_through_on == day("2026-11-30")
    assert "41-1" in request.decided.articles
    accept_request(request, staff_member(), at("2026-12-01"))
    users.refresh_from_db()
    assert (users.ends_on, users.billed_through_on, users.end_kind) == (
        day("2026-11-24"),
        day("2026-11-30"),
        "cancelled",
    )
    assert not Claim.objects.exists()
    assert users.tasks.filter(kind="data_erasure").count() == 1


def test_a_ground_that_is_not_recognised_is_refused_for_that_reason(users):
    request = declared(users, "2026-11-20 11:00")
    refuse_request(request, staff_member(), "not_so", "事実がありません。", at("2026-11-21"))
    users.refresh_from_db()
    assert (request.__class__.objects.get(pk=request.pk).status, users.ends_on) == ("refused", None)


def test_a_declaration_can_be_taken_back_while_nobody_has_decided(users):
    request = declared(users, "2026-11-20 11:00")
    withdraw_request(request, owner_of(users.organisation), at("2026-11-20 12:00"))
    users.refresh_from_db()
    assert users.ends_on is None


def test_only_a_listed_ground_is_declared_and_only_where_the_terms_know_it(users, ct_e1):
    with pytest.raises(ValidationError) as unknown:
        declared(users, "2026-11-20 11:00", ground="dissatisfied")
    assert unknown.value.message_dict.keys() == {"ground"}
    seats = scenes.running(Service.objects.get(slug="ct-e1"), {"line": 1}, yamada())
    with pytest.raises(ValidationError) as not_provided:
        declared(seats, "2026-11-20 11:00")
    assert "kind" in not_provided.value.message_dict


@pytest.mark.parametrize("item", range(1, 6))
def test_the_provider_may_end_it_at_once_too(users, item):
    grounds = (
        "antisocial",
        "deceit_or_violence",
        "claims_antisocial",
        "honour_harmed",
        "business_obstructed",
    )
    terminate(users, staff_member(), grounds[item - 1], None, at("2026-11-20"))
    users.refresh_from_db()
    assert users.ends_on == day("2026-11-20")
    letter = users.letters.get(kind="termination")
    assert f"第41条第1項第{item}号" in letter.document["reason"]["articles"]

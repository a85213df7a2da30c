"""A change of the calling environment: asked for one month before, and permitted by the provider."""

import pytest

from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request, refuse_request
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day, staff_member
from tests.web.request_pages import address, request_address, sent, text_of

KIND = "calling_environment"
TYPED = {"now": "社内ネットワーク（有線）", "then": "在宅勤務、VPN"}


@pytest.fixture
def seats(committing, yamada) -> Contract:
    """2 lines and 5 seats, since October."""
    return scenes.running(load_priced_service("ct-e1"), {"line": 2, "seat": 5}, yamada)


def test_it_is_asked_for_one_month_before(seats, as_yamada):
    offered = as_yamada.get(address(seats, KIND)).context["offer"]
    assert offered.possibility.earliest_on == day("2026-12-20")
    request = sent(as_yamada, seats, KIND, wanted_on="2026-12-20", **TYPED)
    assert (request.status, request.payload) == ("submitted", TYPED)
    page = text_of(as_yamada.get(request_address(request)))
    for shown in ("音声通信環境の変更", "社内ネットワーク（有線）", "在宅勤務、VPN", "第7条第3項"):
        assert shown in page


def test_a_day_earlier_it_is_refused_with_the_earliest_day(seats, as_yamada):
    page = as_yamada.post(address(seats, KIND), {**TYPED, "wanted_on": "2026-12-19", "action": "confirm"})
    assert page.context["verdict"].refused
    assert page.context["verdict"].instead == day("2026-12-20")
    assert not ContractRequest.objects.exists()


def test_a_permission_that_comes_later_counts_from_then(seats, as_yamada):
    request = sent(as_yamada, seats, KIND, wanted_on="2026-12-20", **TYPED)
    accepted = accept_request(request, staff_member(), at("2026-12-25 11:00"))
    assert (accepted.status, accepted.decision["effective_on"]) == ("accepted", "2026-12-25")


def test_without_permission_the_article_is_cited(seats, as_yamada):
    request = sent(as_yamada, seats, KIND, wanted_on="2026-12-20", **TYPED)
    refuse_request(request, staff_member(), "not_permitted", "", at("2026-11-21 11:00"))
    page = text_of(as_yamada.get(request_address(request)))
    assert "変更を許可できない" in page

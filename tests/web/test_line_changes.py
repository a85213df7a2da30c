"""The report of a change of a line, to be made before the day of the change."""

import pytest

from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, staff_member
from tests.web.request_pages import address, request_address, sent, text_of

TYPED = {"line": "03-0000-0000", "now": "アナログ回線、本社", "then": "ひかり電話、本社"}


@pytest.fixture
def lines(committing, yamada) -> Contract:
    """2 lines and 5 seats, since October."""
    return scenes.running(load_priced_service("ct-e1"), {"line": 2, "seat": 5}, yamada)


def test_a_line_is_reported_by_the_day_before_it_changes(lines, as_yamada):
    request = sent(as_yamada, lines, "line_change", wanted_on="2026-11-21", **TYPED)
    assert (request.status, request.payload) == ("submitted", TYPED)
    assert request.decision["deadline_on"] == "2026-11-20"
    page = text_of(as_yamada.get(request_address(request)))
    for shown in ("回線の変更の届出", "回線（03-0000-0000）", "アナログ回線、本社", "ひかり電話、本社"):
        assert shown in page
    assert "第12条第6項" in page


def test_on_the_day_itself_it_is_too_late(lines, as_yamada):
    page = as_yamada.post(
        address(lines, "line_change"), {**TYPED, "wanted_on": "2026-11-20", "action": "confirm"}
    )
    assert "受け付けられません" in text_of(page) or "期限を過ぎて" in text_of(page)
    assert not ContractRequest.objects.exists()


def test_its_acceptance_changes_nothing_of_the_contract(lines, as_yamada):
    request = sent(as_yamada, lines, "line_change", wanted_on="2026-12-01", **TYPED)
    before = list(lines.items.values())
    accept_request(request, staff_member(), at("2026-11-20 11:00"))
    assert list(lines.items.values()) == before
    assert not lines.particulars.exists()
    assert "回線の変更の届出" in str(request.letters.get().document)


def test_what_stays_the_same_is_no_change(lines, as_yamada):
    typed = {**TYPED, "then": TYPED["now"], "wanted_on": "2026-12-01", "action": "confirm"}
    form = as_yamada.post(address(lines, "line_change"), typed).context["form"]
    assert list(form.errors) == ["then"]


def test_services_whose_terms_know_no_lines_don_t_offer_it(committing, yamada, as_yamada):
    contract = scenes.running(load_priced_service("desknets"), {"user": 10}, yamada)
    assert as_yamada.get(address(contract, "line_change")).status_code == 302

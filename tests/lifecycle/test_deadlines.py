"""What a customer sees coming."""

import pytest
from django.utils.translation import override

from contracts.lifecycle.deadlines import next_deadlines
from contracts.models import Contract
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.decide import accept_request
from contracts.requests.registry import offer_of
from tests.scenes import (
    accept,
    activated,
    apply,
    at,
    cancel,
    day,
    next_version,
    staff_member,
    suzuki,
    yamada,
)

EARLIER = (
    'anchor = "wanted_month_end"\nbefore = { months = 1 }',
    'anchor = "wanted_month_end"\nbefore = { months = 2 }',
)
"""A change of policy: cancellations are to arrive two months before the end."""

ONLY_NEW_CONTRACTS = (
    "[cancellation]",
    '[[transitional]]\narticle = "19-1"\narticles = ["19"]\ncontracts_from = 2026-02-01\n\n[cancellation]',
)


@pytest.fixture
def contract(ct_e1) -> Contract:
    application = apply(ct_e1, {"seat": 5}, at("2025-11-10"), wanted_start_on=day("2026-01-01"))
    return accept(application, at("2025-11-12"))


def seen(contract: Contract, on: str) -> list[tuple]:
    return [(entry.kind, str(entry.on), entry.days_left) for entry in next_deadlines(contract, day(on))]


def test_the_days_to_cancel_for_this_end_and_the_next(contract):
    assert seen(contract, "2026-02-10") == [("cancel_by", "2026-02-28", 18), ("cancel_by", "2026-03-31", 49)]
    assert seen(contract, "2026-02-28")[0] == ("cancel_by", "2026-02-28", 0)
    assert seen(contract, "2026-03-01")[0] == ("cancel_by", "2026-03-31", 30)


def test_a_deadline_names_the_end_and_explains_itself_in_the_reader_s_language(contract):
    with override("en"):
        first = next_deadlines(contract, day("2026-02-10"))[0]
        assert first.label == "Last day to cancel for an end on 31 March 2026"
        sentences = [(step.sentence, step.result) for step in first.explanation.steps]
        assert (
            "The deadline lies 1 month before 31 March 2026 (the end of the wanted month).",
            "28 February 2026",
        ) in sentences
        article = first.explanation.steps[1].articles[0]
        assert (article.label, article.url) == (
            "Art. 19 para. 1",
            "/services/ct-e1/terms/2015-04-01/#article-19-1",
        )


def test_before_the_start_come_start_and_charging(contract):
    coming = seen(contract, "2025-12-01")

    assert ("service_start", "2026-01-01", 31) in coming
    assert ("billing_start", "2026-01-01", 31) in coming
    assert [on for kind, on, _left in coming if kind == "cancel_by"] == ["2025-12-31", "2026-01-31"]


def test_renewal_notice_and_minimum_term(progoffice):
    contract = accept(apply(progoffice, {"user": 5}, at("2025-11-10")), at("2025-11-11"))
    contract = activated(contract, day("2026-01-15"), at("2025-12-01"))

    assert ("renewal_notice", "2026-11-30", 183) in seen(contract, "2026-05-31")
    assert ("minimum_term_end", "2026-12-31", 214) in seen(contract, "2026-05-31")
    later = {kind: on for kind, on, _left in seen(contract, "2027-05-31")}
    assert later["renewal_notice"] == "2027-11-30"
    assert "minimum_term_end" not in later


def test_a_cancelled_contract_shows_its_end_and_the_erasure_of_data(contract):
    request = cancel(contract, day("2026-06-30"), at("2026-03-01"))
    accept_request(request, staff_member(), at("2026-03-02"))
    contract.refresh_from_db()

    upcoming = next_deadlines(contract, day("2026-06-01"))

    assert [entry.kind for entry in upcoming] == ["contract_end", "data_erasure"]
    assert str(upcoming[0].on) == "2026-06-30"
    assert upcoming[0].explanation.steps
    assert seen(contract, "2026-07-01")[0][0] == "data_erasure"


def test_an_end_that_counts_by_its_receipt_explains_itself_before_staff_acknowledge_it(contract):
    cancel(contract, day("2026-06-30"), at("2026-03-01"))
    contract.refresh_from_db()
    end = next_deadlines(contract, day("2026-03-02"))[0]
    assert (end.kind, str(end.on)) == ("contract_end", "2026-06-30")
    assert end.explanation.steps


def test_many_contracts_take_no_more_queries_than_one(ct_e1, django_assert_num_queries):
    for organisation in (yamada(), suzuki()):
        application = apply(
            ct_e1, {"seat": 1}, at("2025-11-10"), organisation=organisation, wanted_start_on=day("2026-01-01")
        )
        accept(application, at("2025-11-12"))
    contracts = list(
        Contract.objects.select_related("service", "contracted_version__service").prefetch_related("requests")
    )
    books = Rulebooks()
    next_deadlines(contracts[0], day("2026-02-01"), books)

    with django_assert_num_queries(0):
        assert next_deadlines(contracts[1], day("2026-02-01"), books)


def test_a_new_version_moves_deadlines_from_the_day_it_takes_effect(contract):
    next_version(contract.service, day("2026-02-01"), at("2025-12-01"), EARLIER)
    assert seen(contract, "2026-01-31")[0] == ("cancel_by", "2026-01-31", 0)
    assert seen(contract, "2026-02-01")[0] == ("cancel_by", "2026-02-28", 27)
    first = next_deadlines(contract, day("2026-02-01"))[0]
    assert (first.version.name, first.decision.wanted_ends_on) == ("2026-02-01", day("2026-04-30"))


def test_a_transitional_provision_leaves_earlier_contracts_their_deadlines(contract):
    next_version(contract.service, day("2026-02-01"), at("2025-12-01"), EARLIER, ONLY_NEW_CONTRACTS)
    first = next_deadlines(contract, day("2026-02-10"))[0]
    assert (first.version, first.decision.wanted_ends_on) == (contract.contracted_version, day("2026-03-31"))
    later = accept(
        apply(contract.service, {"seat": 1}, at("2026-02-02"), wanted_start_on=day("2026-04-01")),
        at("2026-02-03"),
    )
    first = next_deadlines(later, day("2026-04-10"))[0]
    assert (first.version.name, first.decision.wanted_ends_on) == ("2026-02-01", day("2026-06-30"))


def test_what_is_shown_and_what_is_decided_go_by_the_same_version(contract):
    next_version(contract.service, day("2026-02-01"), at("2025-12-01"), EARLIER, ONLY_NEW_CONTRACTS)
    offered = offer_of(contract, "cancellation", at("2026-02-10")).possibility
    assert offered.version == contract.contracted_version
    assert offered.earliest_on == day("2026-03-31")
    request = cancel(contract, offered.earliest_on, at("2026-02-10"))
    assert (request.status, request.terms_version) == ("submitted", contract.contracted_version)


def test_provisions_of_several_versions_lead_back_to_the_first(contract):
    service = contract.service
    next_version(service, day("2026-02-01"), at("2025-12-01"), EARLIER, ONLY_NEW_CONTRACTS)
    next_version(
        service,
        day("2026-03-01"),
        at("2025-12-01"),
        ("contracts_from = 2026-02-01", "contracts_from = 2026-03-01"),
    )
    first = next_deadlines(contract, day("2026-03-10"))[0]
    assert first.version == contract.contracted_version

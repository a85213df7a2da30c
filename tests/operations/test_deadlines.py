"""What a customer sees coming."""

import pytest
from django.utils.translation import override

from contracts.deadlines import next_deadlines
from contracts.models import Contract
from contracts.operations.requests import accept_request
from contracts.operations.rulebooks import Rulebooks
from tests.scenes import accept, activated, apply, at, cancel, day, staff_member, suzuki, yamada


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

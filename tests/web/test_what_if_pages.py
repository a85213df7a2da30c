"""Questions to a contract, its timeline, and the contract of any day."""

import pytest
from django.urls import reverse

from billing.adjustments.outages import OutageReport, record_outage
from billing.invoicing.forecast import forecast
from billing.invoicing.returns import return_lines
from billing.pricing.usage import import_usage
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.applications.acceptance import deliver_acceptance
from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request
from contracts.requests.product_forms import ProductChangeData
from contracts.rules.calendar.period import Month
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.usage_files import row, usage_file
from tests.web.conftest import ALL_SERVICES

BASE = {
    "ct-e1": ["line", "seat"],
    "desknets": ["user"],
    "partner-cloud-e": ["base"],
    "progoffice": ["user"],
    "simpleconnect": ["id"],
}


def address(contract: Contract, page: str = "contracts:contract-what-if") -> str:
    return reverse(page, args=[contract.number])


def timeline_of(contract: Contract) -> str:
    return address(contract, "contracts:contract-timeline")


@pytest.fixture
def seats(ct_e1) -> Contract:
    """2 lines and 5 seats, since October."""
    return scenes.running(ct_e1, {"line": 2, "seat": 5}, scenes.yamada())


def test_before_anything_is_typed_it_says_when_a_cancellation_today_would_end_the_contract(seats, as_yamada):
    page = as_yamada.get(address(seats))
    assert page.context["answer"].ends_on == scenes.day("2026-12-31")
    text = page.content.decode()
    assert "2026年12月31日" in text
    assert "#article-19-1" in text, "the steps name the articles"
    assert not ContractRequest.objects.exists()


def test_what_is_paid_until_the_end_is_what_the_invoices_will_say(seats, as_yamada):
    page = as_yamada.get(address(seats)).content.decode()
    accept_request(
        scenes.cancel(seats, scenes.day("2026-12-31"), scenes.at("2026-11-20")),
        scenes.staff_member(),
        scenes.at("2026-11-21"),
    )
    gross = []
    for month in (Month(2026, 11), Month(2026, 12), Month(2027, 1)):
        bill(seats.service.provider, month, month.last)
        gross += [invoice.gross for invoice in seats.invoices.filter(month=month.first)]
    assert len(gross) == 2, "nothing is charged after the end"
    for amount in (*gross, sum(gross)):
        assert f"¥{amount:,}" in page


def test_the_rest_of_a_minimum_term_is_in_what_is_paid(progoffice, as_yamada):
    contract = scenes.running(progoffice, {"user": 10}, scenes.yamada())
    page = as_yamada.get(address(contract))
    charge = page.context["answer"].decision.minimum_term_charge
    assert charge > 0
    text = page.content.decode()
    assert f"¥{charge:,}" in text
    accept_request(
        scenes.cancel(contract, page.context["answer"].ends_on, scenes.at("2026-11-20")),
        scenes.staff_member(),
        scenes.at("2026-11-21"),
    )
    month, total = Month(2026, 11), 0
    for _time in range(4):
        bill(contract.service.provider, month, month.last)
        month += 1
    total = sum(contract.invoices.values_list("gross", flat=True))
    assert f"¥{total:,}" in text


def test_use_that_came_in_and_recorded_outages_are_in_what_is_paid(seats, as_yamada):
    bill(seats.service.provider, Month(2026, 10), scenes.day("2026-11-01"))
    october = seats.invoices.get()
    record_payment(october, scenes.day("2026-11-01"), october.gross, "bank-1", scenes.staff_member())
    plain = as_yamada.get(address(seats)).context["answer"]
    fees = forecast(seats, plain, scenes.day("2026-11-20"))
    usage = [
        row(f"call-{month}", seats.number, month=month, day=f"{month}-05", quantity="3000")
        for month in ("2026-10", "2026-11")
    ]
    assert import_usage(usage_file(usage), "calls.csv", None).taken == 2
    report = OutageReport(scenes.at("2026-11-02"), scenes.at("2026-11-08"), "ordinary")
    credit = record_outage(seats, report, "停電", scenes.staff_member(), approval=approved("outage")).credit
    assert credit.amount < 0

    known = forecast(seats, plain, scenes.day("2026-11-20"))
    page = as_yamada.get(address(seats)).content.decode()
    accept_request(
        scenes.cancel(seats, scenes.day("2026-12-31"), scenes.at("2026-11-20")),
        scenes.staff_member(),
        scenes.at("2026-11-21"),
    )
    month, billed = Month(2026, 11), {}
    for _time in range(4):
        bill(seats.service.provider, month, month.last)
        billed |= {Month.of(made.month): made.gross for made in seats.invoices.filter(month=month.first)}
        month += 1
    assert {ahead.month: ahead.then.gross for ahead in known.months} == billed
    assert known.then != fees.then
    assert f"¥{known.then:,}" in page


def test_a_month_that_is_invoiced_costs_what_its_documents_say(seats, as_yamada, staff):
    answer = as_yamada.get(address(seats)).context["answer"]
    bill(seats.service.provider, Month(2026, 11), scenes.day("2026-11-20"))
    invoice = seats.invoices.get()
    returned = return_lines(
        invoice,
        {0: 1_000},
        "誤り",
        scenes.staff_member(),
        scenes.at("2026-11-20"),
        approval=approved("return"),
    )
    (november, december) = forecast(seats, answer, scenes.day("2026-11-20")).months
    assert (november.invoiced, november.then.gross) == (True, invoice.gross + returned.gross)
    assert (december.invoiced, december.then.gross) == (False, invoice.gross)


def test_ten_seats_more_from_january(seats, as_yamada):
    question = {"kind": "quantity_up", "product": "seat", "wanted_on": "2027-01-01", "quantity": "１５"}
    page = as_yamada.get(address(seats), question)
    assert page.context["answer"].items == {"line": 2, "seat": 15}
    text = page.content.decode()
    assert "2026年12月1日" in text, "by when it must be sent"
    scenes_request = ProductChangeData(product="seat", wanted_on=scenes.day("2027-01-01"), quantity=15)
    accept_request(
        scenes.ask(seats, "quantity_up", scenes_request, scenes.at("2026-11-20")),
        scenes.staff_member(),
        scenes.at("2026-11-21"),
    )
    bill(seats.service.provider, Month(2026, 12), scenes.day("2026-12-31"))
    bill(seats.service.provider, Month(2027, 1), scenes.day("2027-01-31"))
    before, after = seats.invoices.order_by("month").values_list("gross", flat=True)
    assert f"¥{before:,}" in text
    assert f"¥{after:,}" in text
    assert f"¥{after - before:,}" in text


def test_the_same_can_be_sent_as_a_request(seats, as_yamada):
    question = {"kind": "quantity_up", "product": "seat", "wanted_on": "2027-01-01", "quantity": "15"}
    page = as_yamada.get(address(seats), question)
    form = as_yamada.get(page.context["send_url"])
    assert form.status_code == 200
    text = form.content.decode()
    assert 'value="2027-01-01"' in text
    assert 'value="15"' in text


@pytest.mark.parametrize("slug", ALL_SERVICES)
def test_every_question_to_every_service_has_an_answer_with_steps(slug, as_yamada):
    service = load_priced_service(slug)
    contract = scenes.running(service, dict.fromkeys(BASE[slug], 5), scenes.yamada())
    deliver_acceptance(contract, scenes.at("2026-09-10"))
    asked = as_yamada.get(address(contract)).context["questions"]
    assert "cancellation" in {question.kind for question in asked}
    for question in asked:
        typed = {"kind": question.kind, "wanted_on": question.possibility.earliest_on}
        if question.products:
            less = question.kind in ("quantity_down", "drop_item", "drop_option")
            typed |= {"product": question.products[0][0], "quantity": 4 if less else 9}
        page = as_yamada.get(address(contract), typed)
        assert page.status_code == 200
        answer = page.context["answer"]
        assert answer or page.context["form"].errors
        assert answer is None or answer.explanation.steps


def test_too_late_names_the_earliest_day_and_nothing_to_send(seats, as_yamada):
    page = as_yamada.get(address(seats), {"kind": "cancellation", "wanted_on": "2026-11-30"})
    assert page.context["answer"].outcome == "refused"
    assert page.context["days"]["earliest_on"] == scenes.day("2026-12-31")
    assert page.context["send_url"] == ""


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"wanted_on": "sometime"}, "wanted_on"),
        ({"wanted_on": "2099-01-01"}, "wanted_on"),
        ({"kind": "quantity_up", "product": "seat", "wanted_on": "2027-01-01", "quantity": "3"}, "quantity"),
        ({"kind": "quantity_up", "product": "moon", "wanted_on": "2027-01-01", "quantity": "9"}, "product"),
        ({"kind": "quantity_up", "product": "seat", "wanted_on": "2026-11-01", "quantity": "9"}, "wanted_on"),
        ({"kind": "drop_item", "product": "line", "quantity": "1"}, "wanted_on"),
    ],
)
def test_what_can_not_be_asked_is_said_at_its_field(seats, as_yamada, question, field):
    page = as_yamada.get(address(seats), question)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert page.context["answer"] is None


def test_a_kind_that_there_is_not_is_not_found(seats, as_yamada):
    assert as_yamada.get(address(seats), {"kind": "moon"}).status_code == 404
    assert as_yamada.get(address(seats), {"kind": "succession"}).status_code == 404


def test_with_htmx_only_the_question_and_its_answer_come_back(seats, as_yamada):
    part = as_yamada.get(address(seats), {"kind": "cancellation"}, headers={"HX-Request": "true"})
    text = part.content.decode()
    assert "<html" not in text
    assert 'id="what-if"' in text
    assert "HX-Request" in part.headers["Vary"]


def test_on_a_contract_that_is_being_formed_only_its_end_can_be_asked_about(progoffice, as_yamada):
    applied = scenes.apply(progoffice, {"user": 5}, scenes.at("2026-11-18"))
    contract = scenes.accept(applied, scenes.at("2026-11-19"))
    page = as_yamada.get(address(contract))
    assert [question.kind for question in page.context["questions"]] == ["cancellation"]


def test_an_ending_contract_says_so_instead_of_an_answer(seats, as_yamada):
    accept_request(
        scenes.cancel(seats, scenes.day("2026-12-31"), scenes.at("2026-11-19")),
        scenes.staff_member(),
        scenes.at("2026-11-20"),
    )
    kinds = [question.kind for question in as_yamada.get(address(seats)).context["questions"]]
    assert "cancellation" not in kinds


@pytest.mark.parametrize("page", ["contracts:contract-what-if", "contracts:contract-timeline"])
def test_staff_who_may_see_contracts_see_the_same_and_send_nothing(seats, staff, signed_in, page):
    reply = signed_in(staff(StaffRole.RECEPTION)).get(address(seats, page))
    assert reply.status_code == 200
    assert "/requests/new/" not in reply.content.decode()


def test_the_timeline_tells_past_and_coming_with_reasons(seats, as_yamada):
    page = as_yamada.get(timeline_of(seats)).content.decode()
    assert "timeline__item--done" in page
    assert "timeline__item--future" in page
    assert "#article-19-1" in page
    assert (
        "timeline__item--done" in as_yamada.get(address(seats, "contracts:contract-detail")).content.decode()
    )


def test_the_contract_of_a_day_has_the_contents_and_the_name_of_that_day(seats, as_yamada):
    data = ProductChangeData(product="seat", wanted_on=scenes.day("2027-01-15"), quantity=8)
    accept_request(
        scenes.ask(seats, "quantity_up", data, scenes.at("2026-11-20")),
        scenes.staff_member(),
        scenes.at("2026-11-20"),
    )
    renamed = "山田ホールディングス株式会社"
    seats.particulars.create(key="name", value=renamed, starts_on=scenes.day("2027-01-01"))
    before = as_yamada.get(timeline_of(seats), {"on": "2026-12-31"}).context["shown"]
    after = as_yamada.get(timeline_of(seats), {"on": "2027年1月15日"}).context["shown"]
    quantities = [{line.key: line.quantity for line in shown.items} for shown in (before, after)]
    assert quantities == [{"line": 2, "seat": 5}, {"line": 2, "seat": 8}]
    assert (before.name, after.name) == ("山田商事株式会社", renamed)
    assert before.version == seats.contracted_version


def test_a_day_that_is_none_is_refused_in_words(seats, as_yamada):
    page = as_yamada.get(timeline_of(seats), {"on": "yesterday"})
    assert page.status_code == 400
    assert page.context["form"].errors["on"]

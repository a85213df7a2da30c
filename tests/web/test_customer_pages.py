"""Home page, contracts and their details, as customers see them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.runs.bill import bill
from contracts.lifecycle.suspensions import suspend
from contracts.models import Contract
from contracts.requests.decide import accept_request
from contracts.rules.calendar.period import Month
from tests import scenes


def page_of(client, contract: Contract) -> str:
    return client.get(reverse("contracts:contract-detail", args=[contract.number])).content.decode()


def another_contract(service) -> Contract:
    applied = scenes.apply(
        service, {"line": 1}, scenes.at("2026-09-10"), wanted_start_on=scenes.day("2026-10-01")
    )
    contract = scenes.accept(applied, scenes.at("2026-09-11"))
    asked = scenes.cancel(contract, scenes.day("2027-03-31"), scenes.at("2026-11-10"))
    accept_request(asked, scenes.staff_member(), scenes.at("2026-11-11"))
    return contract


@pytest.mark.parametrize("page", ["home", "contracts:contract-list"])
def test_more_contracts_take_no_more_queries(page, ct_e1, as_yamada):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert as_yamada.get(reverse(page)).status_code == 200
        return len(captured)

    another_contract(ct_e1)
    bill(ct_e1.provider, Month(2026, 10), scenes.day("2026-11-10"))
    for _time in range(5):  # with the search, and whose next invoice is for another month
        another_contract(ct_e1)
    queries()
    with_one = queries()
    for _time in range(4):
        another_contract(ct_e1)
    assert queries() == with_one


def test_home_shows_contracts_applications_notices_and_invoices(contract, application, as_yamada):
    bill(contract.service.provider, Month(2026, 9), scenes.day("2026-09-10"))
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-10-10"))
    invoice = contract.invoices.get()
    page = as_yamada.get(reverse("home")).content.decode()
    assert contract.number in page
    assert application.number in page
    assert page.count(reverse("billing:invoice-detail", args=[invoice.number])) == 2, (
        "as a thing to do and a row"
    )
    assert "chip--overdue" in page
    assert "2026年11月30日" in page  # the last day to cancel for the end of December


def test_home_shows_nothing_of_others(contract, as_suzuki):
    assert contract.number not in as_suzuki.get(reverse("home")).content.decode()


def test_visitors_see_the_services(client, ct_e1):
    assert ct_e1.name in client.get(reverse("home")).content.decode()


def test_somebody_without_an_organisation_is_led_to_register_one(client, user, signed_in):
    assert signed_in(user).get(reverse("home")).headers["Location"] == reverse("organisations:create")


def test_a_contract_shows_its_dates_with_articles_and_its_products(contract, as_yamada):
    page = page_of(as_yamada, contract)
    assert "2026年10月1日" in page
    assert "#article-11-2" in page  # the start of service
    assert "外線ライセンス" in page
    assert "2 回線" in page
    assert "chip--running" in page


def test_a_contract_that_is_forming_waits_for_its_products(progoffice, as_yamada):
    contract = scenes.accept(
        scenes.apply(progoffice, {"user": 5}, scenes.at("2026-11-18")), scenes.at("2026-11-19")
    )
    page = page_of(as_yamada, contract)
    assert "chip--forming" in page
    assert "table--cards" not in page.split('id="contains"')[1].split("</section>")[0]


def test_an_overdue_invoice_marks_the_contract(contract, as_yamada):
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-10-10"))
    overdue = contract.invoices.get()
    assert overdue.due_on < scenes.day("2026-11-20")
    assert "chip--overdue" in page_of(as_yamada, contract)
    assert "chip--overdue" in as_yamada.get(reverse("contracts:contract-list")).content.decode()


def test_suspensions_and_requests_are_shown_with_their_reasons(contract, as_yamada):
    rule = contract.contracted_version.policy.suspension
    first, reason = scenes.day("2026-11-15"), rule.reasons[0].key
    suspend(contract, scenes.staff_member(), reason, first, None, "11月分", at=scenes.at("2026-11-15"))
    late = scenes.cancel(contract, scenes.day("2026-11-30"), scenes.at("2026-11-19"))
    page = page_of(as_yamada, contract)
    assert "chip--suspended" in page
    assert rule.reasons[0].text.ja in page
    assert late.number in page
    assert "#article-19-1" in page
    letter = contract.letters.get(kind="suspension")
    assert reverse("contracts:contract-letter", args=[letter.number]) in page


def test_an_announced_change_of_terms_is_said_on_the_contract(progoffice, as_yamada, now):
    now.move_to(scenes.at("2020-08-10"))
    contract = scenes.accept(
        scenes.apply(progoffice, {"user": 5}, scenes.at("2020-08-01")), scenes.at("2020-08-02")
    )
    assert "2020-08-14" in page_of(as_yamada, contract).split("banner--warning")[1].split("</div>")[0]


def test_an_application_in_progress_stands_in_the_list(application, as_yamada):
    assert application.number in as_yamada.get(reverse("contracts:contract-list")).content.decode()

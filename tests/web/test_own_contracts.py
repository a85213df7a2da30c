"""What customers' contracts cost and contain, on their list, on their page and in the file of the list."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contracts.models import ContractItem
from tests import scenes
from tests.billing_scene import hold, load_priced_service, make_contract

LIST = reverse("contracts:contract-list")


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def owner(user, signed_in, settings, time_machine):
    time_machine.move_to(scenes.at("2026-11-20 10:00"), tick=False)
    settings.REQUEST_LIMITS = {}
    return signed_in(user)


@pytest.fixture
def contract(service, organisation, user):
    """Two lines, seats that go from 6 to 8, users of whom 6 are included, and what was paid once."""
    contract = make_contract(service, organisation, user, "C26-000001", {"line": 2, "user": 8})
    hold(contract, "seat", 6, scenes.day("2026-10-01"), scenes.day("2026-12-31"))
    hold(contract, "seat", 8, scenes.day("2027-01-01"))
    hold(contract, "setup-standard", 1, scenes.day("2026-10-01"), scenes.day("2026-10-01"))
    return contract


def test_the_page_says_what_each_product_costs_now_and_what_changes(owner, contract):
    response = owner.get(reverse("contracts:contract-detail", args=[contract.number]))
    held = response.context["held"]
    of = {product.line.key: product for product in held.products}
    assert list(of) == ["line", "user", "seat"]
    assert of["line"].price.amount == 10_000 and of["line"].price.unit_prices == (5_000,)
    assert (of["user"].price.included, of["user"].price.amount) == (6, 1_000)
    (change,) = of["seat"].changes
    assert (of["seat"].line.quantity, change.on, change.line.quantity) == (6, scenes.day("2027-01-01"), 8)
    assert [item.product for item, _line in held.over] == ["setup-standard"]
    assert (held.fee, held.later) == (41_000, [(scenes.day("2027-01-01"), 50_000)])
    page = response.content.decode().split('id="contains"')[1].split("</section>")[0]
    assert "2027年1月1日から8 席" in page and "¥41,000" in page and "¥50,000" in page


def test_a_product_that_ends_alone_says_until_when(owner, contract):
    ContractItem.objects.filter(product="line").update(ends_on=scenes.day("2026-11-30"))
    page = owner.get(reverse("contracts:contract-detail", args=[contract.number]))
    line = next(one for one in page.context["held"].products if one.line.key == "line")
    assert [(change.last_on, change.line) for change in line.changes] == [(scenes.day("2026-11-30"), None)]
    assert "2026年11月30日まで" in page.content.decode()


def test_the_list_adds_up_fees_finds_and_is_taken_out(owner, contract, service, organisation, user):
    ended = make_contract(service, organisation, user, "C26-000002", {"line": 1})
    type(ended).objects.filter(pk=ended.pk).update(ends_on=scenes.day("2026-10-31"), end_kind="cancelled")
    make_contract(service, organisation, user, "C26-000003", {"line": 1})
    context = owner.get(LIST).context
    rows = {row.contract.number: row for row in context["contracts"]}
    assert {number: row.fee for number, row in rows.items()} == {
        "C26-000001": 41_000,
        "C26-000002": None,
        "C26-000003": 5_000,
    }
    assert (context["fees"].total, context["fees"].unknown) == (46_000, 0)
    assert rows["C26-000001"].next.on == scenes.day("2027-01-01")
    assert [line.key for line in rows["C26-000001"].products] == ["line", "user", "seat"]

    def found(**asked):
        return [row.contract.number for row in owner.get(LIST, asked).context["contracts"]]

    assert found(standing="ended") == ["C26-000002"]
    assert found(standing="going_on", number="０００００３") == ["C26-000003"]
    assert found(service="ct-e1", number="nothing") == []
    export = f"{reverse('contracts:contract-list-export')}?standing=going_on"
    content = owner.post(export, {"format": "csv"}).getvalue().decode("utf-8-sig")
    listed = {row["契約番号"]: row["月額料金（税抜）"] for row in csv.DictReader(io.StringIO(content))}
    assert listed == {"C26-000003": "5000", "C26-000001": "41000"}


def test_more_contracts_ask_the_database_no_more(owner, contract, service, organisation, user):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(LIST).status_code == 200
        return len(captured)

    make_contract(service, organisation, user, "C26-000010", {"line": 1})
    few = queries()
    for place in range(11, 30):
        make_contract(service, organisation, user, f"C26-{place:06}", {"line": 1})
    assert queries() <= few + 1  # pages have a next one

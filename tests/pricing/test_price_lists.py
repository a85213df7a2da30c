"""Publishing price lists: what fits the terms is taken, anything else is refused whole."""

from datetime import date

import pytest

from billing.calculation.prices import PriceListError
from billing.models import PriceListVersion
from billing.pricing.price_lists import publish_price_list
from portal.audit.models import AuditEntry
from tests.billing_scene import load_service, price_list_source

PRICE = '[[prices]]\narticle = "list-1"\nproduct = "line"\nunit_price = 5000\ntax = "standard"\n'


@pytest.fixture
def service(db):
    return load_service("ct-e1")


def source(prices: str = PRICE, effective_on: str = "2026-04-01") -> str:
    return f"effective_on = {effective_on}\n\n{prices}"


def problems(service, text: str) -> dict[str, str]:
    with pytest.raises(PriceListError) as refused:
        publish_price_list(service, text)
    assert not PriceListVersion.objects.filter(source=text).exists()
    return {problem.path: str(problem.reason) for problem in refused.value.problems}


def test_the_same_list_twice_is_stored_once(service):
    first = publish_price_list(service, price_list_source("ct-e1"))
    entries = AuditEntry.objects.count()
    assert publish_price_list(service, price_list_source("ct-e1")) == first
    assert PriceListVersion.objects.count() == 1
    assert AuditEntry.objects.count() == entries


def test_the_list_in_force_is_the_last_one_that_took_effect(service):
    old = publish_price_list(service, source(effective_on="2026-04-01"))
    new = publish_price_list(service, source(effective_on="2026-10-01"))
    in_force = PriceListVersion.objects.in_force
    assert in_force(service, date(2026, 3, 31)) is None
    assert in_force(service, date(2026, 9, 30)) == old
    assert in_force(service, date(2026, 10, 1)) == new


def test_another_list_of_the_same_day_is_refused(service):
    publish_price_list(service, source())
    assert "effective_on" in problems(service, source(PRICE.replace("5000", "6000")))


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('"line"', '"nothing"', "prices[0].product"),
        ('"list-1"', '"99-1"', "prices[0].article"),
        ("5000", "-1", "prices[0].unit_price"),
        ("5000", "5000.5", "prices[0].unit_price"),
        ('"standard"', '"half"', "prices[0].tax"),
        ("unit_price", "unitprice", "prices[0].unitprice"),
        ("[[prices]]", "[[prices", ""),
    ],
)
def test_what_is_wrong_is_named_by_its_path(service, old, new, path):
    assert path in problems(service, source(PRICE.replace(old, new)))


def test_every_problem_is_named(service):
    wrong = PRICE.replace('"line"', '"nothing"') + PRICE.replace('"list-1"', '"99-1"')
    assert set(problems(service, source(wrong))) == {"prices[0].product", "prices[1].article"}

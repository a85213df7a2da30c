"""Whatever stands in an address, nobody gets an error of the server."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from billing.runs.bill import bill
from contracts.rules.calendar.period import Month
from portal.organisations.roles import StaffRole
from tests import scenes

BAD_PARTS = ("abc", "%00", "%E2%91%A0", "9" * 30, "0", "-1")
"""A word, a NUL, the digit ①, a number that no key reaches, and two that are numbers of nothing."""

BAD_DAYS = ("0001-01-01", "9999-12-31", "1899-12-31", "2200/1/1", "%00", "%E2%91%A0", "2026-13-45")
BAD_NUMBERS = ("-1", "0", "9" * 30, "9" * 4400, "%E2%91%A0", "%00", "NaN")


def addresses(found: URLResolver, before: str = "") -> Iterator[str]:
    """The address of every page, with `{}` for each part that varies."""
    for one in found.url_patterns:
        address = before + re.sub(r"<[^>]+>", "{}", _written(one))
        if isinstance(one, URLResolver):
            yield from addresses(one, address)
        elif "{}" in address:
            yield address


def _written(one: URLPattern | URLResolver) -> str:
    """How a pattern is written, one by a regular expression as one by a route."""
    written = str(one.pattern)
    if hasattr(one.pattern, "_route"):
        return written
    return re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", written).strip("^$").removesuffix(r"\Z")


ADDRESSES = sorted(set(addresses(get_resolver())))
OF_ADMIN = [address for address in ADDRESSES if address.startswith("admin/")]
OF_OTHERS = [address for address in ADDRESSES if not address.startswith("admin/")]


def failing(client: Client, asked: Iterator[str]) -> list[str]:
    """The addresses that end in an error of the server."""
    client.raise_request_exception = False
    return [address for address in asked if client.get(address).status_code >= 500]


def with_bad_parts(patterns: list[str]) -> Iterator[str]:
    return ("/" + address.replace("{}", bad) for address in patterns for bad in BAD_PARTS)


@pytest.fixture
def as_manager(make_staff, signed_in) -> Client:
    return signed_in(make_staff("manager@provider.example", StaffRole.MANAGER))


def test_there_are_addresses_to_try():
    assert "contracts/{}/requests/new/{}/" in OF_OTHERS
    assert "admin/contracts/application/{}/accept/" in OF_ADMIN
    assert "accounts/password/reset/key/{}-{}/" in OF_OTHERS


@pytest.mark.thorough
def test_visitors_and_customers_find_nothing(client, as_yamada):
    for visitor in (client, as_yamada):
        assert failing(visitor, with_bad_parts(OF_OTHERS)) == []
        assert failing(visitor, (f"/{one.replace('{}', 'abc')}" for one in OF_ADMIN)) == []


@pytest.mark.thorough
def test_the_manager_finds_nothing(as_manager):
    assert failing(as_manager, with_bad_parts(OF_OTHERS + OF_ADMIN)) == []


@pytest.mark.thorough
def test_lists_of_the_admin_take_whatever_is_asked_of_them(as_manager):
    assert failing(as_manager, lists_asked_for_nonsense()) == []


def lists_asked_for_nonsense() -> Iterator[str]:
    for model, found in admin.site._registry.items():
        listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield from (f"{listed}?id__{asked}" for asked in (f"in=1,{'9' * 25}", "range=1"))
        yield from (f"{listed}?{asked}" for asked in ("p=-1", f"p={'9' * 4400}", "q=%00", f"q={'9' * 30}"))
        if name := found.date_hierarchy:
            yield f"{listed}?{name}__year=2026&{name}__month=12&{name}__day=2147483648"
            yield from (f"{listed}?{name}__year={bad}" for bad in ("2147483648", "9999", "%E2%91%A0"))
            yield from (f"{listed}?{name}__gte={bad}" for bad in BAD_DAYS[:2])
            yield from (
                f"{listed}?{name}__{lookup}" for lookup in ("year__gte=99999", "iso_year=0", "in=0001-01-01")
            )
        for field in found.get_list_filter(None):
            name = field[0] if isinstance(field, tuple) else field
            if isinstance(name, str):
                yield from (f"{listed}?{name}__{asked}" for asked in (f"exact={'9' * 30}", "id__exact=abc"))


def test_ranges_of_invoices_take_whatever_is_typed(as_manager):
    listed = reverse("admin:billing_invoice_changelist")
    days = (f"{listed}?issued_on_from={bad}&issued_on_to={bad}" for bad in BAD_DAYS)
    amounts = (f"{listed}?gross_from={bad}&gross_to={bad}" for bad in BAD_NUMBERS)
    assert failing(as_manager, iter([*days, *amounts])) == []


def test_a_list_says_that_what_was_asked_for_is_not_there(as_manager):
    page = as_manager.get(
        reverse("admin:contracts_contract_changelist"), {"applied_at__year": "9999"}, follow=True
    )
    assert page.redirect_chain
    assert "指定された条件" in page.content.decode()


@pytest.mark.parametrize("typed", ["2026-11-01", "2026/11/1", "11/01/2026", "", "C26-000001"])
def test_a_list_is_filtered_by_what_can_be(as_manager, typed):
    page = as_manager.get(reverse("admin:billing_invoice_changelist"), {"issued_on_from": typed, "q": typed})
    assert page.status_code == 200


def test_queue_and_search_of_the_admin_take_any_page(as_manager):
    for listed in (reverse("work-queue") + "?", reverse("admin:search") + "?q=ab&"):
        assert failing(as_manager, (f"{listed}page={bad}" for bad in BAD_NUMBERS)) == []


@pytest.mark.thorough
def test_pages_of_customers_take_any_day_and_any_number(as_yamada, contract):
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    assert failing(as_yamada, asked_for_any_day(contract.number, contract.service)) == []


def asked_for_any_day(number: str, service) -> Iterator[str]:
    lists = [
        reverse(f"contracts:{name}") for name in ("contract-list", "notice-list", "public-notice-list")
    ] + [reverse("billing:invoice-list")]
    yield from (f"{listed}?page={bad}" for listed in lists for bad in BAD_NUMBERS)
    statement = reverse("billing:invoice-statement", args=[service.provider.code])
    for bad in (*BAD_DAYS, "9" * 4400):
        yield f"/contracts/{number}/timeline/?on={bad}"
        yield f"/services/{service.slug}/as-of/?on={bad}"
        yield f"/services/{service.slug}/compare/?old={bad}&new={bad}"
        yield f"/services/{service.slug}/apply/estimate/?quantity_line={bad}"
        yield f"/invoices/?month={bad}&from_day={bad}&least={bad}&most={bad}&provider={bad}"
        yield f"{statement}?from={bad}&to={bad}"
        yield f"/calendar/?contract={bad}"
        for kind in ("cancellation", "quantity_up", "drop_item"):
            yield f"/contracts/{number}/what-if/?kind={kind}&wanted_on={bad}&product=line&quantity={bad}"
            yield f"/contracts/{number}/requests/new/{kind}/?wanted_on={bad}&product={bad}&quantity={bad}"


def test_calendars_of_a_provider_take_any_month(as_manager, contract):
    page = reverse("contracts:calendar-provider", args=[contract.service.provider.code])
    months = (*BAD_NUMBERS, *BAD_DAYS, "0001-01", "9999-12", "2_26-10", "2026-1_")
    assert failing(as_manager, (f"{page}?month={month}" for month in months)) == []

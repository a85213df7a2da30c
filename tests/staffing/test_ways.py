"""Everything stored, and every page of the admin, knows to which provider it belongs."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import FieldDoesNotExist
from django.urls import URLPattern, get_resolver

from contracts.models import Provider, Service
from portal.organisations.models import Organisation
from portal.staffing.admin import ReachedAdmin
from portal.staffing.middleware import KEYS, model_of_page
from portal.staffing.reach import reach_of, ways

OF_NO_PROVIDER = {
    "audit.auditchain": "the end of the trail",
    "auth.group": "roles",
    "contracts.consentchain": "the end of the chain",
    "contracts.numbercounter": "numbers of all services",
    "imprint.agreedtext": "who agreed to what of the installation",
    "imprint.publishedtext": "of the installation",
    "installation.damagedfile": "of the installation",
    "installation.installation": "of the installation",
    "installation.signoflife": "of the installation",
    "search.searchentry": "by what things are found; who may see these is asked of them",
}
OURS = {
    *(
        "approvals",
        "audit",
        "billing",
        "contracts",
        "data_protection",
        "installation",
        "organisations",
        "outbox",
    ),
    *("imprint", "retention", "search", "staffing", "tables_in"),
}

KEYS_OF_NO_OBJECT = {"app_label", "content_type_id", "object_id", "place", "proposal_pk", "url"}
"""What stands in addresses beside the keys: names of apps, places within an object, and what is the key of
another model's: the page of an erasure that is proposed asks by itself."""


def models() -> list:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def test_each_model_has_its_way_to_a_provider():
    assert {model._meta.label_lower for model in models()} - ways().keys() == set()


def test_what_is_of_no_provider_is_named_here():
    assert {label for label, way in ways().items() if way is None} == OF_NO_PROVIDER.keys()


@pytest.mark.parametrize(
    ("label", "path"),
    [(label, path) for label, way in ways().items() if isinstance(way, tuple) for path in way],
)
def test_paths_lead_to_a_provider(label, path):
    model = apps.get_model(label)
    for name in path.split("__"):
        try:
            model = model._meta.get_field(name).related_model or model
        except FieldDoesNotExist:
            assert name == "pk"
    assert model is Provider


def test_what_nobody_registered_is_reached_by_nobody(make_staff, monkeypatch):
    monkeypatch.delitem(vars(__import__("portal.staffing.reach", fromlist=["_ways"]))["_ways"], "auth.group")
    with pytest.raises(LookupError):
        reach_of(make_staff("clerk@provider.example"), Group)


def test_each_list_of_the_admin_asks_what_somebody_reaches():
    found = admin.site._registry
    assert [type(one).__name__ for one in found.values() if not isinstance(one, ReachedAdmin)] == []
    assert [model for model in found if model._meta.label_lower not in ways()] == []


def pages_of_objects() -> Iterator[tuple[str, set[str]]]:
    """The name of each address of the admin that varies, with what varies in it."""
    found = get_resolver().namespace_dict["admin"][1]
    for pattern in found.url_patterns:
        yield from _varying(pattern)


def _varying(pattern) -> Iterator[tuple[str, set[str]]]:
    if not isinstance(pattern, URLPattern):
        for one in pattern.url_patterns:
            yield from _varying(one)
    elif names := set(pattern.pattern.regex.groupindex):
        yield pattern.name or str(pattern.pattern), names


def test_each_page_of_an_object_is_known_by_its_model():
    unknown = [
        (name, keys)
        for name, keys in pages_of_objects()
        if not (keys & set(KEYS) and model_of_page(name)) and not keys <= KEYS_OF_NO_OBJECT
    ]
    assert unknown == []


def test_pages_are_those_of_the_longest_name():
    assert model_of_page("contracts_contract_suspend").__name__ == "Contract"
    assert model_of_page("contracts_contractrequest_accept").__name__ == "ContractRequest"
    assert model_of_page("index") is None


@pytest.mark.django_db
def test_who_works_for_all_meets_no_condition(make_staff, progoffice):
    clerk = make_staff("clerk@provider.example")
    assert [bool(reach_of(clerk, model)) for model in (Service, Organisation)] == [False, False]

"""The services in the database answer as the catalog's files do."""

from datetime import date
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import localdate

from billing.models import PriceListVersion
from contracts.models import CompanyClosure, Provider, TermsVersion
from portal.catalog import CATALOG, read_catalog
from portal.services import loaded_services
from tests.scenes import restated

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> None:
    call_command("load_services", stdout=StringIO())


def test_without_loaded_services_there_are_none():
    assert loaded_services() == []


@pytest.mark.usefixtures("loaded")
def test_loaded_services_are_those_of_the_catalog():
    from_files = {entry.details.slug: entry.loaded for entry in read_catalog()}
    for service in loaded_services():
        expected = from_files.pop(service.slug)
        assert service.book_on(None).policy == expected.book_on(None).policy
        assert {version.effective_on for version in service.versions} == {
            version.effective_on for version in expected.versions
        }
        assert set(service.price_lists) == set(expected.price_lists)
    assert from_files == {}


@pytest.mark.usefixtures("loaded")
def test_a_price_list_that_contradicts_the_published_one_is_told():
    PriceListVersion.objects.update(source="# another list\n")
    with pytest.raises(CommandError, match=r"effective_on: another price list from .* is published already"):
        call_command("load_services", stdout=StringIO())


@pytest.fixture
def edited(tmp_path) -> Path:
    """A copy of the catalog, to be edited."""
    return Path(copytree(CATALOG, tmp_path / "catalog"))


@pytest.mark.usefixtures("loaded")
def test_a_published_version_stays_where_a_later_catalog_reads_it_by_other_rules(edited):
    published = TermsVersion.objects.get(service__slug="ct-e1")
    policy = edited / "ct-e1" / "2015-04-01.toml"
    policy.write_text(published.policy_source + "\n# read in more detail\n", encoding="utf-8")
    out = StringIO()
    call_command("load_services", edited, stdout=out)
    assert "ct-e1: version 2015-04-01 stays as it was published" in out.getvalue()
    assert TermsVersion.objects.get(service__slug="ct-e1").policy_source == published.policy_source


@pytest.mark.usefixtures("loaded")
def test_a_text_that_contradicts_the_published_one_is_told(edited):
    text = edited / "ct-e1" / "2015-04-01.md"
    text.write_text(text.read_text(encoding="utf-8").replace("いつでも", "随時", 1), encoding="utf-8")
    with pytest.raises(CommandError, match="version '2015-04-01' is published, and never changes"):
        call_command("load_services", edited, stdout=StringIO())


@pytest.mark.usefixtures("loaded")
def test_what_is_stated_of_a_provider_is_changed_in_the_portal_and_stays_when_services_are_loaded_again():
    provider = Provider.objects.get(code="CD")
    restated(provider, localdate(), address="東京都港区1-1")
    out = StringIO()
    call_command("load_services", stdout=out)
    assert Provider.objects.get(code="CD").on(localdate()).address == "東京都港区1-1"
    assert "ct-e1: address of the provider stay as the portal has them" in out.getvalue()
    assert "desknets: address" not in out.getvalue()


@pytest.mark.usefixtures("loaded")
def test_entered_closures_of_the_provider_count():
    service = next(one for one in loaded_services() if one.slug == "ct-e1")
    provider = Provider.objects.get(services__slug="ct-e1")
    CompanyClosure.objects.create(provider=provider, day=date(2026, 8, 13))
    closed = next(one for one in loaded_services() if one.slug == "ct-e1")
    assert service.book_on(None).business_day(date(2026, 8, 13)).is_business_day
    assert not closed.book_on(None).business_day(date(2026, 8, 13)).is_business_day


@pytest.mark.usefixtures("loaded")
def test_worked_examples_run_on_what_is_loaded():
    out, err = StringIO(), StringIO()
    call_command("worked_examples", stdout=out, stderr=err)
    assert out.getvalue().endswith(" passed, 0 failed\n")
    assert err.getvalue() == ""

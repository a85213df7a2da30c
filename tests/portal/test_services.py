"""The services in the database answer as the catalog's files do."""

from datetime import date
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import localdate

from billing.models import PriceListVersion
from contracts.models import CompanyClosure, PolicyRevision, Provider, TermsVersion
from contracts.policies.rulebooks import version_in_force
from portal.catalog import CATALOG, read_catalog
from portal.services import loaded_services
from tests.scenes import restated, running, yamada

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def services(made_once) -> None:
    call_command("load_services", stdout=StringIO())


@pytest.fixture
def loaded(services) -> None:
    """What the catalog brings is in the database."""


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
    listed = PriceListVersion.objects.first()
    dearer = listed.source.replace("unit_price = ", "unit_price = 1", 1)
    PriceListVersion.objects.filter(pk=listed.pk).update(source=dearer)
    with pytest.raises(CommandError, match=r"effective_on: another price list from .* is published already"):
        call_command("load_services", stdout=StringIO())


@pytest.fixture
def edited(tmp_path) -> Path:
    """A copy of the catalog, to be edited."""
    return Path(copytree(CATALOG, tmp_path / "catalog"))


ROUNDING = 'article = ["general-3", "general-5"]\nrounding = "floor"'


def read_otherwise(catalog: Path, old: str, new: str) -> TermsVersion:
    """The published version of CT-e1, whose text the catalog now reads by other rules, and no example."""
    policy = catalog / "ct-e1" / "2015-04-01.toml"
    source = policy.read_text(encoding="utf-8")
    assert old in source
    policy.write_text(source.replace(old, new, 1), encoding="utf-8")
    (catalog / "ct-e1" / "examples.json").write_text("[]", encoding="utf-8")
    return TermsVersion.objects.get(service__slug="ct-e1")


def load(catalog: Path) -> str:
    out = StringIO()
    call_command("load_services", catalog, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("loaded")
def test_rules_that_the_catalog_corrected_are_in_force_where_no_contract_rests_on_the_version(edited):
    published = read_otherwise(edited, ROUNDING, ROUNDING.replace("floor", "half_up"))
    said = "ct-e1: version 2015-04-01 stays as it was published; a corrected reading is in force"
    assert said in load(edited)
    assert TermsVersion.objects.get(pk=published.pk).policy_source == published.policy_source
    revision = PolicyRevision.objects.get()
    assert (revision.number, revision.reaches_back) == (1, True)
    assert revision.articles == ["general-3", "general-5"]
    assert said not in load(edited)
    assert PolicyRevision.objects.get() == revision


@pytest.mark.usefixtures("loaded")
def test_rules_that_the_catalog_corrected_wait_where_a_contract_rests_on_the_version(edited):
    published = read_otherwise(edited, ROUNDING, ROUNDING.replace("floor", "half_up"))
    running(published.service, {"line": 1}, yamada())
    assert "a corrected reading waits" in load(edited)
    assert PolicyRevision.objects.get().in_force_at is None
    assert version_in_force(published.service, localdate()).policy.charging.tax.rounding == "floor"


@pytest.mark.usefixtures("loaded")
def test_other_words_around_the_same_rules_correct_nothing(edited):
    published = read_otherwise(edited, ROUNDING, f"# read in more detail\n{ROUNDING}")
    assert "corrected" not in load(edited)
    assert TermsVersion.objects.get(pk=published.pk).policy_source == published.policy_source
    assert not PolicyRevision.objects.exists()


@pytest.mark.usefixtures("loaded")
def test_rules_of_the_catalog_that_its_worked_examples_contradict_are_told(edited):
    examples = (edited / "ct-e1" / "examples.json").read_bytes()
    read_otherwise(edited, ROUNDING, ROUNDING.replace("floor", "half_up"))
    (edited / "ct-e1" / "examples.json").write_bytes(examples)
    with pytest.raises(CommandError, match="expected 502, got 503"):
        load(edited)
    assert not PolicyRevision.objects.exists()


@pytest.mark.usefixtures("loaded")
def test_rules_of_the_catalog_that_do_not_fit_the_published_version_are_told(edited):
    read_otherwise(edited, "on = 2015-04-01", "on = 2015-05-01")
    with pytest.raises(CommandError, match=r"ct-e1: 2015-04-01: effective.on"):
        load(edited)
    assert not PolicyRevision.objects.exists()


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
    assert "ct-e1: address of CD stay as the portal has them" in out.getvalue()
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

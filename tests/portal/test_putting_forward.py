"""What a release's catalog brings for a service with contracts is put before staff, who decide by two."""

import re
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest
import time_machine
from django.core.management import CommandError, call_command

from billing.models import PriceListVersion
from contracts.approvals.publication import PUBLICATION, PublicationData
from contracts.models import Service, TermsVersion
from contracts.publishing.drafts import delete_draft
from portal.approvals.decide import approve, put_forward, send_back
from portal.audit.models import AuditEntry
from portal.catalog import CATALOG
from portal.organisations.roles import StaffRole
from tests.billing_scene import make_contract
from tests.scenes import at

NOW, NEW = at("2026-11-20"), "2027-04-01"


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service(organisation, user) -> Service:
    call_command("load_services", stdout=StringIO())
    service = Service.objects.get(slug="ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    return service


@pytest.fixture
def release(tmp_path) -> Path:
    """A catalog with one more version of terms, and one more price list, of a service with contracts."""
    folder = Path(copytree(CATALOG, tmp_path / "catalog"))
    terms, prices = folder / "ct-e1", folder / "ct-e1" / "prices"
    policy = (terms / "2015-04-01.toml").read_text(encoding="utf-8")
    policy = re.sub(r"(?m)^on = [0-9-]+$", f"on = {NEW}", policy, count=1)
    policy = policy.replace('version = "2015-04-01"', f'version = "{NEW}"', 1)
    (terms / f"{NEW}.toml").write_text(policy, encoding="utf-8")
    (terms / f"{NEW}.md").write_bytes((terms / "2015-04-01.md").read_bytes())
    listed = next(prices.iterdir()).read_text(encoding="utf-8")
    listed = re.sub(r"(?m)^effective_on = .*$", f"effective_on = {NEW}", listed, count=1)
    (prices / f"{NEW}.toml").write_text(listed, encoding="utf-8")
    return folder


def load(folder: Path) -> str:
    out = StringIO()
    call_command("load_services", folder, stdout=out)
    return out.getvalue()


def proposed(draft: TermsVersion, make_staff):
    author = make_staff("terms@provider.example", StaffRole.TERMS)
    wanted = PublicationData(draft=draft.pk, content_hash=draft.content_hash)
    return put_forward(PUBLICATION, wanted, author, NOW)


def test_new_terms_become_a_draft_and_new_prices_are_named(service, release):
    said = load(release)
    assert f"ct-e1: version {NEW} is new, and customers have contracts; it is a draft now" in said
    assert f"ct-e1: the price list from {NEW} is new" in said
    draft = TermsVersion.objects.get(service=service, name=NEW)
    assert (draft.published_at, draft.text) == (None, (release / "ct-e1" / f"{NEW}.md").read_text("utf-8"))
    assert PriceListVersion.objects.filter(service=service).count() == 1
    entry = AuditEntry.objects.get(action="terms.draft_created")
    assert (entry.actor, entry.data["source"]) == (None, "catalog")


def test_two_people_publish_it_and_the_next_load_changes_nothing(service, release, make_staff):
    load(release)
    draft = TermsVersion.objects.get(service=service, name=NEW)
    waiting = proposed(draft, make_staff)
    approve(waiting, make_staff("boss@provider.example", StaffRole.MANAGER), waiting.digest, NOW)
    assert f"version {NEW} is" not in load(release)
    assert TermsVersion.objects.get(service=service, name=NEW).published_at == NOW


def test_loaded_again_nothing_is_put_before_them_twice(service, release, make_staff):
    load(release)
    waiting = proposed(TermsVersion.objects.get(service=service, name=NEW), make_staff)
    send_back(waiting, make_staff("boss@provider.example", StaffRole.MANAGER), "not yet", NOW)
    assert f"version {NEW} is a draft already" in load(release)
    waiting.refresh_from_db()
    assert waiting.state == "sent_back"
    assert TermsVersion.objects.filter(service=service, name=NEW).count() == 1


def test_a_draft_that_staff_deleted_stays_away(service, release):
    load(release)
    delete_draft(TermsVersion.objects.get(service=service, name=NEW), None)
    assert f"version {NEW} stays away" in load(release)
    assert not TermsVersion.objects.filter(service=service, name=NEW).exists()


def test_terms_that_could_never_be_published_are_refused(service, release):
    policy = release / "ct-e1" / f"{NEW}.toml"
    policy.write_text(policy.read_text("utf-8").replace(f"on = {NEW}", "on = 2015-04-01", 1), "utf-8")
    with pytest.raises(CommandError, match="Nothing was loaded"):
        load(release)
    assert not TermsVersion.objects.filter(name=NEW).exists()

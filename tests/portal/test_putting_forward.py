"""What a release's catalog brings for a service with contracts is put before staff, who decide by two."""

import re
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from billing.approvals.price_lists import PRICE_LIST, PriceListData
from billing.models import BroughtPriceList, PriceListVersion
from billing.pricing.brought_price_lists import bring_price_list
from contracts.approvals.publication import PUBLICATION, PublicationData
from contracts.models import Service, TermsVersion
from contracts.publishing.drafts import delete_draft
from portal.approvals.decide import approve, put_forward, send_back
from portal.audit.models import AuditEntry
from portal.catalog import CATALOG
from portal.organisations.roles import StaffRole
from tests.approving import approve_it
from tests.billing_scene import make_contract
from tests.lives_scene import have_played
from tests.scenes import at

NOW, NEW = at("2026-11-20"), "2027-04-01"


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def services(made_once) -> None:
    with time_machine.travel(NOW, tick=False):
        call_command("load_services", stdout=StringIO())


@pytest.fixture
def service(services, organisation, user) -> Service:
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
    have_played(draft)
    wanted = PublicationData(draft=draft.pk, content_hash=draft.content_hash)
    return put_forward(PUBLICATION, wanted, author, NOW)


def test_new_terms_become_a_draft_and_new_prices_wait(service, release):
    said = load(release)
    assert f"ct-e1: version {NEW} is new, and customers have contracts; it is a draft now" in said
    assert f"ct-e1: the price list from {NEW} is new" in said
    draft = TermsVersion.objects.get(service=service, name=NEW)
    assert (draft.published_at, draft.text) == (None, (release / "ct-e1" / f"{NEW}.md").read_text("utf-8"))
    assert PriceListVersion.objects.filter(service=service).count() == 1
    brought = BroughtPriceList.objects.get()
    assert (str(brought.effective_on), brought.brought_at) == (NEW, NOW)
    entry = AuditEntry.objects.get(action="terms.draft_created")
    assert (entry.actor, entry.data["source"]) == (None, "catalog")


QUEUE = "/admin/queue/"


def queued(client, kind: str) -> list[str]:
    """The addresses to which the queue leads."""
    return [line.entry.url for line in client.get(QUEUE, {"kind": kind}).context["queue"].lines]


def counted(client) -> dict[str, int]:
    """Numbers on the first page."""
    return {str(one.label): one.count for one in client.get(reverse("admin:index")).context["waiting"]}


def test_the_queue_leads_to_the_draft_until_it_is_proposed(service, release, make_staff, signed_in):
    client = signed_in(make_staff("yakkan@provider.example", StaffRole.TERMS))
    assert queued(client, "drafts") == []
    load(release)
    draft = TermsVersion.objects.get(service=service, name=NEW)
    assert queued(client, "drafts") == [reverse("admin:contracts_termsversion_change", args=[draft.pk])]
    assert counted(client)["申請を待つカタログの約款"] == 1
    proposed(draft, make_staff)
    assert queued(client, "drafts") == []
    TermsVersion.objects.create(service=service, name="own", title="x", text="# x\n", content_hash="x")
    assert queued(client, "drafts") == [], "what staff draft themselves is their own work"


def test_the_queue_leads_to_the_price_list_which_two_people_publish(service, release, make_staff, signed_in):
    accountant = make_staff("keiri@provider.example", StaffRole.BILLING)
    client = signed_in(accountant)
    load(release)
    brought = BroughtPriceList.objects.get()
    (page,) = queued(client, "price_lists")
    assert page == reverse("admin:billing_broughtpricelist_change", args=[brought.pk])
    assert counted(client)["申請を待つカタログの料金表"] == 1
    form = client.get(reverse("admin:billing_broughtpricelist_propose", args=[brought.pk]), follow=True)
    entered = form.context["form"]
    assert (entered["service"].value(), entered["source"].value()) == (service.pk, brought.source)
    entered = {"service": service.pk, "source": brought.source, "channel": "email"}
    times = {"sent_at": "2026-11-19 10:00", "arrived_at": "2026-11-19 10:00", "evidence": "配達記録 17"}
    answer = client.post(form.redirect_chain[-1][0], {**entered, **times})
    assert answer.status_code == 302, answer.context["form"].errors
    assert queued(client, "price_lists") == [], "now it waits for a second person"
    assert PriceListVersion.objects.filter(service=service).count() == 1
    approve_it(make_staff("boss@provider.example", StaffRole.MANAGER))
    assert PriceListVersion.objects.filter(service=service).count() == 2
    assert (queued(client, "price_lists"), "price list from" in load(release)) == ([], False)


def test_prices_that_two_people_published_otherwise_stay_and_stop_no_load(
    service, release, make_staff, signed_in
):
    load(release)
    source = BroughtPriceList.objects.get().source.replace("= 5000", "= 4900", 1)
    told = {"channel": "email", "sent_at": NOW, "arrived_at": NOW, "evidence": "配達記録 17"}
    wanted = PriceListData(service="ct-e1", source=source, **told)
    put_forward(PRICE_LIST, wanted, make_staff("keiri@provider.example", StaffRole.BILLING), NOW)
    approve_it(make_staff("boss@provider.example", StaffRole.MANAGER))
    assert "price list from" not in load(release)
    assert PriceListVersion.objects.latest("effective_on").prices.price("line").unit_price == 4_900


def test_a_price_list_that_was_set_aside_stays_away_until_another_comes_for_its_day(
    service, release, make_staff, signed_in
):
    client = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    load(release)
    assert f"the price list from {NEW} waits already" in load(release)
    brought = BroughtPriceList.objects.get()
    client.post(reverse("admin:billing_broughtpricelist_set_aside", args=[brought.pk]))
    assert (queued(client, "price_lists"), BroughtPriceList.objects.count()) == ([], 1)
    assert f"the price list from {NEW} stays away" in load(release)
    listed = release / "ct-e1" / "prices" / f"{NEW}.toml"
    listed.write_text(listed.read_text("utf-8").replace("= 5000", "= 5100", 1), "utf-8")
    assert f"the price list from {NEW} is new" in load(release)
    assert (len(queued(client, "price_lists")), BroughtPriceList.objects.count()) == (1, 1)


def test_new_prices_of_products_that_new_terms_bring_wait_as_well(service):
    """The terms are a draft yet: whether the list fits them is asked when somebody proposes it."""
    source = service.price_lists.get().source.replace("2015-04-01", NEW, 1).replace('"line"', '"fibre"', 1)
    assert bring_price_list(service, source, NOW)[0].waits


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

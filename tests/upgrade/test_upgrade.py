"""What earlier releases stored is brought to this one, and found as it was.

Each folder beside this file is an installation of a release, kept as it was: rows, stored files, and what was
read of them then. It is upgraded as anybody would, by `manage.py migrate`, in a database of its own.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.conf import global_settings
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client

from billing.differences.deciding import accept_differences, waive_differences
from billing.differences.listing import differences_of, list_changed
from billing.models import ChargeDifference, Comparison, Invoice, Payment
from billing.receivables.claims import sums_that_differ
from contracts.models import Contract
from contracts.publishing.revisions import rests_on
from portal.audit.books import named, tell
from portal.audit.erasing import erase_personal
from portal.audit.names import Names
from portal.data_protection.copies.writing import write_copy
from portal.organisations.members.rights import Right
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests.approving import approved
from tests.scenes import at
from tests.upgrade.facts import read_facts
from tests.upgrade.releases import HERE, RELEASES, kept_json, kept_text

ROOT = HERE.parents[1]
FACTS = [
    "rows", "terms", "contracts", "requests", "decisions", "invoices", "paid", "credit", "chains", "files",
]  # fmt: skip

CANCELLED_AND_NOT_ISSUED_AGAIN = {("2026-10", "user", 18_000), ("2026-10", "base", 50_000)}


@dataclass(frozen=True)
class Installation:
    """An installation of a release after its upgrade; `media` is where its stored files lie."""

    release: str
    media: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return kept_json(self.release, "manifest.json")

    @cached_property
    def people(self) -> list[dict[str, str]]:
        return kept_json(self.release, "people.json")

    def person(self, role: str) -> dict[str, str]:
        return next(person for person in self.people if person["role"] == role)


@pytest.fixture(scope="module", params=RELEASES)
def installation(request, tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Installation]:
    """The kept installation of a release, upgraded; the connection of the tests leads to its database."""
    release = request.param
    var = tmp_path_factory.mktemp("upgraded")
    with django_db_blocker.unblock(), kept_database(release, var) as (name, address):
        with zipfile.ZipFile(HERE / release / "files.zip") as files:
            files.extractall(var / "media")
        manage({"DATABASE_URL": address, "PORTAL_VAR": str(var)}, "migrate")
        with connected_to(name):
            yield Installation(release, var / "media")


@contextmanager
def kept_database(release: str, var: Path) -> Iterator[tuple[str, str]]:
    """A new database that holds the rows of a release: its name, and its address for the environment."""
    default = connections["default"]
    rows = kept_text(release, f"{default.vendor}.sql")
    if default.vendor == "sqlite":
        path = str(var / "db.sqlite3")
        # By Django's connection: constraints use functions that no other has.
        # Off: what a row refers to may come later.
        with connected_to(path), default.cursor() as cursor:
            cursor.executescript(f"PRAGMA foreign_keys = OFF;\n{rows}")
        yield path, f"sqlite:///{path}"
        return
    name = f"upgrade_of_{release.replace('.', '_')}"
    server = os.environ["DATABASE_URL"]
    address = f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as postgres:
        postgres.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(address, autocommit=True) as database:
                database.execute(rows)
            yield name, address
        finally:
            postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Let the connection of the tests lead to another database meanwhile."""
    default = connections["default"]
    tests = default.settings_dict["NAME"]

    def lead_to(database: str) -> None:
        default.close()
        if default.vendor == "postgresql":
            default.close_pool()
        default.settings_dict["NAME"] = database
        ContentType.objects.clear_cache()

    lead_to(name)
    try:
        yield
    finally:
        lead_to(tests)


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run a command as on a server: in a process of its own, by its environment alone."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(autouse=True)
def on_the_day_it_was_kept(installation, settings, db) -> Iterator[time_machine.Traveller]:
    """The morning on which it was left, its stored files, passwords as in use. What a test does is undone."""
    settings.MEDIA_ROOT = installation.media
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    cache.clear()  # the same moment again: its codes count as used otherwise
    with time_machine.travel(at(f"{installation.manifest['read_on']} 10:00"), tick=False) as clock:
        yield clock


def the(label: str) -> Any:
    """The rows of a model, by its label."""
    return apps.get_model(label).objects


def sign_in(person: dict[str, str]) -> Client:
    """By password, and for staff by the code of their authenticator app."""
    client = Client()
    done = client.post("/accounts/login/", {"login": person["email"], "password": person["password"]})
    assert done.status_code == 302, f"{person['email']} can't sign in any more"
    if person["totp_key"]:
        code = format_hotp_value(hotp_value(person["totp_key"], int(time.time()) // 30))
        assert client.post(done["Location"], {"code": code}).status_code == 302, "the code is refused"
    return client


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def opened(client: Client, address: str) -> bytes:
    """What is at an address, wherever it has moved to since."""
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, f"{address} answers {answer.status_code}"
    return answer.getvalue()


def test_no_migration_is_left_to_apply(installation):
    call_command("migrate", check_unapplied=True, stdout=StringIO())


@pytest.mark.parametrize("kind", FACTS)
def test_what_was_stored_is_found_as_it_was(installation, kind):
    read_on = date.fromisoformat(installation.manifest["read_on"])
    kept, found = installation.manifest[kind], read_facts(read_on)[kind]
    if kind == "rows":  # of the tables that there were: others came since
        found = {table: found[table] for table in kept} | {"auth.Group": kept["auth.Group"]}
        assert set(Group.objects.values_list("name", flat=True)) >= set(StaffRole.values), "roles came since"
    assert found == kept


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("contracts.Contract", "decided_formation"),
        ("billing.PriceListVersion", "decided_notice"),
        *((f"contracts.{model}", "decided") for model in ("ContractRequest", "Suspension", "Task", "Claim")),
        *((f"billing.{model}", "decided") for model in ("Adjustment", "RecordedOutage", "Deposit")),
    ],
)
def test_each_stored_decision_is_read(installation, label, name):
    decided = [getattr(row, name) for row in the(label).all()]
    assert any(decided)


def test_the_chains_of_audit_entries_and_consents_hold(installation):
    for command in ("verify_audit", "verify_consents"):
        call_command(command, stdout=StringIO())


def test_what_was_told_of_people_can_be_erased_and_the_chains_hold(installation):
    with taken_back():
        staff = the("organisations.User").filter(is_staff=True).first()
        for organisation in the("organisations.Organisation").all():
            assert erase_personal(organisation, staff)
        for command in ("verify_audit", "verify_consents"):
            call_command(command, stdout=StringIO())
        assert not the("contracts.Consent").filter(ip_address__isnull=False).exists()


def test_all_that_is_held_about_customers_and_people_can_be_read(installation):
    with taken_back():
        for organisation in the("organisations.Organisation").all():
            held = zipfile.ZipFile(BytesIO(write_copy(organisation, {}, lambda done, of: None)))
            assert organisation.name in held.read("index.html").decode()
        for person in the("organisations.User").all():
            held = zipfile.ZipFile(BytesIO(write_copy(person, {}, lambda done, of: None)))
            assert json.loads(held.read("data.json"))["tables"]["organisations.user"]


@contextmanager
def taken_back() -> Iterator[None]:
    """What is done within leaves the installation as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_each_entry_of_the_audit_trail_reads_as_a_sentence(installation):
    entries = the("audit.AuditEntry").select_related("actor")
    told = tell(entries, Names(named))
    assert {one.entry.action for one in told if not one.kind} == set()
    for one in told:
        text = f"{one.sentence_text} {one.facts_text}"
        assert not re.search(r"[0-9a-f]{64}|%\(|（なし）|削除済み|\bNone\b", text), text
    assert len({one.entry.action for one in told}) > 80


@pytest.mark.thorough
def test_the_history_of_each_kind_of_object_opens(installation):
    client = sign_in(installation.person("責任者"))
    kinds = [model for model in site._registry if model._meta.app_label in ("contracts", "billing")]
    told = set()
    for model in kinds:
        for pk in model._default_manager.values_list("pk", flat=True)[:2]:
            page = opened(client, f"/admin/{model._meta.app_label}/{model._meta.model_name}/{pk}/history/")
            told |= {model} if b'class="told"' in page else set()
    assert len(told) > 30


def test_what_may_not_change_is_guarded(installation):
    call_command("check", databases=["default"])


def test_loading_the_services_again_keeps_what_was_agreed_and_billed(installation):
    read_on = date.fromisoformat(installation.manifest["read_on"])
    call_command("load_services", stdout=StringIO())
    now = read_facts(read_on)
    for kind in ("contracts", "requests", "invoices", "paid", "credit"):
        assert now[kind] == installation.manifest[kind]
    for label, decided in installation.manifest["decisions"].items():
        assert decided.items() <= now["decisions"][label].items(), "prices of agents may come, none goes"
    assert installation.manifest["terms"].items() <= now["terms"].items()
    call_command("load_services", stdout=StringIO())
    assert read_facts(read_on) == now


def test_versions_with_contracts_are_read_as_they_were_until_staff_correct_it(installation):
    assert not the("contracts.PolicyRevision").exists()
    published = {version.pk: version.policy for version in the("contracts.TermsVersion").published()}
    call_command("load_services", stdout=StringIO())
    brought = the("contracts.PolicyRevision").select_related("terms_version")
    rested_on = [one for one in brought if rests_on(one.terms_version)]
    assert rested_on
    for one in rested_on:
        assert one.in_force_at is None
        assert one.terms_version.read_on(date.max).policy == published[one.terms_version_id]


@pytest.mark.thorough
def test_customers_sign_in_and_find_what_is_theirs(installation):
    for person in (person for person in installation.people if person["role"] == "customer"):
        client = sign_in(person)
        for address in ("/", "/contracts/", "/invoices/", "/notices/", "/calendar/"):
            opened(client, address)
        organisations = the("organisations.Organisation").filter(members__email=person["email"])
        if len(organisations) > 1:
            continue  # they act for one at a time
        (organisation,) = organisations
        for application in organisation.applications.all():
            opened(client, f"/applications/{application.number}/")
        for contract in organisation.contracts.all():
            page = opened(client, f"/contracts/{contract.number}/")
            assert contract.number in page.decode()
            for request in contract.requests.all():
                opened(client, f"/requests/{request.number}/")
        for letter in organisation.letters.all():
            assert sha256(opened(client, f"/letters/{letter.number}/")) == letter.pdf_hash
        for invoice in organisation.invoices.all():
            opened(client, f"/invoices/{invoice.number}/")
            kept = installation.manifest["invoices"][invoice.number]["pdf_hash"]
            assert sha256(opened(client, f"/invoices/{invoice.number}/pdf/")) == kept


def test_owners_stay_owners_and_members_may_do_what_they_could(installation):
    members = the("organisations.Membership")
    assert members.filter(role="owner").exists()
    assert all(one.may_on(right) for one in members.filter(role="owner") for right in Right)
    rights = {tuple(one.rights) for one in members.filter(role="member")}
    assert rights == {(Right.CONTRACTS, Right.BILLING)}
    assert not members.filter(is_limited=True).exists()


@pytest.mark.thorough
def test_staff_sign_in_and_open_every_list_every_contract_and_request(installation):
    client = sign_in(installation.person("責任者"))
    first = opened(client, "/admin/").decode()
    lists = set(re.findall(r'href="(/admin/[a-z]+/[a-z]+/)', first))
    assert len(lists) > 20
    for address in ("/admin/queue/", *lists):
        opened(client, address)
    for kind in ("contract", "contractrequest"):
        for pk in the(f"contracts.{kind}").values_list("pk", flat=True):
            opened(client, f"/admin/contracts/{kind}/{pk}/change/")


def test_the_next_month_is_billed_after_the_upgrade(installation, on_the_day_it_was_kept):
    due = installation.manifest["next_month"]
    numbers = set(the("billing.Invoice").values_list("number", flat=True))
    on_the_day_it_was_kept.move_to(at(due["issued_on"]))

    by = installation.person("責任者")["email"]
    call_command("bill", due["month"], workers=1, by=by, reason="after the upgrade", stdout=StringIO())

    invoices = the("billing.Invoice").filter(month=f"{due['month']}-01")
    assert dict(Counter(invoices.values_list("provider__code", flat=True))) == due["invoices"]
    assert not numbers & set(invoices.values_list("number", flat=True))
    for invoice in invoices:
        assert sha256(invoice.pdf.read()) == invoice.pdf_hash
    call_command("verify_audit", stdout=StringIO())


def test_what_was_taken_back_of_payments_is_a_row_and_the_sums_are_theirs(installation):
    taken = Payment.objects.filter(takes_back__isnull=False)
    assert taken.exists()
    assert all(row.amount == -row.takes_back.amount for row in taken)
    assert list(sums_that_differ()) == []
    paid = Invoice.objects.filter(paid__gt=0).values_list("number", "paid")
    assert dict(paid) == installation.manifest["paid"]


def told(state: str) -> set[tuple[str, str, int]]:
    found = ChargeDifference.objects.filter(state=state)
    return {(f"{one.month:%Y-%m}", one.product, one.amount) for one in found}


def to_settle(difference: ChargeDifference) -> int:
    """How much the next billing would settle of its contract."""
    contracts = Contract.objects.select_related("service__provider").prefetch_related("items")
    found = differences_of([contracts.get(pk=difference.contract_id)])
    return sum(one.amount for compared in found.values() for one in compared.differences)


def test_old_months_are_listed_and_nothing_follows_until_staff_decide(installation):
    before = Invoice.objects.count()
    list_changed()
    assert told("listed") == CANCELLED_AND_NOT_ISSUED_AGAIN
    assert not Comparison.objects.filter(first_listed=False).exists()
    first, second = ChargeDifference.objects.order_by("amount")
    assert (to_settle(first), to_settle(second)) == (0, 0)

    staff = User.objects.filter(is_staff=True)[0]
    accept_differences([first], "確認済み", staff)
    assert to_settle(first) == first.amount
    approval = approved("difference_waiver")
    assert waive_differences([second], "初回の比較", staff, approval=approval) == 1
    assert to_settle(second) == 0
    assert Invoice.objects.count() == before

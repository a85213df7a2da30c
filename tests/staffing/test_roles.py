"""What the auditor reads, and what who keeps the people does not."""

from collections.abc import Iterator

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver, reverse

from billing.models import StatementOfAccount
from billing.runs.bill import bill
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service

READ = ("approvals", "audit", "billing", "contracts", "organisations", "outbox")


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(scenes.at("2026-11-20 10:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def contract() -> Contract:
    """A contract with a request and an invoice."""
    contract = scenes.running(load_priced_service("ct-e1"), {"line": 1}, scenes.yamada())
    scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at("2026-11-19"))
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return contract


@pytest.fixture
def as_auditor(make_staff, signed_in) -> Client:
    return signed_in(make_staff("kansa@provider.example", StaffRole.AUDITOR))


@pytest.fixture
def as_keeper(make_staff, signed_in) -> Client:
    """Who keeps the people, and works for no provider."""
    return signed_in(scenes.works_for(make_staff("people@provider.example", StaffRole.PEOPLE)))


def listed() -> Iterator[tuple[str, str]]:
    for model in admin.site._registry:
        label = model._meta.label_lower
        yield label, reverse(f"admin:{label.replace('.', '_')}_changelist")


def test_the_auditor_reads_every_list_and_page(as_auditor, contract):
    refused = {
        label
        for label, address in listed()
        if label.split(".")[0] in READ and as_auditor.get(address, follow=True).status_code != 200
    }
    assert refused == set()
    for one in (contract, contract.requests.get(), contract.invoices.get()):
        page = f"admin:{one._meta.label_lower.replace('.', '_')}"
        assert as_auditor.get(reverse(f"{page}_change", args=[one.pk])).status_code == 200
        assert as_auditor.get(reverse(f"{page}_history", args=[one.pk])).status_code == 200


def addresses(contract: Contract) -> Iterator[str]:
    """Each address of the admin, about an object that there is where it is about one."""
    names = get_resolver().namespace_dict["admin"][1].reverse_dict
    for name in names:
        if isinstance(name, str) and name.split("_")[0] in READ and not name.endswith("_export"):
            app, model = name.split("_")[:2]
            found = apps.get_model(app, model)._base_manager.first()
            for parts in {tuple(forms[0][0][1]) for forms in names.getlist(name)}:
                if len(parts) < 2:
                    yield reverse(f"admin:{name}", args=[found.pk if found else 1] if parts else [])


def stored() -> dict[str, int]:
    """How many rows each table of ours holds, and the last entry of the trail."""
    tables = [model for model in apps.get_models() if model._meta.app_label in READ]
    return {model._meta.label: model._base_manager.count() for model in tables}


def test_nothing_that_the_auditor_sends_changes_anything(as_auditor, contract):
    before = stored()
    sent = {"confirm": "1", "reason": "x", "display_name": "Taken over", "withdraw": "1", "approve": "1"}
    asked = list(addresses(contract))
    assert len(asked) > 150
    for address in asked:
        as_auditor.post(address, sent)
    assert stored() == before
    assert not User.objects.filter(display_name="Taken over").exists()


def test_the_auditor_asks_for_no_statement(as_auditor, contract):
    page = reverse("billing:statement-of", args=[contract.service.provider.code, contract.organisation_id])
    assert as_auditor.post(page, {"from": "2026-10-01", "to": "2026-10-31"}).status_code == 403
    assert not StatementOfAccount.objects.exists()


def test_the_auditor_takes_the_trail_out_as_a_file(as_auditor, contract):
    page = reverse("admin:audit_auditentry_export")
    assert as_auditor.post(page, {"format": "csv", "columns": ["number", "what"]}).status_code == 200
    assert AuditEntry.objects.filter(action="list.exported").count() == 1


def test_who_keeps_the_people_sees_no_contracts_and_no_money(as_keeper, contract):
    seen = {label for label, address in listed() if as_keeper.get(address).status_code == 200}
    assert seen == {"approvals.proposal", "auth.group", "organisations.user", "outbox.mail"}
    page = as_keeper.get(reverse("admin:organisations_user_changelist")).content.decode()
    assert "people@provider.example" in page
    assert "hanako@yamada.example" not in page


def test_who_keeps_the_people_makes_staff_of_any_provider(as_keeper, contract, make_user):
    person = make_user("new@provider.example", display_name="新人")
    sent = {
        "display_name": "新人",
        "is_active": "on",
        "is_staff": "on",
        "providers": [contract.service.provider.pk],
    }
    as_keeper.post(reverse("admin:organisations_user_change", args=[person.pk]), sent)
    assert [row.provider for row in person.belongings.all()] == [contract.service.provider]
    person.refresh_from_db()
    assert (person.is_staff, person.is_confirmed) == (True, False)


def test_the_queue_of_who_keeps_the_people_holds_lost_factors_alone(as_keeper, contract, make_staff):
    colleague = make_staff("desk@provider.example", StaffRole.RECEPTION)
    as_keeper.post(
        reverse("person-factor-reset", args=[colleague.pk]), {"reason": "確認済み", "confirm": "1"}
    )
    page = as_keeper.get(reverse("work-queue"))
    assert {line.row.kind for line in page.context["queue"].lines} == {"approval_people"}

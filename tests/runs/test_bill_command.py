"""manage.py bill: what it prints, and how it ends."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from billing.differences.marks import fact_changed
from billing.models import BillingRun, Invoice
from portal.approvals.models import ProviderRule
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from tests.billing_scene import load_priced_service, load_service, make_contract, make_contracts

BY, REASON = "keiri@provider.example", "部長が不在で本日が締切"


@pytest.fixture(autouse=True)
def accountant(make_staff):
    return make_staff(BY, StaffRole.BILLING)


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contracts(service, organisation, user):
    return make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])


def run(*arguments: str, by: str | None = BY, reason: str = REASON) -> str:
    output = StringIO()
    call_command("bill", *arguments, by=by, reason=reason, stdout=output)
    return output.getvalue()


def test_it_prints_totals_and_where_the_pdfs_lie(contracts, settings):
    printed = run("2026-10", "--issued-on", "2026-11-10")
    assert "38,500" in printed
    assert str(settings.MEDIA_ROOT / "invoices" / "CD" / "2026-10") in printed
    assert Invoice.objects.filter(issued_on="2026-11-10").count() == 2


def test_a_preview_stores_nothing(contracts):
    assert "38,500" in run("2026-10", "--preview")
    assert not BillingRun.objects.exists()


def test_one_provider_can_be_chosen(contracts, organisation, user):
    other = load_priced_service("desknets")
    make_contract(other, organisation, user, "C26-000003", {"user": 1})
    run("2026-10", "--provider", other.provider.code)
    assert [invoice.contract.number for invoice in Invoice.objects.all()] == ["C26-000003"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("2026-13",),
        ("October",),
        ("2026-10", "--issued-on", "2026-02-30"),
        ("2026-10", "--provider", "NOBODY"),
    ],
)
def test_wrong_input_is_named_and_ends_with_2(contracts, arguments):
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    assert refused.value.returncode == 2
    assert arguments[-1] in str(refused.value)
    assert not BillingRun.objects.exists()


def test_without_any_provider_it_says_so(db):
    with pytest.raises(CommandError) as refused:
        run("2026-10")
    assert refused.value.returncode == 2


def test_what_cannot_be_billed_is_listed_and_ends_with_1(db, organisation, user):
    service = load_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    output = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("bill", "2026-10", by=BY, reason=REASON, stdout=output)
    assert failed.value.returncode == 1
    assert "C26-000001" in output.getvalue()


@pytest.mark.parametrize(
    ("by", "reason"),
    [(None, REASON), (BY, " "), ("nobody@provider.example", REASON)],
    ids=["by", "why", "who"],
)
def test_what_nobody_approved_is_not_issued_without_somebody_who_answers_for_it(contracts, by, reason):
    with pytest.raises(CommandError) as refused:
        run("2026-10", by=by, reason=reason)
    assert refused.value.returncode == 2
    assert not Invoice.objects.exists()


def test_in_an_emergency_it_is_issued_in_one_name_and_all_managers_are_told(
    contracts, accountant, make_staff, django_capture_on_commit_callbacks
):
    make_staff("buchou@provider.example", StaffRole.MANAGER)
    with django_capture_on_commit_callbacks(execute=True):
        run("2026-10")
    (billed,) = BillingRun.objects.all()
    assert (billed.without_second, billed.started_by) == ("break_glass", accountant)
    assert Invoice.objects.count() == 2
    assert AuditEntry.objects.get(action="billing_run.glass_broken").personal["reason"] == REASON
    assert [message.to for message in mail.outbox] == [["buchou@provider.example"]]
    assert REASON in mail.outbox[0].body


def test_where_one_person_decides_the_command_asks_nobody(contracts, service, accountant):
    ProviderRule.objects.create(
        provider=service.provider.code,
        alone=True,
        reason="社員は1名",
        switched_by=accountant,
        switched_at="2026-10-01T00:00Z",
    )
    run("2026-10", by=None)
    assert Invoice.objects.count() == 2
    # What customers pay more for earlier months takes somebody's yes, by name.
    contracts[0].items.filter(product="line").update(quantity=3)
    fact_changed(contracts[0].pk)
    with pytest.raises(CommandError) as refused:
        run("2026-11", by=None)
    assert refused.value.returncode == 2
    assert Invoice.objects.count() == 2
    run("2026-11")
    assert BillingRun.objects.get(month="2026-11-01").started_by == accountant
    assert Invoice.objects.get(contract=contracts[0], month="2026-11-01").document["lines"][-1]["follows"]

"""Beside a decision: what the customer owes, and what goes out; after it, what went out and the way on."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now as moment

from billing.models import Invoice
from billing.runs.bill import bill
from contracts.applications.decide import accept_application
from contracts.models import Application, Contract
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests import scenes
from tests.billing_scene import load_priced_service

OCTOBER = Month(2026, 10)


@pytest.fixture
def service():
    return load_priced_service("simpleconnect")


@pytest.fixture
def owing(service, yamada, now):
    """An application of 山田商事, whose invoice is unpaid for so long that the terms let its contract end."""
    first = {service.versions.get().policy.products[0].key: 1}
    contract = scenes.running(service, first, yamada)
    bill(service.provider, OCTOBER, scenes.day("2026-11-10"))
    invoice = Invoice.objects.get(contract=contract)
    now.move_to(scenes.at(f"{invoice.due_on + timedelta(days=200):%Y-%m-%d}"))
    applied = scenes.apply(service, first, moment())
    scenes.check(applied, scenes.staff_member("確認 一郎"), moment())
    return applied


def address(asked, action: str) -> str:
    return reverse(f"admin:contracts_{asked._meta.model_name}_{action}", args=[asked.pk])


def test_an_application_of_a_debtor_wants_a_confirmation(owing, staff, signed_in, yamada):
    """By the operation too, which every way to accept takes."""
    person = staff(StaffRole.RECEPTION)
    client = signed_in(person)
    invoice = Invoice.objects.get()
    for page in ("change", "accept", "refuse"):
        text = client.get(address(owing, page)).content.decode()
        assert f"{invoice.open_amount:,}円" in text, page
        assert f"契約{invoice.contract.number}は、この未払いにより" in text, page
        assert invoice.number not in text, page
    with pytest.raises(ValidationError) as refused:
        accept_application(owing, person, moment())
    assert refused.value.error_dict["despite_debts"][0].code == "debts"

    reply = client.post(address(owing, "accept"), {"confirm": "1"})
    assert list(reply.context["form"].errors) == ["despite_debts"]
    assert Contract.objects.count() == 1
    reply = client.post(address(owing, "accept"), {"confirm": "1", "despite_debts": "on"})
    assert reply.status_code == 302
    owing.refresh_from_db()
    assert owing.status == Application.Status.ACCEPTED
    kept = AuditEntry.objects.get(action="application.accepted", object_id=str(owing.pk)).data
    assert (kept["overdue"], kept["could_end"]) == (invoice.open_amount, [invoice.contract.number])


def test_what_another_provider_is_owed_is_no_matter(owing, staff, signed_in, yamada):
    other = load_priced_service("ct-e1")
    applied = scenes.apply(other, {"line": 1}, moment())
    text = signed_in(staff(StaffRole.RECEPTION)).get(address(applied, "accept")).content.decode()
    assert 'name="despite_debts"' not in text
    assert f"{Invoice.objects.get().open_amount:,}円が期日超過" not in text


def test_who_owes_nothing_past_due_is_accepted_as_before(application, as_reception):
    text = as_reception.get(address(application, "accept")).content.decode()
    assert "despite_debts" not in text
    assert "未払いはありません。" in text


def test_the_acceptance_is_read_before_and_leads_on_afterwards(application, service, yamada, as_reception):
    waiting = scenes.apply(
        service, {service.versions.get().policy.products[0].key: 1}, scenes.at("2026-11-19")
    )
    page = as_reception.get(address(application, "accept")).content.decode()
    assert "送られるもの" in page
    assert "お申込み" in page.split("送られるもの")[1]
    assert "書面：承諾通知書" in page
    assert not Contract.objects.exists()
    assert not Mail.objects.filter(kind="application_accepted").exists()

    decided = as_reception.post(address(application, "accept"), follow=True).content.decode()
    contract = Contract.objects.get(application=application)
    assert reverse("admin:contracts_contract_change", args=[contract.pk]) in decided
    assert "申込みの承諾" in decided
    on = f"{reverse('work-queue-next')}?after=application-{application.pk}"
    assert on in decided
    assert as_reception.get(on).url == address(waiting, "change")
    scenes.accept(waiting, scenes.at("2026-11-19"))
    assert as_reception.get(on).status_code == 302


def test_a_request_shows_what_is_owed_and_what_goes_out(owing, staff, signed_in, now):
    contract = Invoice.objects.get().contract
    asked = scenes.cancel(contract, (moment() + timedelta(days=200)).date(), moment())
    client = signed_in(staff(StaffRole.RECEPTION))
    for page in ("change", "accept"):
        assert "が期日超過（最も古い期日：" in client.get(address(asked, page)).content.decode()
    accepting = client.get(address(asked, "accept")).content.decode()
    assert "送られるもの" in accepting
    asked.refresh_from_db()
    assert asked.is_open


def test_more_invoices_and_contracts_need_no_more_queries(owing, service, yamada, staff, signed_in):
    client = signed_in(staff(StaffRole.RECEPTION))

    def asked() -> int:
        client.get(address(owing, "change"))
        with CaptureQueriesContext(connection) as queries:
            client.get(address(owing, "change"))
        return len(queries)

    few = asked()
    for month in (Month(2026, 11), Month(2026, 12), Month(2027, 1)):
        bill(service.provider, month, (month + 1).first)
    assert Invoice.objects.count() == 4
    assert asked() == few

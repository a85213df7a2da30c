"""The staff's pages of billing: who may, what they show, and that they go through the operations."""

from datetime import date

import pytest
from django.urls import reverse

from billing.models import BillingRun, Invoice, Payment
from billing.operations.runs import bill
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract, make_contracts

BILL = reverse("admin:billing_billingrun_bill_month")


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def invoice(service, organisation, user) -> Invoice:
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


@pytest.fixture
def accountant(make_staff):
    return make_staff("keiri@provider.example", StaffRole.BILLING)


def entered(service, **changes) -> dict[str, str]:
    return {"provider": str(service.provider.pk), "month": "2026-10", "issued_on": "2026-11-10", **changes}


def test_a_month_is_previewed_then_billed(service, organisation, user, accountant, signed_in):
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    client = signed_in(accountant)
    assert client.get(BILL).status_code == 200

    page = client.post(BILL, entered(service, preview="1"))
    assert page.context["preview"].total.gross == 38_500
    assert "38,500" in page.content.decode()
    assert Invoice.objects.count() == 0

    client.post(BILL, entered(service, issue="1"))
    assert Invoice.objects.count() == 2
    assert BillingRun.objects.get().started_by == accountant
    assert AuditEntry.objects.get(action="invoices.issued").actor == accountant


def test_what_cannot_be_billed_is_named(service, organisation, user, accountant, signed_in):
    make_contract(service, organisation, user, "C26-000001", {"unknown": 1})
    client = signed_in(accountant)
    assert "C26-000001" in client.post(BILL, entered(service, preview="1")).content.decode()
    assert "C26-000001" in client.post(BILL, entered(service, issue="1"), follow=True).content.decode()
    assert BillingRun.objects.get().status == BillingRun.Status.ISSUING


@pytest.mark.parametrize(
    "wrong", [{"month": "2026-13"}, {"month": ""}, {"issued_on": "tomorrow"}, {"provider": "0"}]
)
def test_wrong_input_is_refused_and_kept(service, accountant, signed_in, wrong):
    response = signed_in(accountant).post(BILL, entered(service, issue="1", **wrong))
    assert response.status_code == 200
    assert set(response.context["form"].errors) == set(wrong)
    assert BillingRun.objects.count() == 0


@pytest.mark.parametrize("role", [StaffRole.RECEPTION, StaffRole.TERMS])
def test_other_roles_may_not_bill(service, make_staff, signed_in, role):
    client = signed_in(make_staff("staff@provider.example", role))
    assert client.get(BILL).status_code == 403
    assert client.post(BILL, entered(service, issue="1")).status_code == 403
    assert client.get(reverse("admin:billing_invoice_changelist")).status_code == 403


def test_a_payment_is_recorded_through_the_operation(invoice, accountant, signed_in):
    client = signed_in(accountant)
    page = reverse("admin:billing_invoice_record_payment", args=[invoice.pk])
    client.post(page, {"paid_on": "2026/11/09", "amount": "１１，０００", "reference": "bank-7"})

    payment = Payment.objects.get()
    assert (payment.amount, payment.paid_on) == (11_000, date(2026, 11, 9))
    assert AuditEntry.objects.get(action="payment.recorded").actor == accountant

    again = client.post(page, {"paid_on": "2026-11-09", "amount": "1", "reference": "bank-7"})
    assert "reference" in again.context["form"].errors
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("model", ["billingrun", "invoice", "payment", "pricelistversion"])
def test_every_list_and_detail_opens_and_edits_nothing(invoice, accountant, signed_in, model):
    Payment.objects.create(invoice=invoice, paid_on=ISSUE_DAY, amount=1, reference="x")
    client = signed_in(accountant)
    listed = client.get(reverse(f"admin:billing_{model}_changelist"))
    assert listed.status_code == 200
    row = listed.context["cl"].queryset.get()
    detail = client.get(reverse(f"admin:billing_{model}_change", args=[row.pk]))
    assert detail.status_code == 200
    assert b'name="_save"' not in detail.content


@pytest.mark.parametrize(("state", "found"), [("overdue", 1), ("paid", 0), ("issued", 0)])
def test_invoices_are_filtered_by_payment(invoice, accountant, signed_in, state, found):
    response = signed_in(accountant).get(reverse("admin:billing_invoice_changelist"), {"state": state})
    assert response.context["cl"].result_count == found

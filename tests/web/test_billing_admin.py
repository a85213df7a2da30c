"""The staff's pages of billing: who may, what they show, and that they go through the operations."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from billing.models import BillingRun, Invoice, Payment, PlainDrawing
from billing.pricing.special_prices import set_special_price
from billing.runs.bill import bill
from billing.runs.states import approve, confirm
from billing.runs.work import advance_run, finish_chunk
from contracts.models import Contract, ContractParticular
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests.approving import approved
from tests.billing_scene import (
    ISSUE_DAY,
    OCTOBER,
    load_priced_service,
    make_contract,
    make_contracts,
    submitted_run,
)

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


@pytest.fixture
def calculated(client, django_capture_on_commit_callbacks):
    """Has a month calculated as a member of staff does, a worker being there."""

    def enter(client, service) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            page = client.post(BILL, entered(service))
        return client.get(page.url).content.decode()

    return enter


def test_a_month_is_calculated_then_submitted(service, organisation, user, accountant, signed_in, calculated):
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    client = signed_in(accountant)
    assert client.get(BILL).status_code == 200

    assert "38,500" in calculated(client, service)
    run = BillingRun.objects.get()
    assert run.status == BillingRun.Status.CALCULATED

    client.post(of_run("submit_run", run))
    run.refresh_from_db()
    assert (run.status, run.started_by) == (BillingRun.Status.PREVIEWED, accountant)
    assert Invoice.objects.count() == 0
    assert client.post(of_run("submit_run", run)).context["form"].non_field_errors()


def test_how_far_a_calculation_is_stands_on_the_page(service, organisation, user, accountant, signed_in):
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    client = signed_in(accountant)
    client.post(BILL, entered(service))  # no worker is there
    run = BillingRun.objects.get()
    BillingRun.objects.update(contracts_done=1)
    piece = client.get(of_run("progress", run))
    assert "1 / 2" in piece.content.decode()
    assert "HX-Refresh" not in piece.headers
    advance_run(run.pk, "test", lambda chunk: None)
    assert client.get(of_run("progress", run)).headers["HX-Refresh"] == "true"


def test_what_cannot_be_billed_is_named(service, organisation, user, accountant, signed_in, calculated):
    make_contract(service, organisation, user, "C26-000001", {"unknown": 1})
    client = signed_in(accountant)
    assert "C26-000001" in calculated(client, service)
    run = BillingRun.objects.get()
    assert client.post(of_run("submit_run", run)).context["form"].non_field_errors()
    run.refresh_from_db()
    assert run.status == BillingRun.Status.CALCULATED


def test_a_run_under_way_is_not_begun_again(run, service, accountant, make_staff, signed_in):
    approve(run, make_staff("buchou@provider.example", StaffRole.MANAGER))
    page = signed_in(accountant).post(BILL, entered(service))
    assert page.context["form"].non_field_errors()
    run.refresh_from_db()
    assert run.status == BillingRun.Status.APPROVED


@pytest.mark.parametrize(
    "wrong", [{"month": "2026-13"}, {"month": ""}, {"issued_on": "tomorrow"}, {"provider": "0"}]
)
def test_wrong_input_is_refused_and_kept(service, accountant, signed_in, wrong):
    response = signed_in(accountant).post(BILL, entered(service, **wrong))
    assert response.status_code == 200
    assert set(response.context["form"].errors) == set(wrong)
    assert BillingRun.objects.count() == 0


@pytest.fixture
def run(service, organisation, user, accountant) -> BillingRun:
    make_contracts(service, organisation, user, ["C26-000001", "C26-000002"])
    return submitted_run(service, accountant)


def of_run(name: str, run: BillingRun) -> str:
    return reverse(f"admin:billing_billingrun_{name}", args=[run.pk])


def seen(run: BillingRun) -> dict[str, str]:
    """What the page of the approval sends."""
    return {"seen_hash": run.preview_hash}


def test_what_took_the_place_of_the_preview_on_the_page_is_not_approved(
    run, service, organisation, user, make_staff, signed_in, accountant
):
    manager = signed_in(make_staff("buchou@provider.example", StaffRole.MANAGER))
    page = manager.get(of_run("approve_run", run))
    asked = {"seen_hash": page.context["form"].initial["seen_hash"]}
    assert f'name="seen_hash" value="{asked["seen_hash"]}"' in page.content.decode()
    make_contract(service, organisation, user, "C26-000003", {"line": 1})
    later = submitted_run(service, accountant)
    for sent in (asked, {}):
        refused = manager.post(of_run("approve_run", run), sent)
        assert refused.context["form"].errors
        run.refresh_from_db()
        assert (run.status, run.approved_by) == (BillingRun.Status.PREVIEWED, None)
    manager.post(of_run("approve_run", run), seen(later))
    run.refresh_from_db()
    assert run.status == BillingRun.Status.APPROVED


def test_an_empty_list_speaks_of_filters_only_where_some_are_set(make_staff, signed_in):
    manager = signed_in(make_staff("buchou@provider.example", StaffRole.MANAGER))
    deposits = reverse("admin:billing_deposit_changelist")
    reset = "filter_list_off"
    assert reset not in manager.get(deposits).content.decode()
    assert reset in manager.get(deposits, {"q": "T"}).content.decode()


def test_a_second_person_approves_and_the_invoices_are_issued(
    run, make_staff, signed_in, accountant, django_capture_on_commit_callbacks
):
    manager = make_staff("buchou@provider.example", StaffRole.MANAGER)
    page = of_run("change", run)
    assert of_run("approve_run", run) in signed_in(manager).get(page).content.decode()
    assert of_run("approve_run", run) not in signed_in(accountant).get(page).content.decode()
    same = signed_in(accountant).post(of_run("approve_run", run), seen(run))
    assert same.context["form"].non_field_errors()
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(manager).post(of_run("approve_run", run), seen(run))
    run.refresh_from_db()
    assert (run.status, run.approved_by) == (BillingRun.Status.DONE, manager)
    assert Invoice.objects.exclude(pdf="").count() == 2
    assert AuditEntry.objects.get(action="invoices.issued").actor == manager
    assert [sent.to for sent in mail.outbox] == [[run.invoices.first().organisation.invoice_email]] * 2


def test_the_progress_is_a_piece_of_the_page(run, signed_in, accountant, make_staff):
    client = signed_in(accountant)
    polled = f'hx-get="{of_run("progress", run)}"'
    assert polled not in client.get(of_run("change", run)).content.decode()
    approve(run, make_staff("buchou@provider.example", StaffRole.MANAGER))
    assert polled in client.get(of_run("change", run)).content.decode()
    piece = client.get(of_run("progress", run))
    assert "0 / 2" in piece.content.decode()
    assert "HX-Refresh" not in piece.headers
    advance_run(run.pk, "test", lambda chunk: finish_chunk(chunk.pk, "test"))
    piece = client.get(of_run("progress", run))
    assert piece.content.decode().count("2 / 2") == 3  # invoices, PDFs, e-mails
    assert piece.headers["HX-Refresh"] == "true"


def test_the_page_says_that_no_worker_came_and_what_to_do(run, signed_in, accountant, make_staff):
    client = signed_in(accountant)
    command = "manage.py bill 2026-10 --provider CD"
    approve(run, make_staff("buchou@provider.example", StaffRole.MANAGER))
    assert command not in client.get(of_run("change", run)).content.decode()
    BillingRun.objects.update(approved_at=timezone.now() - timedelta(minutes=3))
    assert command in client.get(of_run("progress", run)).content.decode()
    BillingRun.objects.update(worker="busy", leased_until=timezone.now() + timedelta(seconds=30))
    assert command not in client.get(of_run("progress", run)).content.decode()
    BillingRun.objects.update(leased_until=timezone.now() - timedelta(minutes=2))
    assert command in client.get(of_run("progress", run)).content.decode()


@pytest.fixture
def drawn_plainly(service, organisation, user, monkeypatch) -> Invoice:
    """An invoice in whose layout an error occurred."""

    def fail(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("portal.pdf.draw_alike", fail)
    make_contract(service, organisation, user, "C26-000001", {"line": 1})
    bill(service.provider, OCTOBER, ISSUE_DAY)
    return Invoice.objects.get()


SLOW = "共通レイアウトの処理でエラーが発生したため、1件の文書を通常の（時間のかかる）方法で作成しました。"


def test_a_document_whose_shared_layout_failed_is_issued_counted_and_told_of(
    drawn_plainly, signed_in, accountant, make_staff
):
    assert default_storage.exists(drawn_plainly.pdf.name)
    assert drawn_plainly.run.status == BillingRun.Status.DONE
    assert PlainDrawing.objects.get().invoice == drawn_plainly
    client = signed_in(accountant)
    for address in (
        reverse("admin:billing_billingrun_change", args=[drawn_plainly.run.pk]),
        reverse("admin:index"),
    ):
        page = client.get(address).content.decode()
        assert SLOW in page
        assert "システム管理者にご連絡ください" in page


def test_the_first_page_forgets_a_failed_layout_after_a_month(drawn_plainly, signed_in, accountant):
    PlainDrawing.objects.update(drawn_at=timezone.now() - timedelta(days=31))
    client = signed_in(accountant)
    assert SLOW not in client.get(reverse("admin:index")).content.decode()
    assert (
        SLOW
        in client.get(
            reverse("admin:billing_billingrun_change", args=[drawn_plainly.run.pk])
        ).content.decode()
    )


def test_what_a_cancelled_run_left_is_billed_by_another(run, signed_in, accountant):
    client = signed_in(accountant)
    client.post(of_run("cancel_run", run))
    page = client.get(of_run("bill_rest", run), follow=True)
    assert page.redirect_chain[-1][0].startswith(BILL)
    assert 'value="2026-10"' in page.content.decode()
    client.post(BILL, entered(run.provider.services.get()))
    run.refresh_from_db()
    assert run.status == BillingRun.Status.CALCULATING


def test_what_changed_since_the_preview_waits_for_approval_again(
    run, service, organisation, user, signed_in, make_staff, django_capture_on_commit_callbacks
):
    make_contract(service, organisation, user, "C26-000003", {"line": 1})
    manager = signed_in(make_staff("buchou@provider.example", StaffRole.MANAGER))
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(of_run("approve_run", run), seen(run))
    run.refresh_from_db()
    assert (run.status, run.approved_by) == (BillingRun.Status.PREVIEWED, None)
    assert Invoice.objects.count() == 0
    page = manager.get(of_run("change", run)).content.decode()
    assert run.trouble in page
    assert "44,000" in run.trouble

    with django_capture_on_commit_callbacks(execute=True):
        manager.post(of_run("approve_run", run), seen(run))
    run.refresh_from_db()
    assert (run.status, run.trouble, run.invoices.count()) == (BillingRun.Status.DONE, "", 3)


def test_the_page_names_the_contracts_that_changed_since_the_run_was_submitted(
    run, service, organisation, user, signed_in, make_staff
):
    first, second = Contract.objects.order_by("number")
    make_contract(service, organisation, user, "C26-000003", {"line": 1})
    set_special_price(
        first,
        "line",
        5_050,
        OCTOBER.first,
        "見積りのとおり",
        make_staff("t@provider.example"),
        approval=approved("special_price"),
    )
    ContractParticular.objects.create(
        contract=second, key="address", value="東京都港区見本1", starts_on=OCTOBER.first
    )
    manager = make_staff("buchou@provider.example", StaffRole.MANAGER)
    advance_run(approve(run, manager).pk, "test", lambda chunk: None)
    page = signed_in(manager).get(of_run("change", run)).content.decode()
    assert "承認の依頼後に内容が変わった契約： 3" in page
    assert f"C26-000001 ({service.name}): 16,500 → 16,610</li>" in page
    assert f"C26-000002 ({service.name}): 22,000 → 22,000 – 金額は同じですが" in page
    assert f"C26-000003 ({service.name}): — → 5,500</li>" in page
    assert Invoice.objects.count() == 0


def test_the_page_names_what_was_left_out_as_it_changed_after_the_approval(
    run, signed_in, make_staff, accountant
):
    first = Contract.objects.order_by("number")[0]
    assert confirm(approve(run, make_staff("buchou@provider.example", StaffRole.MANAGER)))
    set_special_price(
        first, "line", 5_050, OCTOBER.first, "見積りのとおり", accountant, approval=approved("special_price")
    )
    advance_run(run.pk, "test", lambda chunk: finish_chunk(chunk.pk, "test"))
    page = signed_in(accountant).get(of_run("change", run)).content.decode()
    assert "16,500円 → 16,610円" in page
    assert of_run("bill_rest", run) in page
    assert [found.contract.number for found in Invoice.objects.all()] == ["C26-000002"]


def test_an_interrupted_mail_is_found_and_sent_again(
    run, signed_in, accountant, make_staff, django_capture_on_commit_callbacks
):
    approve(run, make_staff("buchou@provider.example", StaffRole.MANAGER))
    advance_run(run.pk, "test", lambda chunk: finish_chunk(chunk.pk, "test"))
    first = Mail.objects.order_by("pk")[0]
    Mail.objects.filter(pk=first.pk).update(taken_at=None, interrupted_at=first.taken_at)
    mail.outbox.clear()
    client = signed_in(accountant)
    outbox = reverse("admin:outbox_mail_changelist")
    shown = client.get(of_run("change", run)).content.decode()
    assert f"{outbox}?state=look_at&amp;kind=invoice" in shown
    (found,) = client.get(outbox, {"state": "look_at", "kind": "invoice"}).context["cl"].queryset
    again = reverse("admin:outbox_mail_again", args=[found.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(again).status_code == 302
    found.refresh_from_db()
    assert (found.state, len(mail.outbox)) == (Mail.State.TAKEN, 1)
    run.refresh_from_db()
    assert run.status == BillingRun.Status.DONE


def test_a_run_is_cancelled_on_its_page(run, signed_in, accountant):
    client = signed_in(accountant)
    client.post(of_run("cancel_run", run))
    run.refresh_from_db()
    assert run.status == BillingRun.Status.CANCELLED
    assert client.post(of_run("cancel_run", run)).context["form"].non_field_errors()


@pytest.mark.parametrize(
    "name", ["submit_run", "approve_run", "cancel_run", "bill_rest", "calculate_again", "progress"]
)
def test_other_roles_see_no_run(run, make_staff, signed_in, name):
    client = signed_in(make_staff("staff@provider.example", StaffRole.RECEPTION))
    assert client.post(of_run(name, run)).status_code == 403
    run.refresh_from_db()
    assert run.status == BillingRun.Status.PREVIEWED


@pytest.mark.parametrize("role", [StaffRole.RECEPTION, StaffRole.TERMS])
def test_other_roles_may_not_bill(service, make_staff, signed_in, role):
    client = signed_in(make_staff("staff@provider.example", role))
    assert client.get(BILL).status_code == 403
    assert client.post(BILL, entered(service)).status_code == 403
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

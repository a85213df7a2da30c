"""Every list of the staff's site can be taken out as it is filtered, by who may see it."""

import csv
import io
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from billing.admin.moved import MovedAdmin
from billing.runs.bill import bill
from billing.runs.states import begin, calculate
from contracts.models import Contract
from contracts.rules.calendar.period import Month
from portal.audit.exports.admin import ExportedAdmin
from portal.audit.models import AuditEntry
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service, make_contract
from tests.matrix.scene import set_scene

INVOICES = "admin:billing_invoice"
OCTOBER = Month(2026, 10)

OF_ONE_OBJECT = {
    "admin/approvals/proposal.html",
    "admin/audit/history.html",
    "admin/billing/_contract_money.html",
    "admin/billing/_customer_invoices.html",
    "admin/billing/_customer_letters.html",
    "admin/billing/_customer_money.html",
    "admin/billing/_debit.html",
    "admin/billing/_downtime.html",
    "admin/billing/_price_estimate.html",
    "admin/contracts/_changes.html",
    "admin/contracts/_contract_sheet.html",
    "admin/contracts/_particulars.html",
    "admin/contracts/terms/_life.html",
    "admin/contracts/terms/_policy_changes.html",
    "admin/contracts/terms/_steps.html",
    "admin/customers/_contracts.html",
    "admin/customers/_letters.html",
    "admin/customers/_requests.html",
    "admin/customers/_waiting.html",
    "admin/data_protection/_staying.html",
    "admin/tables_in/_latest.html",
    "admin/tables_in/import.html",
}
"""Tables that say what one thing holds, or would change: no lists."""
WITH_ITS_LIST = {"admin/billing/_differences.html", "admin/billing/_bank_file.html"}
"""Stand above or within what has an export of its own."""


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(scenes.at("2026-11-20 10:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def superuser(make_staff):
    return make_staff("root@provider.example", is_superuser=True)


@pytest.fixture
def as_billing(make_staff, signed_in) -> Client:
    return signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))


@pytest.fixture
def service():
    return load_priced_service("partner-cloud-e")


@pytest.fixture
def contracts(service) -> list[Contract]:
    """Three, billed for October."""
    contracts = some_contracts(service, 3)
    bill(service.provider, OCTOBER, scenes.day("2026-11-10"))
    return contracts


def some_contracts(service, count: int) -> list[Contract]:
    """New contracts of 山田商事."""
    yamada, first = scenes.yamada(), Contract.objects.count()
    person = scenes.owner_of(yamada)
    return [
        make_contract(service, yamada, person, f"C26-{first + place:06}", {"base": place})
        for place in range(1, count + 1)
    ]


def columns_of(client: Client, address: str) -> list[str]:
    return [key for key, _heading in client.get(address).context["form"].fields["columns"].choices]


def taken(client: Client, address: str, form: str = "csv", columns: list[str] | None = None, **query: str):
    where = f"{address}?{urlencode(query)}" if query else address
    sent = {"format": form, "columns": columns or columns_of(client, where)}
    reply = client.post(where, sent)
    assert reply.streaming, reply.content.decode()
    return reply.getvalue()


def rows(content: bytes, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


def lists() -> Iterator[tuple[type, admin.ModelAdmin]]:
    return ((model, one) for model, one in admin.site._registry.items() if not isinstance(one, MovedAdmin))


def export_of(model: type) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_export")


def test_every_list_of_the_admin_leads_to_its_export(superuser, signed_in, make_user, settings):
    settings.REQUEST_LIMITS = {}
    set_scene(make_user)
    client = signed_in(superuser)
    for model, one in lists():
        assert isinstance(one, ExportedAdmin), model
        page = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert f'href="{export_of(model)}' in page.content.decode(), model
        read = load_workbook(io.BytesIO(taken(client, export_of(model), "xlsx"))).active
        shown = page.context.get("cl")
        if shown is not None and model is not AuditEntry:
            assert read.max_row == shown.result_count + 1, model


def test_every_table_of_the_staffs_pages_has_an_export_or_is_no_list():
    """A page with a new list fails here until it offers it as a file."""
    folder = settings.BASE_DIR / "templates"
    found = folder.glob("admin/**/*.html")
    pages = {page.relative_to(folder).as_posix(): page.read_text("utf-8") for page in found}
    with_tables = {name for name, text in pages.items() if "<table" in text}
    with_exports = {name for name, text in pages.items() if "_export" in text or "-export" in text}
    assert with_tables - with_exports <= OF_ONE_OBJECT | WITH_ITS_LIST


def test_no_column_asks_the_database_for_each_row(superuser, make_user):
    """What a list has fetched is all that its columns need: counted on the rows that the scene has."""
    set_scene(make_user)
    request = RequestFactory().get("/")
    request.user = superuser
    asked = {}
    for model, one in lists():
        if model is AuditEntry:
            continue
        found = one.list_to_export(request)
        for row in list(found.rows())[:3]:
            for column in found.columns:
                column.cell(row)  # what is fetched once for all rows may be fetched now
        for row in list(found.rows())[:3]:
            for column in found.columns:
                with CaptureQueriesContext(connection) as queries:
                    column.cell(row)
                if queries.captured_queries:
                    asked[model._meta.label, column.key] = len(queries)
    assert asked == {}


def test_a_list_is_taken_out_as_it_is_filtered_and_in_its_order(as_billing, contracts):
    all_of_them = rows(taken(as_billing, reverse(f"{INVOICES}_export")))
    shown = [
        one.number for one in as_billing.get(reverse(f"{INVOICES}_changelist")).context["cl"].result_list
    ]
    assert [row["請求書番号"] for row in all_of_them] == shown
    chosen = contracts[1]
    (row,) = rows(taken(as_billing, reverse(f"{INVOICES}_export"), q=chosen.number))
    assert row["請求書番号"] == chosen.invoices.get().number
    assert row["税込"] == str(chosen.invoices.get().gross)
    assert rows(taken(as_billing, reverse(f"{INVOICES}_export"), issued_on_from="2026-12-01")) == []
    ascending = taken(as_billing, reverse(f"{INVOICES}_export"), o="1")
    assert [row["請求書番号"] for row in rows(ascending)] == sorted(shown)


def test_columns_are_chosen_and_keep_their_order(as_billing, contracts):
    content = taken(as_billing, reverse(f"{INVOICES}_export"), columns=["shown_gross", "number"])
    assert list(rows(content)[0]) == ["請求書番号", "税込"]
    reply = as_billing.post(reverse(f"{INVOICES}_export"), {"format": "csv"})
    assert "列を1つ以上選んでください。" in reply.content.decode()
    reply = as_billing.post(reverse(f"{INVOICES}_export"), {"format": "pdf", "columns": ["number"]})
    assert reply.status_code == 200 and not reply.streaming
    assert not AuditEntry.objects.filter(action="list.exported", data__columns=["number"]).exists()


def test_shift_jis_is_offered_and_says_what_it_lacks(as_billing, contracts):
    Organisation.objects.update(name="𠮷田髙橋商事")
    address = reverse("admin:organisations_organisation_export")
    found = rows(taken(as_billing, address, "csv-cp932", columns=["name"]), "cp932")
    assert [list(row.values()) for row in found] == [["〓田髙橋商事"]]
    assert "〓" in as_billing.get(address).content.decode()


def test_an_export_is_recorded_with_list_filters_and_rows(as_billing, contracts):
    taken(as_billing, reverse(f"{INVOICES}_export"), columns=["number"], q=contracts[0].number)
    told = AuditEntry.objects.get(action="list.exported")
    assert told.data == {"list": "billing.invoice", "columns": ["number"], "format": "csv", "count": 1}
    assert told.personal == {"chosen": {"q": contracts[0].number}}
    assert told.actor.email == "keiri@provider.example"


def test_who_may_not_see_a_list_does_not_take_it_out(make_staff, signed_in, contracts):
    as_terms = signed_in(make_staff("yakkan@provider.example", StaffRole.TERMS))
    assert as_terms.get(reverse(f"{INVOICES}_export")).status_code == 403
    assert (
        as_terms.post(reverse(f"{INVOICES}_export"), {"format": "csv", "columns": "number"}).status_code
        == 403
    )
    assert as_terms.get(reverse("admin:billing_reminder_ageing_export")).status_code == 403


def test_the_auditor_takes_out_what_there_is_to_see(make_staff, signed_in, contracts):
    as_auditor = signed_in(make_staff("kansa@provider.example", StaffRole.AUDITOR))
    assert len(rows(taken(as_auditor, reverse(f"{INVOICES}_export")))) == 3
    assert len(rows(taken(as_auditor, reverse("admin:billing_reminder_ageing_export")))) >= 1
    assert as_auditor.get(reverse("admin:billing_reminder_due_export")).status_code == 403


def test_staff_take_out_nothing_of_another_provider(make_staff, signed_in, contracts):
    other = load_priced_service("ct-e1")
    clerk = scenes.works_for(make_staff("other@provider.example", StaffRole.BILLING), other.provider)
    client = signed_in(clerk)
    for model in ("invoice", "billingrun"):
        assert rows(taken(client, reverse(f"admin:billing_{model}_export"))) == []
    assert rows(taken(client, reverse("admin:contracts_contract_export"))) == []
    assert rows(taken(client, reverse("admin:billing_reminder_ageing_export"))) == []
    assert rows(taken(client, reverse("work-queue-export"))) == []


@pytest.mark.parametrize(
    "query", [{"contract__number__regex": "("}, {"issued_on__year": "99999"}, {"month": "x"}]
)
def test_what_a_list_cannot_be_filtered_by_gives_no_file(as_billing, contracts, query):
    where = f"{reverse(f'{INVOICES}_export')}?{urlencode(query)}"
    reply = as_billing.post(where, {"format": "csv", "columns": ["number"]})
    assert reply.status_code in (302, 400)
    assert not AuditEntry.objects.filter(action="list.exported").exists()


def test_lists_that_moved_have_none(superuser, signed_in):
    assert signed_in(superuser).get(reverse("admin:billing_invoicemail_export")).status_code == 403


def test_the_queue_is_taken_out_whole_as_it_is_filtered(make_staff, signed_in, monkeypatch):
    monkeypatch.setattr("portal.staff.work_queue._AT_ONCE", 2)
    service = load_priced_service("ct-e1")
    sent = [scenes.apply(service, {"line": 1}, scenes.at(f"2026-11-1{place}")) for place in range(5)]
    client = signed_in(make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
    found = rows(taken(client, reverse("work-queue-export")))
    assert [row["番号"] for row in found] == [one.number for one in sent]
    assert found[0]["契約者"] == "山田商事株式会社"
    (one,) = rows(taken(client, reverse("work-queue-export"), q=sent[2].number))
    assert one["番号"] == sent[2].number
    assert 'href="/admin/queue/export/?q=A26"' in client.get("/admin/queue/", {"q": "A26"}).content.decode()


def test_what_is_owed_is_taken_out_by_days_overdue(make_staff, signed_in, contracts, now):
    now.move_to(scenes.at("2027-02-20 10:00"))
    as_billing = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    address = reverse("admin:billing_reminder_ageing_export")
    owed = sum(contract.invoices.get().gross for contract in contracts)
    found = rows(taken(as_billing, address))
    assert sum(int(row["合計"]) for row in found) == owed
    read = load_workbook(io.BytesIO(taken(as_billing, address, "xlsx"))).active
    assert read["C2"].number_format == '#,##0"円";−#,##0"円"'
    assert address in as_billing.get(reverse("admin:billing_reminder_ageing_list")).content.decode()
    due = rows(taken(as_billing, reverse("admin:billing_reminder_due_export")))
    assert {row["請求書番号"] for row in due} == {contract.invoices.get().number for contract in contracts}
    assert taken(as_billing, reverse("admin:billing_reminder_grounds_export"))


def test_the_preview_of_a_run_is_taken_out_by_contract(as_billing, service, make_staff):
    contracts = some_contracts(service, 3)
    staff = make_staff("begin@provider.example", StaffRole.BILLING)
    run = begin(service.provider, OCTOBER, scenes.day("2026-11-10"), staff)
    calculate(run)
    lines = rows(taken(as_billing, reverse("admin:billing_billingrun_lines_export", args=[run.pk])))
    assert [line["契約番号"] for line in lines] == [contract.number for contract in contracts]
    totals = rows(taken(as_billing, reverse("admin:billing_billingrun_totals_export", args=[run.pk])))
    assert sum(int(line["税込"]) for line in lines) == int(totals[-1]["税込"])
    page = as_billing.get(reverse("admin:billing_billingrun_change", args=[run.pk])).content.decode()
    assert reverse("admin:billing_billingrun_lines_export", args=[run.pk]) in page
    told = AuditEntry.objects.filter(action="list.exported").first()
    assert told.object_type == "billing.billingrun"


def test_a_run_without_a_preview_has_none_to_take_out(as_billing, service, make_staff):
    run = begin(
        service.provider,
        OCTOBER,
        scenes.day("2026-11-10"),
        make_staff("x@provider.example", StaffRole.BILLING),
    )
    assert as_billing.get(reverse("admin:billing_billingrun_lines_export", args=[run.pk])).status_code == 404


def test_the_contracts_that_new_rules_touch_are_taken_out(make_staff, signed_in):
    service = load_priced_service("simpleconnect")
    held = scenes.running(service, {"id": 1}, scenes.yamada())
    draft = scenes.next_version(service, scenes.day("2027-02-01"), scenes.at("2026-11-19"))
    client = signed_in(make_staff("yakkan@provider.example", StaffRole.MANAGER))
    page = client.get(reverse("admin:contracts_termsversion_changes", args=[draft.pk]))
    address = reverse("admin:contracts_termsversion_changes_export", args=[draft.pk])
    found = rows(taken(client, address))
    assert len(found) == page.context["impact"].affected
    assert {row["契約"] for row in found} <= {held.number}
    first = service.versions.order_by("effective_on").first()
    assert (
        client.get(reverse("admin:contracts_termsversion_changes_export", args=[first.pk])).status_code == 404
    )


def queries_for(client: Client, count_more: int, service, address: str) -> int:
    some_contracts(service, count_more)
    bill(service.provider, OCTOBER, scenes.day("2026-11-10"))
    columns = columns_of(client, address)
    with CaptureQueriesContext(connection) as queries:
        client.post(address, {"format": "csv", "columns": columns}).getvalue()
    return len(queries)


@pytest.mark.parametrize("name", ["billing_invoice", "contracts_contract", "contracts_application"])
def test_more_rows_take_no_more_queries(superuser, signed_in, service, name):
    client = signed_in(superuser)
    address = reverse(f"admin:{name}_export")
    few = queries_for(client, 2, service, address)
    assert queries_for(client, 20, service, address) == few

"""The list of the audit trail: found by number, customer, person, day and kind, and taken out as a file."""

import csv
import io
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from billing.models import Invoice
from billing.runs.bill import bill
from contracts.applications.acceptance import deliver_acceptance
from contracts.models import Contract
from portal.audit.exports import lists
from portal.audit.models import AuditEntry
from portal.audit.record import record
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service
from tests.scenes import at, day

LIST = reverse("admin:audit_auditentry_changelist")
EXPORT = reverse("admin:audit_auditentry_export")


@pytest.fixture
def manager(make_staff):
    return make_staff("boss@provider.example", StaffRole.MANAGER, display_name="責任 花子")


@pytest.fixture
def client(manager, signed_in) -> Client:
    return signed_in(manager)


@pytest.fixture
def contract(db) -> Contract:
    contract = scenes.running(load_priced_service("partner-cloud-e"), {"base": 2}, scenes.yamada())
    deliver_acceptance(contract, at("2026-09-10"))  # it is formed then
    contract.refresh_from_db()
    return contract


def found(client: Client, **query: str) -> set[str]:
    page = client.get(LIST, query)
    assert page.status_code == 200
    return {entry.action for entry in page.context["cl"].result_list}


def test_the_list_says_what_happened_and_links_to_it(client, contract):
    page = client.get(LIST).content.decode()
    assert "承諾の通知をお客さまに送信しました。" in page
    assert reverse("admin:contracts_contract_change", args=[contract.pk]) in page
    assert "contract.acceptance_sent" not in page


def test_entries_are_found_by_the_number_of_a_contract_in_full_width_too(client, contract):
    scenes.running(contract.service, {"base": 1}, scenes.suzuki())
    for number in (contract.number, contract.number.lower(), contract.number.translate(FULL_WIDTH)):
        shown = client.get(LIST, {"q": number}).context["cl"].result_list
        assert {entry.organisation_id for entry in shown} == {contract.organisation_id}
        assert {"application.accepted", "contract.acceptance_sent"} <= {entry.action for entry in shown}


FULL_WIDTH = {ord(char): ord(char) + 0xFEE0 for char in "0123456789C-"}


def test_entries_are_found_by_the_numbers_of_requests_applications_and_invoices(client, contract):
    request = scenes.cancel(contract, day("2026-12-31"), at("2026-11-02"))
    bill(contract.service.provider, OCTOBER, ISSUE_DAY)
    assert found(client, q=request.number) >= {"request.submitted"}
    assert "contract.acceptance_sent" not in found(client, q=request.number)
    assert "application.submitted" in found(client, q=contract.application.number)
    assert found(client, q=Invoice.objects.get().number) == {"invoices.issued"}


def test_entries_are_found_by_customer_and_by_person(client, contract, organisation):
    assert found(client, q="鈴木") == set()
    assert "organisation.created" in found(client, q="山田商事")
    assert "application.accepted" in found(client, q="受付")
    assert found(client, q="山田商事 受付") <= found(client, q="受付")
    assert found(client, q="どこにもない") == set()


def test_entries_are_found_by_day_both_ends_counted(client, organisation):
    for moment in ("2026-09-30 23:59", "2026-10-01 00:00", "2026-10-31 23:59", "2026-11-01 00:00"):
        with time_machine.travel(at(moment), tick=False):
            record("calendar.opened", None, organisation, at=moment)
    shown = client.get(LIST, {"at_from": "2026-10-01", "at_to": "2026-10-31", "kind": "organisations"})
    moments = [entry.data.get("at") for entry in shown.context["cl"].result_list]
    assert [moment for moment in moments if moment] == ["2026-10-31 23:59", "2026-10-01 00:00"]
    assert client.get(LIST, {"at_from": "nonsense"}).status_code == 200
    far = {"at_from": "0001-01-01", "at_to": "9999-12-31"}
    assert client.get(LIST, far, follow=True).status_code == 200


def test_entries_are_found_by_kind_and_by_who_did_it(client, contract):
    assert found(client, kind="beginning") == {"contract.acceptance_sent"}
    deciding = AuditEntry.objects.get(action="application.accepted").actor
    assert "application.accepted" in found(client, by=str(deciding.pk))
    assert found(client, by="portal") == set(
        AuditEntry.objects.filter(actor=None).values_list("action", flat=True)
    )
    for nonsense in ({"kind": "x"}, {"by": "x"}, {"by": "9" * 30}):
        assert client.get(LIST, nonsense).status_code in (200, 302)


def test_more_entries_take_no_more_queries(client, contract, django_assert_max_num_queries):
    for place in range(40):
        record("request.accepted", None, contract, number=f"R26-{place:06}", kind="cancellation")
    with django_assert_max_num_queries(40):
        client.get(LIST)


def test_one_entry_shows_its_sentence_and_what_was_recorded(client, contract):
    entry = AuditEntry.objects.get(action="application.accepted")
    page = client.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).content.decode()
    assert "申込みを承諾しました" in page
    assert "application.accepted" in page and entry.hash in page
    assert client.get(reverse("admin:audit_auditentry_history", args=[entry.pk])).status_code == 200


COLUMNS = ("number", "at", "who", "kind", "what", "facts", "target", "customer")


def taken_out(client: Client, form: str, **query: str) -> bytes:
    address = f"{EXPORT}?{urlencode(query)}"
    return client.post(address, {"format": form, "columns": COLUMNS}).getvalue()


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_what_was_found_is_taken_out_as_csv_and_the_trail_says_by_whom(client, manager, contract):
    answer = taken_out(client, "csv", q=contract.number)
    assert answer.startswith(b"\xef\xbb\xbf")
    written = rows(answer)
    shown = client.get(LIST, {"q": contract.number}).context["cl"].result_count
    assert len(written) == shown
    (accepted,) = (row for row in written if row["出来事"].startswith("申込みを承諾しました"))
    assert accepted["契約者"] == "山田商事株式会社"
    assert contract.number in accepted["出来事"]
    told = AuditEntry.objects.get(action="list.exported")
    assert told.actor == manager
    assert told.data == {
        "list": "audit.auditentry", "columns": list(COLUMNS), "count": shown, "format": "csv"
    }  # fmt: skip
    assert told.personal == {"chosen": {"q": contract.number}}
    assert "一覧「操作記録」の" in client.get(LIST).content.decode()


def test_what_was_found_is_taken_out_as_a_workbook(client, contract):
    sheet = load_workbook(io.BytesIO(taken_out(client, "xlsx"))).active
    assert [cell.value for cell in sheet[1]][:3] == ["番号", "日時", "操作者"]
    assert sheet.max_row == AuditEntry.objects.exclude(action="list.exported").count() + 1


@pytest.mark.parametrize("name", ["=1+1", "＝1+1", "+81", "@SUM(A1)", "-2"])
def test_no_cell_becomes_a_formula(client, organisation, name):
    Organisation.objects.filter(pk=organisation.pk).update(name=name)
    written = rows(taken_out(client, "csv"))
    assert {row["契約者"] for row in written if row["契約者"]} == {f"'{name}"}


def test_too_many_entries_for_a_sheet_are_not_taken_out_and_the_page_says_what_to_do(
    client, contract, monkeypatch
):
    monkeypatch.setattr(lists, "MOST_ROWS", 3)
    answer = client.post(EXPORT, {"format": "xlsx", "columns": COLUMNS})
    assert "CSVを選ぶか、一覧を絞り込んでください。" in answer.content.decode()
    assert not AuditEntry.objects.filter(action="list.exported").exists()
    assert len(rows(taken_out(client, "csv"))) > 3


def test_exports_of_earlier_releases_still_read_as_sentences(client, manager):
    with transaction.atomic():
        record("audit.exported", manager, manager, count=3, format="csv", personal={"chosen": {"q": "C1"}})
    assert "操作記録3件を" in client.get(LIST).content.decode()


@pytest.mark.parametrize("role", [StaffRole.RECEPTION, StaffRole.TERMS, StaffRole.BILLING])
def test_only_managers_see_the_list_and_take_it_out(make_staff, signed_in, role):
    client = signed_in(make_staff("other@provider.example", role))
    assert client.get(LIST).status_code == 403
    assert client.post(EXPORT, {"format": "csv", "columns": COLUMNS}).status_code == 403

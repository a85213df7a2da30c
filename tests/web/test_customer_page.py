"""The staff's page of a customer: everything by right and provider, in a steady number of queries."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now as moment

from billing.models import Invoice
from billing.panels.standing import Paying, debts_of, paying
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.customers.notes import LONGEST, add_note, erase_note
from contracts.models import CustomerNote, Task
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.data_protection.erasing.steps import step_of
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service, make_contracts

OCTOBER = Month(2026, 10)


@pytest.fixture
def invoiced(yamada):
    """山田商事's contract with an invoice of October, due at the end of November."""
    service = load_priced_service("ct-e1")
    contract = scenes.running(service, {"line": 2}, yamada)
    bill(service.provider, OCTOBER, scenes.day("2026-11-10"))
    return Invoice.objects.get(contract=contract)


def page_of(organisation) -> str:
    return reverse("customer", args=[organisation.pk])


def test_each_amount_leads_to_its_list(invoiced, yamada, staff, signed_in, now):
    now.move_to(scenes.at("2027-01-20 10:00"))
    as_billing = signed_in(staff(StaffRole.BILLING))
    page = as_billing.get(page_of(yamada))
    text = page.content.decode()
    for shown in (
        yamada.name,
        invoiced.contract.number,
        invoiced.number,
        "期日超過",
        "山田 花子",
    ):
        assert shown in text, shown
    links = [part.split('"')[0].replace("&amp;", "&") for part in text.split('href="')[1:]]
    behind = [link for link in links if "open_due_on" in link or "debtor__id__exact" in link]
    assert len(behind) >= 3
    for link in behind:
        found = as_billing.get(link)
        assert found.status_code == 200, link
        assert urlsplit(link).path in (found.request["PATH_INFO"],)
    late = next(link for link in behind if "open_due_on__gte" in link)
    assert invoiced.number in as_billing.get(late).content.decode()


def test_reception_reads_the_sums_without_the_invoices(invoiced, yamada, staff, signed_in, now):
    now.move_to(scenes.at("2027-01-20 10:00"))
    as_reception = signed_in(staff(StaffRole.RECEPTION))
    text = as_reception.get(page_of(yamada)).content.decode()
    assert "期日超過" in text
    assert f"{invoiced.open_amount:,}円" in text
    assert invoiced.number not in text
    assert "/admin/billing/" not in text.split("sheet-head")[1]


def test_who_may_see_no_customers_is_refused(yamada, staff, signed_in, as_yamada):
    for role, status in ((StaffRole.TERMS, 403), (StaffRole.PEOPLE, 403), (StaffRole.AUDITOR, 200)):
        assert signed_in(staff(role)).get(page_of(yamada)).status_code == status, role
    assert as_yamada.get(page_of(yamada)).status_code in (302, 403)


def test_staff_of_another_provider_find_nobody(invoiced, yamada, staff, signed_in):
    other = load_priced_service("simpleconnect").provider
    person = scenes.works_for(staff(StaffRole.MANAGER), other)
    assert signed_in(person).get(page_of(yamada)).status_code == 404


def test_a_note_is_written_read_by_colleagues_of_the_provider_alone_and_erased(
    invoiced, yamada, staff, signed_in
):
    provider = invoiced.provider
    other = load_priced_service("simpleconnect").provider
    person = scenes.works_for(staff(StaffRole.RECEPTION), provider)
    client = signed_in(person)
    assert client.post(page_of(yamada), {"text": "  "}).status_code == 200
    assert CustomerNote.objects.count() == 0
    assert client.post(page_of(yamada), {"text": "担当は3月に交代\n次は佐藤様"}).status_code == 302
    note = CustomerNote.objects.get()
    assert (note.author, note.provider, note.text) == (person, provider, "担当は3月に交代\n次は佐藤様")
    assert "次は佐藤様" in client.get(page_of(yamada)).content.decode()
    entry = AuditEntry.objects.get(action="customer_note.added")
    assert (entry.organisation_id, entry.personal) == (yamada.pk, {"text": note.text})

    colleague = scenes.works_for(staff(StaffRole.MANAGER), other)
    scenes.apply(other.services.get(), _first_product(other), scenes.at("2026-11-19"))
    assert "次は佐藤様" not in signed_in(colleague).get(page_of(yamada)).content.decode()
    with pytest.raises(ValidationError) as refused:
        add_note(yamada, provider, "x", colleague, moment())
    assert refused.value.code == "other_provider"

    assert list(step_of("customer_notes").of_somebody(yamada, scenes.day("2026-11-21"))) == [note]
    erase_note(note, person)
    assert not CustomerNote.objects.exists()
    entry.refresh_from_db()
    assert not entry.personal
    assert AuditEntry.objects.filter(action="customer_note.erased").count() == 1


def _first_product(provider) -> dict[str, int]:
    return {provider.services.get().versions.get().policy.products[0].key: 1}


def test_a_note_has_its_bounds_and_its_right(invoiced, yamada, staff):
    reception = staff(StaffRole.RECEPTION)
    for text in ("", " \n", "あ" * (LONGEST + 1)):
        with pytest.raises(ValidationError) as refused:
            add_note(yamada, invoiced.provider, text, reception, moment())
        assert "text" in refused.value.error_dict
    with pytest.raises(PermissionDenied):
        add_note(yamada, invoiced.provider, "x", staff(StaffRole.AUDITOR), moment())


def test_how_invoices_were_paid(invoiced, yamada, staff):
    theirs = Invoice.objects.filter(debtor=yamada)
    due_on = invoiced.due_on
    assert paying(theirs, due_on) == Paying(), "what is not due yet says nothing"
    assert paying(theirs, due_on + timedelta(days=1)) == Paying(unpaid=1)
    late = due_on + timedelta(days=9)
    record_payment(invoiced, late, invoiced.gross, "R-1", staff(StaffRole.BILLING))
    found = paying(theirs, due_on + timedelta(days=30))
    assert (found.on_time, found.late, found.unpaid, found.days_late) == (0, (9,), 0, 9)
    assert paying(theirs, due_on + timedelta(days=400)) == Paying()


def test_what_is_owed_is_known_by_its_days(invoiced, yamada):
    provider = invoiced.provider
    before = debts_of(yamada, provider, invoiced.due_on)
    assert (before.open, before.overdue, before.are_doubtful) == (invoiced.gross, 0, False)
    after = debts_of(yamada, provider, invoiced.due_on + timedelta(days=1))
    assert (after.overdue, after.oldest_due_on, after.are_doubtful) == (invoiced.gross, invoiced.due_on, True)
    assert after.could_end == (), "these terms name no such ground"


def test_what_is_owed_lets_contracts_be_terminated_after_some_time(yamada):
    service = load_priced_service("simpleconnect")
    contract = scenes.running(service, _first_product(service.provider), yamada)
    bill(service.provider, OCTOBER, scenes.day("2026-11-10"))
    due_on = Invoice.objects.get(contract=contract).due_on
    assert debts_of(yamada, service.provider, due_on).could_end == ()
    long_after = debts_of(yamada, service.provider, due_on + timedelta(days=200))
    assert [number for number, _since in long_after.could_end] == [contract.number]


def test_more_contracts_invoices_and_tasks_need_no_more_queries(invoiced, yamada, staff, signed_in):
    manager = signed_in(staff(StaffRole.MANAGER))
    service, owner = invoiced.contract.service, scenes.owner_of(yamada)

    def grow(numbers: range, month: Month) -> int:
        made = make_contracts(service, yamada, owner, (f"C26-1{number:05}" for number in numbers))
        Task.objects.bulk_create(
            Task(
                contract=contract,
                kind=Task.Kind.DEVICE_RETURN,
                due_on=scenes.day("2026-11-25"),
                terms_version=contract.contracted_version,
                created_at=moment(),
            )
            for contract in made
        )
        bill(service.provider, month, (month + 1).first)
        manager.get(page_of(yamada))
        with CaptureQueriesContext(connection) as queries:
            page = manager.get(page_of(yamada))
        assert page.status_code == 200
        return len(queries)

    few = grow(range(2), Month(2026, 11))
    many = grow(range(2, 14), Month(2026, 12))
    assert many == few


def test_another_name_is_said_to_be_of_the_same_party(yamada, as_reception):
    address = reverse("admin:organisations_organisation_change", args=[yamada.pk])
    fields = ("name", "kana", "corporate_number", "postal_code", "address", "phone", "invoice_email")
    counts = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    typed = {name: getattr(yamada, name) for name in fields} | {"name": "山田ホールディングス株式会社"}
    typed |= {f"memberships-{name}": count for name, count in counts.items()}
    refused = as_reception.post(address, typed)
    assert refused.status_code == 200
    assert "名義変更" in refused.content.decode()
    yamada.refresh_from_db()
    assert yamada.name == "山田商事株式会社"
    assert as_reception.post(address, typed | {"same_party": "on"}).status_code == 302
    yamada.refresh_from_db()
    assert yamada.name == "山田ホールディングス株式会社"
    listed = as_reception.get(reverse("admin:organisations_organisation_changelist")).content.decode()
    assert page_of(yamada) in listed

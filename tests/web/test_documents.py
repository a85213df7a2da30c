"""Corrections as customers and staff see them; search, download, and the import of usage in the admin."""

import csv
from datetime import date
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.documents import archive
from billing.invoicing.corrections import reissue_invoice
from billing.invoicing.pdfs import make_pdf
from billing.invoicing.returns import return_lines
from billing.models import Adjustment, Deposit, Invoice, RefusedUsage, SpecialPrice, UsageRecord
from billing.runs.bill import bill
from contracts.models import Provider
from contracts.rules.calendar.period import Month
from contracts.wording.formats import yen_text
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approve_it, approved
from tests.billing_scene import add_price_list, make_contract, price_list_source
from tests.usage_files import csv_file, row

LIST = reverse("admin:billing_invoice_changelist")


@pytest.fixture
def keiri(staff):
    return staff(StaffRole.BILLING)


@pytest.fixture
def as_keiri(keiri, signed_in) -> Client:
    return signed_in(keiri)


@pytest.fixture
def invoice(contract) -> Invoice:
    """Two lines in October: 11,000 with tax."""
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return contract.invoices.get()


def page(client: Client, invoice: Invoice) -> str:
    return client.get(reverse("billing:invoice-detail", args=[invoice.number])).content.decode()


def test_a_return_and_its_invoice_refer_to_each_other(as_yamada, as_suzuki, invoice, keiri):
    returned = return_lines(invoice, {0: 5_000}, "過請求のため", keiri, approval=approved("return"))
    assert returned.number in page(as_yamada, invoice)
    shown = page(as_yamada, returned)
    for stated in (invoice.number, "過請求のため", "5,500", "−"):
        assert stated in shown
    assert "振込" not in shown
    listed = as_yamada.get(reverse("billing:invoice-list")).content.decode()
    assert returned.number in listed
    assert as_suzuki.get(reverse("billing:invoice-detail", args=[returned.number])).status_code == 404


def test_a_cancelled_invoice_points_to_the_one_in_its_place(as_yamada, invoice, keiri):
    issued = reissue_invoice(invoice, "宛名の変更", keiri, approval=approved("invoice_reissue"))
    shown = page(as_yamada, invoice)
    assert reverse("billing:invoice-detail", args=[issued.number]) in shown
    assert "chip--cancelled" in shown
    assert invoice.number in page(as_yamada, issued)


def test_every_total_opens_to_its_explanation(as_yamada, invoice, keiri):
    returned = return_lines(invoice, {0: 5_000}, "過請求のため", keiri, approval=approved("return"))
    context = as_yamada.get(reverse("billing:invoice-detail", args=[returned.number])).context
    reasons = context["reasons"]
    assert all(line.reasons.steps for line in reasons.lines)
    assert all(rate.reasons.steps for rate in reasons.rates)
    assert reasons.total.steps


@pytest.fixture
def others(contract, yamada) -> None:
    """A small invoice of October and one of November."""
    applicant = scenes.owner_of(yamada)
    make_contract(contract.service, yamada, applicant, "C26-900001", {"user": 1})
    suzuki = scenes.suzuki()
    make_contract(contract.service, suzuki, scenes.owner_of(suzuki), "C26-900002", {"seat": 4})
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-12"))


def found(client: Client, **search: str) -> set[int]:
    results = client.get(LIST, search).context["cl"].queryset
    return set(results.values_list("gross", flat=True))


def test_documents_are_found_by_day_amount_counterparty_and_combinations(as_keiri, invoice, others):
    assert found(as_keiri) == {11_000, 550, 22_000}
    assert found(as_keiri, issued_on_from="2026-11-12") == {550, 22_000}
    assert found(as_keiri, issued_on_to="2026-11-11") == {11_000}
    assert found(as_keiri, gross_from="551", gross_to="21999") == {11_000}
    assert found(as_keiri, q="鈴木") == {22_000}
    assert found(as_keiri, q="山田", gross_to="1000", issued_on_from="2026-11-01") == {550}
    assert found(as_keiri, state="returned") == set()


def test_a_counterparty_is_found_by_the_name_on_the_document(as_keiri, invoice, yamada):
    yamada.name = "別名商事株式会社"
    yamada.save()
    assert found(as_keiri, q="山田商事") == {11_000}


def downloaded(client: Client, *invoices: Invoice) -> ZipFile:
    chosen = [str(invoice.pk) for invoice in invoices]
    reply = client.post(LIST, {"action": "download", "_selected_action": chosen})
    assert reply.headers["Content-Type"] == "application/zip"
    return ZipFile(BytesIO(b"".join(reply.streaming_content)))


def test_documents_are_downloaded_with_an_index(as_keiri, invoice, keiri):
    returned = return_lines(invoice, {0: 5_000}, "過請求のため", keiri, approval=approved("return"))
    make_pdf(returned)
    with downloaded(as_keiri, invoice, returned) as files:
        assert files.testzip() is None
        content = files.read(archive.INDEX)
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
        assert content.startswith(b"\xef\xbb\xbf")
        "".join(map("".join, rows)).encode("cp932")
        names = files.namelist()
    documents = [f"2026-11/{invoice.number}.pdf", f"2026-11/{returned.number}.pdf"]
    assert names == [*documents, archive.INDEX, archive.INDEX_XLSX, archive.INDEX_HTML]
    assert rows[0] == list(archive.HEADINGS)
    service = invoice.contract.service
    assert rows[1][:12] == [
        "適格請求書", invoice.number, "2026-11-10", "山田商事株式会社", service.provider.name,
        invoice.contract.number, service.name, "2026-10", "10000", "1000", "11000", "",
    ]  # fmt: skip
    assert rows[2][10:13] == ["-5500", "", invoice.number]
    assert AuditEntry.objects.get(action="documents.exported").data == {"count": 2}


def test_the_index_says_which_documents_are_no_qualified_ones(as_keiri, contract):
    provider = contract.service.provider
    scenes.restated(provider, scenes.day("2026-11-01"), registration_number="")
    bill(Provider.objects.get(pk=provider.pk), Month(2026, 11), scenes.day("2026-12-10"))
    with downloaded(as_keiri, contract.invoices.get()) as files:
        rows = list(csv.reader(StringIO(files.read(archive.INDEX).decode("utf-8-sig"))))
    assert rows[1][0] == "請求書"


def test_a_file_that_is_missing_is_named(as_keiri, invoice):
    invoice.pdf.storage.delete(invoice.pdf.name)
    with downloaded(as_keiri, invoice) as files:
        assert files.read(archive.MISSING).decode() == f"2026-11/{invoice.number}.pdf"


ROW = ("=1+1", "〜", *["x"] * (len(archive.HEADINGS) - 2))


def test_the_index_holds_no_formulas():
    written = b"".join(archive.archive(lambda missing: [ROW], []))
    with ZipFile(BytesIO(written)) as files:
        assert files.read(archive.INDEX).decode("utf-8-sig").splitlines()[1].startswith("'=1+1,～,")


def test_memory_stays_flat_while_files_are_sent():
    files = ((f"{number}.pdf", lambda: bytes(100_000)) for number in range(50))
    sizes = [len(piece) for piece in archive.archive(lambda missing: [ROW] * 50, files)]
    assert max(sizes) < 200_000
    assert sum(sizes) > 5_000_000


def upload(client: Client, content: bytes, name: str = "calls.csv"):
    form = {"import_file": SimpleUploadedFile(name, content), "format": "0", "resource": ""}
    return client.post(reverse("admin:billing_usagerecord_import"), form)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_usage_is_previewed_then_imported(as_keiri, keiri, contract, encoding):
    rows = [row("a", contract.number, month="2026-10", day="2026-10-05"), row("b", "C26-999999")]
    previewed = upload(as_keiri, csv_file(rows, encoding))
    assert previewed.status_code == 200
    assert previewed.context["result"].counts == (1, 0, 1)
    assert not UsageRecord.objects.exists()

    initial = previewed.context["confirm_form"].initial
    reply = as_keiri.post(reverse("admin:billing_usagerecord_process_import"), initial, follow=True)

    stored = UsageRecord.objects.get()
    assert (stored.reference, stored.imported.imported_by) == ("a", keiri)
    assert stored.imported.file_name == "calls.csv"
    refused = RefusedUsage.objects.get()
    assert "C26-999999" in reply.content.decode()
    settle = reverse("admin:billing_refusedusage_settle", args=[refused.pk])
    as_keiri.post(settle, {"settlement": "契約番号の誤りを販売店に確認"})
    refused.refresh_from_db()
    assert refused.settled_by == keiri


def test_a_file_that_cannot_be_read_is_refused_on_the_form(as_keiri, contract):
    page = upload(as_keiri, csv_file([row("a")], "utf-16"))
    assert "import_file" in page.context["form"].errors
    page = upload(as_keiri, "明細番号\r\na\r\n".encode())
    assert page.context["result"].has_errors()
    assert "confirm_form" not in page.context


def test_staff_return_cancel_and_reissue_through_the_operations(as_keiri, invoice, staff):
    manager = staff(StaffRole.MANAGER)

    def act(name: str, about: Invoice, **entered: str):
        return as_keiri.post(reverse(f"admin:billing_invoice_{name}", args=[about.pk]), entered)

    asked = act("return_part", invoice).context["form"].fields["line_0"]
    assert yen_text(invoice.document["lines"][0]["amount"]) in asked.label
    assert "reason" in act("return_part", invoice, line_0="5000").context["form"].errors
    assert act("return_part", invoice, line_0="５，０００", reason="過請求").status_code == 302
    approve_it(manager)
    assert act("return_rest", invoice, reason="残り").status_code == 302
    approve_it(manager)
    assert sum(invoice.returns.values_list("gross", flat=True)) == -11_000
    assert act("cancel", invoice, reason="誤り").status_code == 200
    assert not Invoice.objects.filter(cancelled_on__isnull=False).exists()


def test_staff_decide_charges_through_the_operations(as_keiri, contract, staff):
    def act(page: str, **entered: str):
        return as_keiri.post(reverse(f"admin:billing_{page}"), {"contract": contract.number, **entered})

    second = staff(StaffRole.MANAGER)
    assert act("adjustment_charge_surcharge", evaded_net="1000", reason="再販売").status_code == 302
    approve_it(second)
    wrong = act("adjustment_charge_surcharge", contract="C26-999999", evaded_net="x", reason="")
    assert set(wrong.context["form"].errors) == {"contract", "evaded_net", "reason"}
    outage = {"known_at": "2026-10-05 00:00", "restored_at": "2026-10-04 00:00", "fault": "ordinary"}
    assert act("recordedoutage_record", **outage, reason="停電").status_code == 200
    price = {"product": "line", "unit_price": "4000", "starts_on": "2026-11-01", "reason": "値引き"}
    assert act("specialprice_set_price", **price).status_code == 302
    approve_it(second)
    assert act("deposit_ask", amount="1000", pay_by="2026-12-01").status_code == 200
    assert (Adjustment.objects.count(), SpecialPrice.objects.count(), Deposit.objects.count()) == (1, 1, 0)
    withdraw = reverse("admin:billing_adjustment_withdraw", args=[Adjustment.objects.latest("pk").pk])
    as_keiri.post(withdraw, {"reason": "誤り"})
    approve_it(second)
    assert Adjustment.objects.pending().count() == 0


def test_prices_change_after_a_notice_in_time(as_keiri, staff, signed_in, ct_e1):
    source = price_list_source("ct-e1").replace("2015-04-01", "2027-01-01")
    form = {
        "service": str(ct_e1.pk),
        "source": source,
        "channel": "email",
        "sent_at": "2026-11-19 10:00",
        "arrived_at": "2026-11-19 11:00",
        "evidence": "配達記録 17",
    }
    address = reverse("admin:billing_pricelistversion_change_prices")
    assert "2027年2月19日" in str(as_keiri.post(address, form).context["form"].errors["source"])
    assert as_keiri.post(address, {**form, "override_reason": "値下げのため"}).status_code == 302
    assert not ct_e1.price_lists.filter(effective_on=date(2027, 1, 1)).exists()
    second = staff(StaffRole.MANAGER)
    approve_it(second)
    manager = signed_in(second)
    stored = ct_e1.price_lists.get(effective_on=date(2027, 1, 1))
    detail = manager.get(reverse("admin:billing_pricelistversion_change", args=[stored.pk]))
    assert "値下げのため" in detail.content.decode()
    wrong = source.replace('"line"', '"nothing"').replace("2027-01-01", "2027-03-01")
    broken = manager.post(address, {**form, "source": wrong})
    assert "nothing" in str(broken.context["form"].errors["source"])


def test_a_tiered_price_is_shown_with_its_tiers(client, ct_e1):
    add_price_list(ct_e1, date(2026, 11, 1), {"seat": 5_000})
    ct_e1.price_lists.filter(effective_on=date(2026, 11, 1)).update(
        source="effective_on = 2026-11-01\n[[prices]]\narticle = 'list-1'\nproduct = 'seat'\n"
        "tax = 'standard'\ntiers = [{ from = 1, unit_price = 5000 }, { from = 11, unit_price = 4321 }]\n"
    )
    shown = client.get(reverse("contracts:service-detail", args=[ct_e1.slug])).content.decode()
    assert "4,321" in shown

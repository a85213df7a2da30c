"""Asking for a statement of account, waiting for it, and getting it."""

from io import BytesIO

import pdfplumber
import pytest
from django.urls import reverse

from billing.models import StatementOfAccount
from billing.runs.bill import bill
from billing.tasks import look_for_work
from contracts.rules.calendar.period import Month
from portal.kept_files import store
from portal.organisations.roles import StaffRole
from tests import scenes

ASK = reverse("billing:invoice-statement", args=["CD"])
NOVEMBER = {"from": "2026-11-01", "to": "2026/11/30"}


@pytest.fixture(autouse=True)
def invoice(contract):
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return contract.invoices.get()


def asked_for(client, **days) -> StatementOfAccount:
    """The statement that a customer asked for, without a worker that has seen it yet."""
    reply = client.post(ASK, {**NOVEMBER, **days})
    asked = StatementOfAccount.objects.latest("pk")
    assert reply.headers["Location"] == reverse("billing:invoice-statement-progress", args=[asked.pk])
    return asked


def test_looking_at_the_page_asks_for_nothing(as_yamada):
    page = as_yamada.get(ASK).content.decode()
    assert 'value="2026-09-01"' in page
    assert 'value="2026-11-20"' in page
    assert not StatementOfAccount.objects.exists()


def test_the_form_says_how_much_fits_and_what_to_do_about_more(as_yamada):
    page = as_yamada.get(ASK).content.decode()
    assert "明細は10,000件までです。これを超える場合は、期間を短く分けて" in page


def test_an_address_of_earlier_releases_leads_to_the_days_it_named(as_yamada):
    page = as_yamada.get(ASK, NOVEMBER).content.decode()
    assert 'value="2026-11-01"' in page
    assert "2026/11/30" in page


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"from": "soon"}, "日付を正しく入力してください"),
        ({"from": "2026-12-01", "to": "2026-11-01"}, "終了日が開始日より前になっています"),
    ],
)
def test_wrong_days_are_refused_at_their_field(as_yamada, days, said):
    reply = as_yamada.post(ASK, {**NOVEMBER, **days})
    assert reply.status_code == 400
    assert said in reply.content.decode()
    assert not StatementOfAccount.objects.exists()


def test_the_page_says_that_it_is_being_made_and_loads_itself_again(as_yamada):
    asked = asked_for(as_yamada)
    page = as_yamada.get(reverse("billing:invoice-statement-progress", args=[asked.pk])).content.decode()
    assert "取引明細書を作成しています" in page
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    file = as_yamada.get(reverse("billing:invoice-statement-pdf", args=[asked.pk]))
    assert file.headers["Location"] == reverse("billing:invoice-statement-progress", args=[asked.pk])


def test_once_it_is_ready_it_is_handed_out_and_listed(as_yamada):
    asked = asked_for(as_yamada)
    look_for_work()
    page = as_yamada.get(reverse("billing:invoice-statement-progress", args=[asked.pk])).content.decode()
    address = reverse("billing:invoice-statement-pdf", args=[asked.pk])
    assert address in page
    assert "hx-trigger" not in page
    assert "http-equiv" not in page
    file = as_yamada.get(address)
    assert file.headers["Content-Disposition"] == 'attachment; filename="statement-CD-20261101-20261130.pdf"'
    with pdfplumber.open(BytesIO(file.content)) as pdf:
        text = pdf.pages[0].extract_text()
    assert "2026年11月1日" in text
    assert "11,000" in text
    assert address in as_yamada.get(reverse("billing:invoice-list")).content.decode()


def test_one_that_could_not_be_made_says_so_without_the_error(as_yamada):
    asked = asked_for(as_yamada)
    StatementOfAccount.objects.update(trouble="OSError: disk full")
    page = as_yamada.get(reverse("billing:invoice-statement-progress", args=[asked.pk])).content.decode()
    assert "まだ作成できていません" in page
    assert "disk full" not in page


def test_one_that_waits_for_long_says_that_nothing_is_lost(as_yamada, now):
    asked = asked_for(as_yamada)
    now.shift(120)
    page = as_yamada.get(reverse("billing:invoice-statement-progress", args=[asked.pk])).content.decode()
    assert "通常より時間がかかっています" in page


def test_an_altered_statement_is_not_handed_out_and_staff_are_told(as_yamada, staff, signed_in):
    asked = asked_for(as_yamada)
    look_for_work()
    asked.refresh_from_db()
    store(asked.pdf.name, b"%PDF-1.7 another")
    reply = as_yamada.get(reverse("billing:invoice-statement-pdf", args=[asked.pk]))
    assert reply.status_code == 404
    assert "ファイルをダウンロードできません" in reply.content.decode()
    first_page = signed_in(staff(StaffRole.BILLING)).get(reverse("admin:index")).content.decode()
    assert f"{asked.pdf.name} (改変)" in first_page


def test_staff_ask_for_a_customer_s(yamada, staff, signed_in, as_suzuki):
    client = signed_in(staff(StaffRole.BILLING))
    address = reverse("billing:statement-of", args=["CD", yamada.pk])
    assert yamada.name in client.get(address).content.decode()
    client.post(address, NOVEMBER)
    asked = StatementOfAccount.objects.get(organisation=yamada)
    assert client.get(reverse("billing:invoice-statement-progress", args=[asked.pk])).status_code == 200
    assert as_suzuki.get(reverse("billing:invoice-statement-progress", args=[asked.pk])).status_code == 404
    assert as_suzuki.post(address, NOVEMBER).status_code == 404


def test_a_provider_that_never_invoiced_has_none(as_yamada, as_suzuki):
    assert as_suzuki.post(ASK, NOVEMBER).status_code == 404
    assert as_yamada.get(reverse("billing:invoice-statement", args=["XX"])).status_code == 404

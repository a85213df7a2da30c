"""The pages on which staff bring running contracts in."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contracts.models import Contract, Takeover
from contracts.takeover.work import carry_on
from portal.approvals.models import Proposal
from portal.organisations.roles import StaffRole
from tests.scenes import works_for, yamada
from tests.takeover_scene import CT_E1, LINES, annulled, book, brought, one, staged

BRING = reverse("admin:contracts_takeover_bring_files")


def _upload(client, provider, *files):
    chosen = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(BRING, {"provider": provider.pk, "chosen": chosen}, follow=True)


def _page(client, takeover, **asked):
    return client.get(reverse("admin:contracts_takeover_change", args=[takeover.pk]), asked).content.decode()


@pytest.mark.django_db
def test_a_file_is_brought_looked_at_and_proposed(ct_e1, first, signed_in):
    client = signed_in(first)
    assert "ひな形をダウンロード" in client.get(BRING).content.decode()
    _upload(client, ct_e1.provider, ("旧システム.xlsx", book(one())))
    takeover = Takeover.objects.get()
    carry_on(takeover.pk, "a worker")
    page = _page(client, takeover)
    assert "K-1" in page
    assert "次の終了に間に合う解約の期限" in page
    assert "最初の請求：2026年11月" in page
    client.post(reverse("admin:contracts_takeover_propose", args=[takeover.pk]), {"confirm": "1"})
    assert Proposal.objects.get().state == Proposal.State.WAITS
    assert "もう一人" in _page(client, takeover) or "承認" in _page(client, takeover)


@pytest.mark.django_db
def test_several_files_of_csv_at_once_are_one_file(ct_e1, first, signed_in):
    def csv(line):
        return "\r\n".join([",".join(line), ",".join(map(str, line.values()))]).encode()

    _upload(signed_in(first), ct_e1.provider, ("契約.csv", csv(CT_E1)), ("品目.csv", csv(LINES)))
    takeover = Takeover.objects.get()
    assert takeover.file_name == "契約.csv、品目.csv"


@pytest.mark.django_db
def test_what_is_no_table_is_refused_at_the_field(ct_e1, first, signed_in):
    page = _upload(signed_in(first), ct_e1.provider, ("写真.jpg", b"\xff\xd8\xff\xe0")).content.decode()
    assert "でもそのZIPでもありません" in page
    assert not Takeover.objects.exists()


@pytest.mark.django_db
def test_refused_rows_say_where_and_why_in_the_readers_language(ct_e1, first, signed_in):
    takeover = staged({"契約": [CT_E1], "品目": [{**LINES, "品目": "旧プラン"}]}, ct_e1.provider, first)
    client = signed_in(first)
    assert "品目 / 2行目 / 品目: 現在の約款に「旧プラン」という品目はありません。" in _page(client, takeover)
    client.cookies["django_language"] = "en"
    assert "products / row 2 / product: The terms in force know no product “旧プラン”." in _page(
        client, takeover
    )


@pytest.mark.django_db
def test_the_template_has_every_sheet_in_the_readers_language(ct_e1, first, signed_in):
    answer = signed_in(first).get(reverse("admin:contracts_takeover_template"))
    workbook = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert workbook.sheetnames[:3] == ["契約", "届出事項", "品目"]
    assert {"未収", "預り金", "保証金", "口座振替", "未請求利用", "同意書", "個別契約"} <= set(
        workbook.sheetnames
    )
    assert workbook["契約"]["A1"].value == "旧契約番号"


@pytest.mark.django_db
def test_staff_of_another_provider_see_nothing_of_it(ct_e1, first, make_staff, signed_in):
    from tests.billing_scene import load_service

    other = load_service("simpleconnect")
    takeover = staged(one(), ct_e1.provider, first)
    stranger = works_for(make_staff("other@provider.example", StaffRole.MANAGER), other.provider)
    client = signed_in(stranger)
    names = ("change", "progress", "propose", "discard_file", "annul")
    for name in names:
        address = reverse(f"admin:contracts_takeover_{name}", args=[takeover.pk])
        assert client.get(address).status_code in (302, 403, 404), name
        assert client.post(address, {"reason": "x"}).status_code in (302, 403, 404, 405), name
    assert Takeover.objects.get().state == Takeover.State.CHECKED
    assert (
        "旧システム.xlsx" not in client.get(reverse("admin:contracts_takeover_changelist")).content.decode()
    )
    page = _upload(client, ct_e1.provider, ("a.xlsx", book(one()))).content.decode()
    assert Takeover.objects.count() == 1
    assert "a.xlsx" not in page


@pytest.mark.django_db
def test_an_annulled_contract_is_marked_for_staff_and_gone_for_the_customer(ct_e1, first, second, signed_in):
    contract = brought(one(), ct_e1.provider, first, second)
    customer = signed_in(yamada().memberships.get().user)
    own = reverse("contracts:contract-detail", args=[contract.number])
    assert customer.get(own).status_code == 200
    staff = signed_in(first)
    page = reverse("admin:contracts_contract_change", args=[contract.pk])
    assert "K-1" in staff.get(page).content.decode()
    annulled(Takeover.objects.get(), first, second)
    assert customer.get(own).status_code == 404
    assert contract.number not in customer.get(reverse("contracts:contract-list")).content.decode()
    assert "取消済み" in staff.get(page).content.decode()
    assert contract.number in staff.get(reverse("admin:contracts_contract_changelist")).content.decode()
    suspend = reverse("admin:contracts_contract_suspend", args=[contract.pk])
    assert staff.post(suspend, {}).status_code in (302, 404)
    assert Contract.everything.get().suspensions.count() == 0


@pytest.mark.django_db
def test_a_customer_sees_an_open_item_and_its_contract(ct_e1, first, second, signed_in):
    item = {
        "旧契約番号": "K-1",
        "書類番号": "SEI-1",
        "発行日": "2026-10-10",
        "支払期日": "2026-11-30",
        "請求額": 5500,
    }
    brought(one(open_items=[item]), ct_e1.provider, first, second)
    customer = signed_in(yamada().memberships.get().user)
    page = customer.get(reverse("billing:invoice-detail", args=["SEI-1"])).content.decode()
    assert "以前のシステムで発行した請求書" in page
    assert "5,500" in page
    assert "SEI-1" in customer.get(reverse("billing:invoice-list")).content.decode()
    staff = signed_in(first)
    from billing.models import Invoice

    admin_page = reverse("admin:billing_invoice_change", args=[Invoice.objects.get().pk])
    assert staff.get(admin_page).status_code == 200
    assert (
        staff.get(reverse("admin:contracts_contract_history", args=[Contract.objects.get().pk])).status_code
        == 200
    )


@pytest.mark.django_db
def test_the_page_of_a_file_asks_the_database_no_more_for_more_rows(ct_e1, first, signed_in):
    def asked(count):
        numbers = [f"{count}-{place}" for place in range(count)]
        sheets = {
            "契約": [{**CT_E1, "旧契約番号": number} for number in numbers],
            "品目": [{**LINES, "旧契約番号": number} for number in numbers],
        }
        takeover = staged(sheets, ct_e1.provider, first)
        _page(client, takeover)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            _page(client, takeover)
        return len(queries)

    client = signed_in(first)
    assert asked(1) == asked(6)

"""Accounts to debit, agreements, consents and deposits that come along with a contract."""

from datetime import date

import pytest
from django.utils import timezone

from billing.models import DebitMandate, Deposit, Invoice
from billing.receivables.deposits import return_deposit
from contracts.consents.certificate import certificate
from contracts.consents.chain import first_fault
from contracts.models import Consent
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.scenes import suzuki, yamada
from tests.takeover_scene import CT_E1, LINES, brought, one, row_of, staged, told

ACCOUNT = {
    "旧契約番号": "K-1",
    "銀行コード": 1,
    "銀行名": "ミホン",
    "支店コード": "001",
    "支店名": "ホンテン",
    "預金種目": "普通",
    "口座番号": "1234567",
    "口座名義": "ヤマダシヨウジ",
    "振替実績": "あり",
}
DEBITED = {
    **CT_E1,
    "サービス": "partner-cloud-e",
    "成立日": "2025-01-20",
    "利用開始日": "2025-02-01",
    "支払方法": "口座振替",
}


def _debited(**further):
    return {"契約": [DEBITED], "品目": [{**LINES, "品目": "base"}], **further}


@pytest.fixture
def partner_cloud(db):
    yamada()
    return load_priced_service("partner-cloud-e")


@pytest.mark.django_db
def test_the_account_to_debit_is_stored_as_banks_write_it(partner_cloud, first, second):
    brought(_debited(口座振替=[ACCOUNT]), partner_cloud.provider, first, second)
    mandate = DebitMandate.objects.get()
    assert (mandate.bank_code, mandate.holder, mandate.used) == ("0001", "ﾔﾏﾀﾞｼﾖｳｼﾞ", True)


@pytest.mark.django_db
def test_a_name_that_no_bank_writes_is_refused_at_its_column(partner_cloud, first):
    wrong = {**ACCOUNT, "口座名義": "山田商事"}
    row = row_of(staged(_debited(口座振替=[wrong]), partner_cloud.provider, first))
    (text,) = told(row)
    assert text.startswith("口座振替 / 2行目 / 口座名義: ")
    assert set(row.problems[0]["values"]["text"]) == {"ja", "en"}


@pytest.mark.django_db
def test_an_agreement_goes_before_the_terms_that_a_stated_minimum_is_compared_with(
    partner_cloud, first, second
):
    agreed = {
        "旧契約番号": "K-1",
        "表題": "特約",
        "効力発生日": "2025-02-01",
        "置き換える規則": "[minimum_term]\nmonths = 24\n",
    }
    line = {**DEBITED, "最低利用期間満了日": "2027-01-31"}
    sheets = {"契約": [line], "品目": [{**LINES, "品目": "base"}]}
    assert row_of(staged(sheets, partner_cloud.provider, first)).verdict == "refused"
    contract = brought({**sheets, "個別契約": [agreed]}, partner_cloud.provider, first, second)
    assert contract.agreements.get().title == "特約"


@pytest.mark.django_db
def test_a_consent_on_paper_stands_in_the_chain_and_is_certified(ct_e1, first, second):
    version = ct_e1.versions.get()
    stated = {"旧契約番号": "K-1", "約款の版": version.name, "同意日": "2024-03-20"}
    brought(one(同意書=[stated]), ct_e1.provider, first, second)
    consent = Consent.objects.get()
    assert first_fault() is None
    assert certificate(consent, date(2026, 11, 20)).startswith(b"%PDF")


@pytest.mark.django_db
def test_a_deposit_is_returned_like_any_other(ct_e1, first, second):
    stated = {"旧契約番号": "K-1", "金額": 30000, "受領日": "2024-03-30"}
    brought(one(保証金=[stated]), ct_e1.provider, first, second)
    returned = return_deposit(
        Deposit.objects.get(), timezone.localdate(), first, approval=approved("deposit_return")
    )
    assert returned.returned_amount == 30000


@pytest.mark.django_db
def test_two_providers_may_have_documents_of_one_number(ct_e1, first, second):
    suzuki()
    other = load_priced_service("partner-cloud-e")
    item = {
        "旧契約番号": "K-1",
        "書類番号": "1001",
        "発行日": "2026-10-10",
        "支払期日": "2026-10-31",
        "請求額": 5500,
    }
    brought(one(未収=[item]), ct_e1.provider, first, second)
    sheets = {
        "契約": [{**DEBITED, "支払方法": "振込", "顧客名": suzuki().name}],
        "品目": [{**LINES, "品目": "base"}],
        "未収": [item],
    }
    brought(sheets, other.provider, first, second)
    assert [claim.number for claim in Invoice.objects.all()] == ["1001", "1001"]
    again = {
        "契約": [{**CT_E1, "旧契約番号": "K-2"}],
        "品目": [{**LINES, "旧契約番号": "K-2"}],
        "未収": [{**item, "旧契約番号": "K-2"}],
    }
    (text,) = told(row_of(staged(again, ct_e1.provider, first), "K-2"))
    assert text.startswith("未収 / 2行目 / 書類番号")

"""Tables of payments, mandates, special prices and price lists."""

import pytest

from billing.models import CreditBalance, DebitMandate, Invoice, Payment, PriceListVersion, SpecialPrice
from billing.receivables.bank import branches
from billing.runs.bill import bill
from contracts.rules.calendar.period import Month
from portal.approvals.models import Proposal
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approve_it
from tests.billing_scene import load_priced_service
from tests.tables_scene import outcomes, reasons, shown, taken

MANDATES = ["name", "bank_code", "branch_code", "account_kind", "account_number", "holder"]
PRICES = ["service", "effective_on", "product", "unit_price"]
SPECIAL = ["contract", "product", "unit_price", "starts_on", "ends_on", "reason"]


@pytest.fixture
def contract(db):
    return scenes.running(load_priced_service("ct-e1"), {"line": 1}, scenes.yamada())


@pytest.fixture
def clerk(make_staff, contract):
    return make_staff("keiri@provider.example", StaffRole.BILLING)


@pytest.fixture
def manager(make_staff, contract):
    return make_staff("boss@provider.example", StaffRole.MANAGER)


@pytest.fixture
def invoice(contract) -> Invoice:
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-11-10"))
    return Invoice.objects.get()


def test_a_payment_is_booked_once_however_often_its_line_comes(clerk, invoice):
    line = ["invoice", "paid_on", "amount", "reference"], [invoice.number, "2026-11-20", "¥1,000", "A-1"]
    table = shown("payments", [*line, line[1]], clerk)
    assert outcomes(table) == ["new", "refused"]
    taken("payments", line, clerk)
    assert outcomes(shown("payments", line, clerk)) == ["unchanged"]
    assert [payment.amount for payment in Payment.objects.all()] == [1000]


def test_what_exceeds_the_invoice_is_credit_and_known_again(clerk, invoice):
    line = [["invoice", "paid_on", "amount", "reference"]]
    line.append([invoice.number, "2026/11/20", invoice.gross + 500, "A-1"])
    taken("payments", line, clerk)
    assert CreditBalance.objects.get().amount == 500
    assert outcomes(shown("payments", line, clerk)) == ["unchanged"]


def test_another_amount_under_a_known_reference_is_refused(clerk, invoice):
    headings = ["invoice", "paid_on", "amount", "reference"]
    taken("payments", [headings, [invoice.number, "2026-11-20", 1000, "A-1"]], clerk)
    table = shown("payments", [headings, [invoice.number, "2026-11-20", 2000, "A-1"]], clerk)
    assert outcomes(table) == ["refused"]
    assert "別の内容で登録済み" in reasons(table)[0]


def test_an_operation_refuses_in_its_own_words(clerk, invoice):
    headings = ["invoice", "paid_on", "amount", "reference"]
    rows = [[invoice.number, "2099-01-01", 1, "B"], ["X-1", "2026-11-20", 1, "C"]]
    said = reasons(shown("payments", [headings, *rows], clerk))
    assert said[0].startswith("入金日: ")
    assert said[1] == "請求書番号: この番号の請求書はありません。"


@pytest.fixture
def banks(monkeypatch):
    """Two banks, whatever the banks' list says."""

    class Named:
        def __init__(self, name, kana, **inner):
            self.name, self.kana, self.branches = name, kana, inner

    known = {"0001": Named("みずほ", "ミズホ", **{"001": Named("東京営業部", "トウキヨウ")})}
    monkeypatch.setattr(branches, "_banks", lambda: known)


def test_a_mandate_gets_the_names_of_its_bank(clerk, contract, banks):
    row = [contract.organisation.name, "1", "１", "普通預金", "12345", "ヤマダショウジ"]
    table = taken("mandates", [MANDATES, row], clerk)
    assert reasons(table) == []
    assert table.rows[0]["note"] == "みずほ 東京営業部"
    stored = DebitMandate.objects.get()
    assert (stored.bank_code, stored.branch_code, stored.account_number) == ("0001", "001", "0012345")
    assert (stored.bank_name, stored.branch_name, stored.holder) == ("ﾐｽﾞﾎ", "ﾄｳｷﾖｳ", "ﾔﾏﾀﾞｼﾖｳｼﾞ")
    assert outcomes(shown("mandates", [MANDATES, row], clerk)) == ["unchanged"]


def test_codes_that_the_banks_do_not_know_are_refused(clerk, contract, banks):
    name = contract.organisation.name
    rows = [[name, "9998", "001", "1", "1", "ﾔﾏﾀﾞ"]]
    assert reasons(shown("mandates", [MANDATES, *rows], clerk)) == [
        "金融機関コード: この金融機関コードの金融機関はありません。"
    ]
    rows = [[name, "0001", "999", "1", "1", "ﾔﾏﾀﾞ"]]
    assert reasons(shown("mandates", [MANDATES, *rows], clerk)) == [
        "支店コード: この支店コードの支店はありません。"
    ]


def test_the_banks_list_knows_banks():
    pytest.importorskip("zengin_code")
    found = branches.branch_of("0001", "001")
    assert (found.bank_name, found.branch_name) == ("ﾐｽﾞﾎ", "ﾄｳｷﾖｳ")
    with pytest.raises(branches.UnknownBankError):
        branches.branch_of("9998", "001")
    with pytest.raises(branches.UnknownBranchError):
        branches.branch_of("0001", "9z9")


def test_another_account_takes_the_place_of_the_one_before(clerk, contract, banks):
    row = [contract.organisation.name, "0001", "001", "1", "1234567", "ﾔﾏﾀﾞ"]
    taken("mandates", [MANDATES, row], clerk)
    table = taken("mandates", [MANDATES, [*row[:4], "7654321", row[5]]], clerk)
    assert table.rows[0]["changes"] == [["口座番号", "1234567", "7654321"]]
    assert [one.account_number for one in DebitMandate.objects.filter(ended_on=None)] == ["7654321"]


def test_a_special_price_is_proposed_and_known_once_approved(clerk, manager, contract):
    version = contract.service.versions.first()
    name = version.policy.product("line").name.ja
    row = [contract.number, name, "4,500円", "2027-04-01", "", "個別見積"]
    taken("special_prices", [SPECIAL, row], clerk)
    assert not SpecialPrice.objects.exists()
    assert outcomes(shown("special_prices", [SPECIAL, row], clerk)) == ["refused"]
    approve_it(manager)
    assert SpecialPrice.objects.get().unit_price == 4500
    assert outcomes(shown("special_prices", [SPECIAL, row], clerk)) == ["unchanged"]
    table = shown("special_prices", [SPECIAL, [*row[:2], 4000, *row[3:]]], clerk)
    assert "変更できません" in reasons(table)[0]
    table = taken("special_prices", [SPECIAL, [*row[:4], "2028-03-31", row[5]]], clerk)
    assert outcomes(table) == ["changed"]
    assert Proposal.objects.filter(state=Proposal.State.WAITS).get().kind == "special_price_end"


def listed(contract) -> list[list[object]]:
    prices = PriceListVersion.objects.get().prices.prices
    return [
        [contract.service.slug, "2027-04-01", price.product, first and unit]
        for price in prices
        for first, unit in price.bands
    ]


def test_a_price_list_lacks_no_product_of_the_one_before(clerk, contract):
    rows = [row for row in listed(contract) if row[2] != "line"]
    table = shown("price_lists", [PRICES, *rows], clerk)
    assert set(outcomes(table)) == {"refused"}
    assert "line" in reasons(table)[0]


def test_what_customers_have_to_be_told_first_is_said(clerk, contract):
    rows = [[*row[:3], 5200 if row[2] == "line" else row[3]] for row in listed(contract)]
    table = shown("price_lists", [PRICES, *rows], clerk)
    assert set(outcomes(table)) == {"refused"}


def test_a_price_list_is_proposed_and_keeps_what_the_table_leaves_out(clerk, manager, contract):
    before = PriceListVersion.objects.get().prices
    told = ["書面", "2026-11-01 10:00", "2026-11-04 10:00", "配達証明 3号", "急ぎのため"]
    rows = [[*row[:3], 5200 if row[2] == "line" else row[3], *told] for row in listed(contract)]
    headings = [*PRICES, "channel", "sent_at", "arrived_at", "evidence", "override_reason"]
    assert reasons(shown("price_lists", [headings, *rows], clerk)) == []
    taken("price_lists", [headings, *rows], clerk)
    approve_it(manager)
    after = PriceListVersion.objects.order_by("-effective_on").first().prices
    changed = [price for price in after.prices if price not in before.prices]
    assert [(price.product, price.unit_price) for price in changed] == [("line", 5200)]
    assert set(outcomes(shown("price_lists", [headings, *rows], clerk))) == {"unchanged"}

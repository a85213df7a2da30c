"""Files of banks: their account, rows that are no entries, and names with the forms of corporations."""

from importlib import import_module
from pkgutil import iter_modules

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from billing import migrations
from billing.documents.bank_files.transactions import read_statements, write_transactions
from billing.models import BankImport, BankTransaction, PayerName
from billing.receivables.allocation import match_certain
from billing.receivables.bank.imports import import_file, import_files, preview_file, preview_files
from billing.runs.bill import bill
from portal.audit.models import AuditEntry
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.receivables_scene import PAID_ON, bank_account, came_in, deposits, entry
from tests.scenes import staff_member, works_for

Status = BankTransaction.Status


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def account(service):
    return bank_account(service.provider)


@pytest.fixture
def invoices(service, organisation, user):
    """11,000 yen, due on 2026-10-31."""
    make_contract(service, organisation, user, "C26-000001", {"line": 2})
    bill(service.provider, OCTOBER, ISSUE_DAY)


@pytest.fixture
def clerk(account):
    return works_for(staff_member(), account.provider)


@pytest.fixture
def second(account):
    columns = {"encoding": "cp932", "day": "取引日", "payer": "名義", "incoming": "入金", "rows_before": 1}
    return bank_account(account.provider, account_number="2222222", csv_columns=columns)


def test_the_account_is_recognised_from_the_records_of_the_bank(account, second, clerk):
    (stored,) = import_files(None, "02.txt", deposits(second, entry(100)), clerk)
    assert stored.account == second
    (preview,) = preview_files(None, deposits(account, entry(200), transactions=True), clerk)
    assert (preview.account, preview.total) == (account, 200)


def test_a_file_of_two_accounts_is_booked_to_both(account, second, clerk):
    both = write_transactions([of_account(account, 100), of_account(second, 200)], PAID_ON)
    assert [stored.account for stored in import_files(None, "03.txt", both, clerk)] == [account, second]
    assert [row.amount for row in BankTransaction.objects.order_by("account")] == [100, 200]
    with pytest.raises(ValidationError) as again:
        import_files(None, "03.txt", both, clerk)
    assert again.value.code == "imported_before"


def of_account(account, amount):
    (statement,) = read_statements(deposits(account, entry(amount), transactions=True), PAID_ON)
    return statement


def test_nothing_is_booked_when_one_of_two_accounts_refuses(account, second, clerk):
    both = write_transactions([of_account(account, 100), of_account(second, 200)], PAID_ON)
    import_file(second, "03.txt", both)
    with pytest.raises(ValidationError):
        import_files(None, "again.txt", both, clerk)
    assert not account.transactions.exists()


def test_an_account_of_another_provider_is_not_recognised(account, clerk):
    file = deposits(account, entry(100))
    stranger = works_for(staff_member())
    with pytest.raises(ValidationError) as refused:
        import_files(None, "02.txt", file, stranger)
    assert refused.value.code == "account_unknown"
    assert not BankImport.objects.exists()


def test_a_csv_is_recognised_by_its_headings_or_its_number(account, second, clerk):
    by_headings = "日付,摘要,入金\n2026/11/12,ﾐﾅﾄ,100\n".encode("cp932")
    assert [stored.account for stored in import_files(None, "a.csv", by_headings, clerk)] == [account]
    by_number = "口座番号 2222222\n取引日,名義,入金\n2026/11/12,ﾐﾅﾄ,100\n".encode("cp932")
    assert [stored.account for stored in import_files(None, "b.csv", by_number, clerk)] == [second]
    with pytest.raises(ValidationError) as refused:
        import_files(None, "c.csv", "何か,別\n1,2\n".encode("cp932"), clerk)
    assert list(refused.value.error_dict) == ["account"]


def test_a_csv_that_may_be_of_two_accounts_asks_which(account, clerk):
    bank_account(account.provider, account_number="3333333")
    with pytest.raises(ValidationError) as refused:
        import_files(None, "a.csv", "日付,摘要,入金\n2026/11/12,ﾐﾅﾄ,100\n".encode("cp932"), clerk)
    assert list(refused.value.error_dict) == ["account"]
    assert not BankImport.objects.exists()


def test_a_csv_that_states_another_account_is_refused(account, second):
    file = "口座番号 0000001\n取引日,名義,入金\n2026/11/12,ﾐﾅﾄ,100\n".encode("cp932")
    with pytest.raises(ValidationError) as refused:
        import_file(second, "b.csv", file)
    assert refused.value.code == "other_account"


def test_rows_that_are_no_entries_are_told_with_their_lines(account):
    rows = "日付,摘要,入金,出金\n2026/11/11,前月繰越,,\n2026/11/12,ｶ)ﾐﾅﾄｼﾖｳｼﾞ,\\1,000,\n".replace(
        "\\1,000", '"\\1,000"'
    )
    rows += "2026/11/12,ﾃｽｳﾘﾖｳ,,440\n合計,,,\n"
    preview = preview_file(account, rows.encode("cp932"))
    assert [(row.line, row.text) for row in preview.skipped] == [(2, "前月繰越"), (4, "ﾃｽｳﾘﾖｳ"), (5, "合計")]
    assert preview.total == 1000
    import_file(account, "a.csv", rows.encode("cp932"))
    assert AuditEntry.objects.get(action="bank_file.imported").data["skipped"] == 3


@pytest.mark.parametrize("payer", ["ｲ)ﾐﾅﾄｼﾖｳｼﾞ", "ﾐﾅﾄｼﾖｳｼﾞ(ﾄｸﾋ", "ｲﾂﾊﾟﾝｼﾔﾀﾞﾝﾎｳｼﾞﾝﾐﾅﾄｼﾖｳｼﾞ"])
def test_any_form_of_a_corporation_leaves_no_doubt(account, invoices, payer):
    (stored,) = came_in(account, entry(11_000, payer))
    match_certain(account.provider)
    stored.refresh_from_db()
    assert stored.status == Status.SETTLED


def test_names_remembered_with_a_form_are_remembered_without_it(account, organisation):
    """What an earlier release remembered of ｲ)ﾐﾅﾄ was ｲﾐﾅﾄ."""
    came_in(account, entry(1, "ｲ)ﾍﾞﾂﾅﾏｴ"), entry(2, "ﾀﾞﾚｶ"))
    PayerName.objects.create(organisation=organisation, name="ｲﾍﾞﾂﾅﾏｴ")
    named = (module.name for module in iter_modules(migrations.__path__))
    found = next(name for name in named if name.endswith("_payer_names_without_form"))
    import_module(f"billing.migrations.{found}").remember_without_form(apps, None)
    names = set(organisation.payer_names.values_list("name", flat=True))
    assert names == {"ｲﾍﾞﾂﾅﾏｴ", "ﾍﾞﾂﾅﾏｴ"}

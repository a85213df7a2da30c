"""What came in on the demonstration's bank accounts: matched, in part, and left to be matched; direct debits.

Files to try out are stored beside the logins: one of each bank account to import, and the results of a direct
debit that was requested.
"""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate

from billing.approvals.bank_accounts import BANK_ACCOUNT, BankAccountData
from billing.approvals.direct_debits import DIRECT_DEBIT, DirectDebitData
from billing.documents.bank_files.accounts import Account
from billing.documents.bank_files.charset import bank_kana
from billing.documents.bank_files.direct_debit import read_debits, write_debits
from billing.documents.bank_files.transactions import Entry, Statement, write_deposits
from billing.models import BankAccount, BankTransaction, Invoice
from billing.receivables.allocation import allocate, match_certain
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.bank.imports import import_file
from billing.receivables.direct_debits import preview_debit, request_file
from billing.receivables.open_items import Terms, open_invoices
from contracts.models import Provider
from contracts.rules.calendar.period import japan_date
from portal.demo.approving import decided_by_two
from portal.organisations.models import User

_UNKNOWN_PAYER, _UNKNOWN_AMOUNT = "ニホンミホンショウジ", 54_321
_KINDS = {"普通": "1", "当座": "2"}
_DONE, _NO_FUNDS = "0", "1"


def bank_files_folder() -> Path:
    return Path(settings.VAR_DIR) / "demo-bank-files"


def show_receivables(now: datetime, staff: User, second: User) -> None:
    """Bank accounts of every provider, a file that was imported and one that was not, and a direct debit."""
    today = japan_date(now)
    folder = bank_files_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for place, provider in enumerate(Provider.objects.order_by("code"), 1):
        account = _account(provider, place, staff, second, now)
        _debits(account, provider, staff, second, now)
        by_transfer = Invoice.objects.filter(provider=provider, document__payment_method="transfer")
        waiting = list(open_invoices(by_transfer.filter(due_on__gte=today)))
        overdue = list(open_invoices(by_transfer.filter(due_on__lt=today)))
        stored = import_file(
            account, f"{provider.code}-{today:%Y%m%d}.txt", _file(account, waiting, today), staff
        )
        match_certain(provider, staff)
        _pay_in_part(stored.transactions.filter(status=BankTransaction.Status.OPEN), waiting, today, staff)
        (folder / f"{provider.code}-deposits.txt").write_bytes(_file(account, overdue, today, again=True))


def _account(provider: Provider, place: int, staff: User, second: User, now: datetime) -> BankAccount:
    shown: dict[str, str] = provider.on(localdate()).bank_account
    values: dict[str, Any] = {
        "bank_code": shown.get("bank_code", "9990"),
        "bank_name": "ミホンギンコウ",
        "branch_code": shown.get("branch_code", "001"),
        "branch_name": "ホンテン",
        "account_kind": _KINDS.get(shown["kind"], "9"),
        "account_number": shown["number"],
        "holder": shown["holder"],
        "consignor_code": f"{place:010}",
        "transfer_code": f"{place:010}",
        "csv_columns": {"encoding": "cp932", "day": "日付", "payer": "摘要", "incoming": "入金"},
    }
    wanted = BankAccountData(provider=provider.code, **values)
    decided_by_two(BANK_ACCOUNT, wanted, staff, second, now)
    return BankAccount.objects.filter(provider=provider).latest("pk")


def _file(account: BankAccount, invoices: list[Any], today: date, *, again: bool = False) -> bytes:
    """Transfers with the invoice's number, the last of which pays half; and one of somebody nobody knows.

    A file that comes `again` pays in full, and holds the unknown transfer a second time.
    """
    entries = [
        Entry(
            booked_on=today,
            value_on=today,
            amount=invoice.open_amount,
            payer=bank_kana(invoice.organisation.kana),
            reference=invoice.number,
        )
        for invoice in invoices
    ]
    if entries and not again:
        entries[-1] = replace(entries[-1], amount=entries[-1].amount // 2, reference="")
    payer = bank_kana(_UNKNOWN_PAYER)
    entries.append(Entry(booked_on=today, value_on=today, amount=_UNKNOWN_AMOUNT, payer=payer))
    of = Account(
        bank_code=account.bank_code,
        branch_code=account.branch_code,
        kind=account.account_kind,
        number=account.account_number,
    )
    return write_deposits(
        [Statement(account=of, from_day=today, to_day=today, entries=tuple(entries))], today
    )


def _pay_in_part(entries: Any, invoices: list[Any], today: date, staff: User) -> None:
    """Match by hand the transfer that pays half of an invoice, where the terms take that as a payment."""
    terms = Terms(today)
    for entry in entries:
        for invoice in invoices:
            halved = invoice.open_amount // 2 == entry.amount
            if halved and not terms.whole_only(invoice):
                allocate(entry, {invoice.number: entry.amount}, None, staff)
                return


def _debits(account: BankAccount, provider: Provider, staff: User, second: User, now: datetime) -> None:
    """Mandates of who pays by direct debit, a request for the next debit day, and the bank's answer to it."""
    today = japan_date(now)
    by_debit = Invoice.objects.filter(provider=provider, document__payment_method="debit")
    customers = {invoice.organisation for invoice in by_debit.select_related("organisation")}
    for place, organisation in enumerate(sorted(customers, key=lambda one: one.pk), 1):
        values = {
            "bank_code": "9995",
            "bank_name": "オキヤクギンコウ",
            "branch_code": f"{place:03}",
            "branch_name": "エキマエ",
            "account_kind": "1",
            "account_number": f"{1_234_000 + organisation.pk:07}",
            "holder": organisation.kana,
        }
        save_mandate(provider, organisation, values, staff, today)
    days = sorted(set(by_debit.filter(due_on__gt=today).values_list("due_on", flat=True)))
    for day in days[:1]:
        if not preview_debit(account, day).lines:
            continue
        wanted = DirectDebitData(account=account.pk, debit_on=day)
        decided_by_two(DIRECT_DEBIT, wanted, staff, second, now)
        batch = account.debit_batches.get(debit_on=day)
        asked = read_debits(request_file(batch), with_results=False)
        results = [_DONE] * (len(asked.debits) - 1) + [_NO_FUNDS if len(asked.debits) > 1 else _DONE]
        answered = tuple(
            replace(debit, result=result) for debit, result in zip(asked.debits, results, strict=True)
        )
        content = write_debits(replace(asked, debits=answered), with_results=True)
        (bank_files_folder() / f"{provider.code}-debit-results-{day:%Y%m%d}.txt").write_bytes(content)

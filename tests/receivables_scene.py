"""Scenes for tests of receivables: a provider's account, and bank files of what came in on it."""

from datetime import date
from io import BytesIO

import pdfplumber

from billing.correspondence.letter_pdfs import AnyLetter, draw_letter, kept_pdf
from billing.documents.bank_files.accounts import Account
from billing.documents.bank_files.direct_debit import Debit, DebitFile, read_debits, write_debits
from billing.documents.bank_files.transactions import Entry, Statement, write_deposits, write_transactions
from billing.models import BankAccount, BankTransaction, DirectDebitBatch
from billing.receivables.bank.accounts import save_bank_account
from billing.receivables.bank.imports import import_file
from billing.receivables.direct_debits import request_file
from contracts.models import Provider
from tests.approving import approved

PAID_ON = date(2026, 11, 12)
ACCOUNT = {
    "bank_code": "1",
    "bank_name": "ミホンギンコウ",
    "branch_code": "1",
    "branch_name": "ホンテン",
    "account_kind": "1",
    "account_number": "1",
    "holder": "カ）コムデザイン",
    "consignor_code": "1234567890",
    "csv_columns": {"encoding": "cp932", "day": "日付", "payer": "摘要", "incoming": "入金"},
}

MANDATE = {
    "bank_code": "0005",
    "bank_name": "ミホン",
    "branch_code": "012",
    "branch_name": "ミナト",
    "account_kind": "1",
    "account_number": "7654321",
    "holder": "カ）ミナトショウジ",
}


def bank_account(provider: Provider, **changes) -> BankAccount:
    return save_bank_account(provider, {**ACCOUNT, **changes}, None, approval=approved("bank_account"))


def drawn_pdf(letter: AnyLetter) -> bytes:
    """A letter's PDF, once a worker has drawn it."""
    draw_letter(letter)
    return kept_pdf(letter) or b""


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as pages:
        return "\n".join(page.extract_text() for page in pages.pages)


def entry(amount: int, payer: str = "ｶ)ﾐﾅﾄｼﾖｳｼﾞ", **changes) -> Entry:
    values = {"booked_on": PAID_ON, "value_on": PAID_ON, "amount": amount, "payer": payer, **changes}
    return Entry(**values)


def deposits(account: BankAccount, *entries: Entry, transactions: bool = False) -> bytes:
    """A bank file with entries of the account."""
    of = Account(
        bank_code=account.bank_code,
        branch_code=account.branch_code,
        kind=account.account_kind,
        number=account.account_number,
    )
    statement = Statement(account=of, from_day=PAID_ON, to_day=PAID_ON, entries=entries)
    return (write_transactions if transactions else write_deposits)([statement], PAID_ON)


def came_in(account: BankAccount, *entries: Entry) -> list[BankTransaction]:
    """Entries that were imported, in the order of the file."""
    stored = import_file(account, "meisai.txt", deposits(account, *entries))
    return list(stored.transactions.order_by("line"))


def answered(batch: DirectDebitBatch, *results: str) -> bytes:
    """The bank's answer to a request, with a result for each line."""
    asked = read_debits(request_file(batch), with_results=False)
    debits = tuple(
        Debit(**{**vars(debit), "result": result})
        for debit, result in zip(asked.debits, results, strict=True)
    )
    return write_debits(DebitFile(**{**vars(asked), "debits": debits}), with_results=True)

"""Taking in what a bank says came in, each entry once."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.documents.bank_files.charset import comparable_name
from billing.documents.bank_files.csv_statement import Columns, read_csv
from billing.documents.bank_files.transactions import Entry, Skipped, Statement, read_statements
from billing.models import BankAccount, BankImport, BankTransaction
from billing.receivables.bank.of_account import chosen_or_stated, ensure_not_of_another, is_fixed, is_of
from billing.receivables.bank.reading import read_bank_file
from contracts.wording.formats import day_text
from portal.audit.record import record
from portal.organisations.models import User
from portal.search.indexing import index_all


@dataclass(frozen=True)
class NewEntry:
    """An entry that would be taken in. With a `doubt` it is parked until somebody has looked."""

    entry: Entry
    fingerprint: str
    doubt: str


@dataclass
class ImportPreview:
    """What taking in a file would do to an account.

    `known` counts entries that are stored already, `outgoing` those that went out; `skipped` are rows that
    are no entries. `other_accounts` are numbers of accounts in the file whose entries are left out.
    """

    account: BankAccount
    new: list[NewEntry] = field(default_factory=list)
    known: int = 0
    outgoing: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    other_accounts: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(found.entry.amount for found in self.new)


def preview_file(account: BankAccount, content: bytes) -> ImportPreview:
    """Read a file of kind 01 or 03 or a CSV file, and say what is new in it, without storing anything.

    ValidationError with every problem of the file, where it is of another account, or when it was taken in
    before.
    """
    ensure_not_of_another(account, content)
    digest = hashlib.sha256(content).hexdigest()
    if earlier := account.imports.filter(content_hash=digest).first():
        text = _("This file was imported on %(day)s as %(name)s. Nothing was added.")
        values = {"day": day_text(timezone.localdate(earlier.at)), "name": earlier.file_name}
        raise ValidationError(text % values, code="imported_before")
    preview = ImportPreview(account)
    entries: list[Entry] = []
    for statement in _statements(account, content, localdate()):
        if statement.account is None or is_of(account, statement.account):
            entries += statement.entries
            preview.skipped += statement.skipped
        else:
            preview.other_accounts.append(statement.account.number)
    if not entries and preview.other_accounts:
        text = _("The file is of another account: %(numbers)s. Nothing was added.")
        raise ValidationError(text % {"numbers": ", ".join(preview.other_accounts)}, code="other_account")
    preview.outgoing = sum(not entry.incoming for entry in entries)
    preview.skipped += [Skipped(entry.line, entry.payer) for entry in entries if not entry.amount]
    _sort_out(account, [entry for entry in entries if entry.incoming and entry.amount], preview)
    return preview


@transaction.atomic
def import_file(
    account: BankAccount, file_name: str, content: bytes, staff: User | None = None
) -> BankImport:
    """Take in what is new in a file: all of it or nothing. ValidationError as for the preview."""
    locked = BankAccount.objects.select_for_update().get(pk=account.pk)
    preview = preview_file(locked, content)
    stored = BankImport.objects.create(
        account=locked,
        file_name=file_name[:200],
        content_hash=hashlib.sha256(content).hexdigest(),
        at=timezone.now(),
        by=staff,
        known=preview.known,
        outgoing=preview.outgoing,
    )
    index_all(BankTransaction.objects.bulk_create(_row(stored, found) for found in preview.new))
    record(
        "bank_file.imported",
        staff,
        stored,
        account=locked.pk,
        file=stored.file_name,
        sha256=stored.content_hash,
        new=len(preview.new),
        total=preview.total,
        known=preview.known,
        outgoing=preview.outgoing,
        skipped=len(preview.skipped),
    )
    return stored


def preview_files(account: BankAccount | None, content: bytes, staff: User) -> list[ImportPreview]:
    """What taking in a file would do to the account that was chosen, or to those of the file.

    ValidationError as for one account, and where none was chosen and the file does not say which it is of.
    """
    return [preview_file(of, content) for of in chosen_or_stated(account, content, staff)]


@transaction.atomic
def import_files(
    account: BankAccount | None, file_name: str, content: bytes, staff: User
) -> list[BankImport]:
    """Take in what is new in a file for the account that was chosen, or for those of the file.

    All of it or nothing; ValidationError as for the preview.
    """
    accounts = sorted(chosen_or_stated(account, content, staff), key=lambda of: of.pk)
    return [import_file(of, file_name, content, staff) for of in accounts]


def _statements(account: BankAccount, content: bytes, day: date) -> Iterable[Statement]:
    if is_fixed(content) or not account.csv_columns:
        return read_bank_file(read_statements, content, day)
    return [read_bank_file(read_csv, content, Columns(**account.csv_columns), day)]


def _sort_out(account: BankAccount, entries: list[Entry], preview: ImportPreview) -> None:
    """Tell new entries from those that are stored already."""
    met: Counter[str] = Counter()
    marked: list[tuple[Entry, str]] = []
    for entry in entries:
        plain = _fingerprint(entry, 0)
        marked.append((entry, _fingerprint(entry, met[plain])))
        met[plain] += 1
    every = [fingerprint for _entry, fingerprint in marked]
    known = set(account.transactions.filter(fingerprint__in=every).values_list("fingerprint", flat=True))
    similar = _stored_alike(account, [entry for entry, fingerprint in marked if fingerprint not in known])
    for entry, fingerprint in marked:
        if fingerprint in known:
            preview.known += 1
        else:
            preview.new.append(NewEntry(entry, fingerprint, _doubt(entry, similar)))


def _fingerprint(entry: Entry, place: int) -> str:
    """What tells an entry apart; `place` counts entries that are alike in all else within a file."""
    stated = [
        entry.booked_on.isoformat(),
        entry.value_on.isoformat(),
        entry.amount,
        entry.payer,
        entry.payer_code,
        entry.reference,
        entry.remark,
        entry.inquiry_number,
        entry.from_bank,
        entry.from_branch,
        entry.cancelled,
        place,
    ]
    return hashlib.sha256(json.dumps(stated, ensure_ascii=False).encode()).hexdigest()


def _stored_alike(account: BankAccount, entries: list[Entry]) -> set[tuple[date, int, str]]:
    """Day, amount and payer of stored entries, to recognise one that came in another kind of file."""
    days = {entry.booked_on for entry in entries}
    rows = account.transactions.filter(booked_on__in=days).values_list("booked_on", "amount", "payer")
    return {(day, amount, comparable_name(payer)) for day, amount, payer in rows}


def _doubt(entry: Entry, stored: set[tuple[date, int, str]]) -> str:
    if entry.cancelled:
        return _("With this entry the bank cancels an earlier one.")
    if (entry.booked_on, entry.amount, comparable_name(entry.payer)) in stored:
        return _("An entry of the same day, amount and payer came in another file. Is it the same money?")
    return ""


def _row(stored: BankImport, found: NewEntry) -> BankTransaction:
    entry = found.entry
    return BankTransaction(
        account=stored.account,
        bank_import=stored,
        line=entry.line,
        booked_on=entry.booked_on,
        value_on=entry.value_on,
        amount=entry.amount,
        payer=entry.payer[:100],
        reference=entry.reference[:100],
        remark=entry.remark[:200],
        fingerprint=found.fingerprint,
        status=BankTransaction.Status.PARKED if found.doubt else BankTransaction.Status.OPEN,
        note=found.doubt,
    )

"""What came in on an account: 振込入金通知 (kind 01) and 入出金取引明細 (kind 03), 200 bytes a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from contracts.rules.limits import LARGEST_AMOUNT

from .accounts import Account
from .days import read_day, write_day
from .fields import Layout
from .layouts import DEPOSITS, DEPOSITS_FORM_B, TRANSACTIONS
from .problems import BankFileError, FileProblem, too_large
from .records import Group, Line, Read, Values, check_total, kind_of, read_records, write_records

_FORM_B = slice(128, 152)
_WITHOUT_DAY = "000000"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of a statement: an amount in yen that came in, or went out.

    `payer` is the name in half-width kana as the bank gives it, `reference` the EDI information. `cancelled`
    marks the bank's cancellation of an earlier entry. `line` is the number of the line in the file.
    """

    booked_on: date
    value_on: date
    amount: int
    payer: str
    incoming: bool = True
    cancelled: bool = False
    inquiry_number: str = ""
    payer_code: str = ""
    from_bank: str = ""
    from_branch: str = ""
    remark: str = ""
    reference: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Skipped:
    """A row that is no entry, as it sums up, carries over or has no amount; `text` is what it says."""

    line: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The entries of one account in a time. The account is None where the file does not say which it is."""

    account: Account | None
    from_day: date
    to_day: date
    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...] = ()


def read_statements(content: bytes, near: date) -> tuple[Statement, ...]:
    """Read a file of kind 01 or 03; `near` is the day of reading, which settles the years (`days.py`).

    BankFileError with every problem found: nothing of a file that has one is to be used.
    """
    layout = _layout_of(content)
    read = read_records(content, layout)
    statements = [_statement(read, group, layout, near) for group in read.groups]
    if layout is TRANSACTIONS and read.end is not None:
        _check_end(read)
    read.refuse_if_wrong()
    return tuple(statement for statement in statements if statement is not None)


def write_deposits(statements: Sequence[Statement], created_on: date) -> bytes:
    """A file of kind 01, form A, as a bank writes it; only entries that came in belong there."""
    groups = []
    for statement in statements:
        sums = _deposit_sums(statement.entries)
        trailer = {name: str(value) for name, value in sums.items()}
        lines = [_deposit_line(entry) for entry in statement.entries]
        groups.append((_header(DEPOSITS, statement, created_on), lines, trailer))
    return write_records(DEPOSITS, groups, {})


def write_transactions(statements: Sequence[Statement], created_on: date) -> bytes:
    """A file of kind 03 as a bank writes it."""
    groups = []
    for statement in statements:
        sums = _transaction_sums(statement.entries)
        trailer = {name: str(value) for name, value in sums.items()}
        lines = [_transaction_line(entry) for entry in statement.entries]
        groups.append((_header(TRANSACTIONS, statement, created_on), lines, trailer))
    records = sum(len(statement.entries) + 2 for statement in statements) + 1
    return write_records(TRANSACTIONS, groups, {"records": str(records), "accounts": str(len(statements))})


def _layout_of(content: bytes) -> Layout:
    kind = kind_of(content)
    if kind == TRANSACTIONS.kind:
        return TRANSACTIONS
    if kind != DEPOSITS.kind:
        given = {"expected": f"{DEPOSITS.kind}, {TRANSACTIONS.kind}", "found": kind or "?"}
        raise BankFileError([FileProblem(1 if content.strip() else 0, "kind", "kind", given)])
    step = DEPOSITS.length
    body = content.replace(b"\r", b"").replace(b"\n", b"")
    data = [body[at : at + step] for at in range(0, len(body), step) if body[at : at + 1] == b"2"]
    return DEPOSITS_FORM_B if data and all(record[_FORM_B].isdigit() for record in data) else DEPOSITS


def _statement(read: Read, group: Group, layout: Layout, near: date) -> Statement | None:
    header = group.header.values
    if header.get("account_kind", "") in "567":
        read.add(group.header.number, "account_kind", "account_kind", found=header["account_kind"])
        return None
    from_day = _day(read, group.header, "from_day", near)
    to_day = _day(read, group.header, "to_day", near)
    entries = tuple(entry for line in group.lines if (entry := _entry(read, line, layout, near)) is not None)
    if group.trailer and len(entries) == len(group.lines):
        expected = _transaction_sums(entries) if layout is TRANSACTIONS else _deposit_sums(entries)
        for name, value in expected.items():
            check_total(read, group.trailer, name, value)
    if from_day is None or to_day is None:
        return None
    account = Account(
        bank_code=header["bank_code"],
        bank_name=header["bank_name"],
        branch_code=header["branch_code"],
        branch_name=header["branch_name"],
        kind=header["account_kind"],
        number=header["account_number"][-7:],
    )
    return Statement(account=account, from_day=from_day, to_day=to_day, entries=entries)


def _entry(read: Read, line: Line, layout: Layout, near: date) -> Entry | None:
    values = line.values
    booked_on = _day(read, line, "booked_on", near)
    value_on = booked_on if values["value_on"] == _WITHOUT_DAY else _day(read, line, "value_on", near)
    amount = int(values["amount"]) or int(values.get("large_amount", "0"))
    if amount > LARGEST_AMOUNT:
        read.problems.append(too_large(line.number, "amount", amount))
        return None
    if booked_on is None or value_on is None:
        return None
    return Entry(
        booked_on=booked_on,
        value_on=value_on,
        amount=amount,
        payer=values["payer"],
        incoming=layout is not TRANSACTIONS or values["direction"] == "1",
        cancelled=values.get("cancelled") == "1",
        inquiry_number=values["inquiry_number"].lstrip("0"),
        payer_code=values["payer_code"].lstrip("0"),
        from_bank=values["from_bank"],
        from_branch=values["from_branch"],
        remark=values.get("remark", ""),
        reference=values["edi"],
        line=line.number,
    )


def _day(read: Read, line: Line, name: str, near: date) -> date | None:
    found = read_day(line.values[name], near)
    if found is None:
        read.add(line.number, name, "day", found=line.values[name])
    return found


def _check_end(read: Read) -> None:
    """The end record of kind 03 counts records and accounts; banks may leave both at zero."""
    end = read.end
    if end is None:
        return
    expected = {"records": end.number, "accounts": len(read.groups)}
    for name, value in expected.items():
        if int(end.values[name]):
            check_total(read, end, name, value)


def _deposit_sums(entries: Sequence[Entry]) -> dict[str, int]:
    kept = [entry.amount for entry in entries if not entry.cancelled]
    cancelled = [entry.amount for entry in entries if entry.cancelled]
    return {
        "count": len(kept),
        "amount": sum(kept),
        "cancelled_count": len(cancelled),
        "cancelled_amount": sum(cancelled),
    }


def _transaction_sums(entries: Sequence[Entry]) -> dict[str, int]:
    came = [entry.amount for entry in entries if entry.incoming]
    went = [entry.amount for entry in entries if not entry.incoming]
    return {
        "in_count": len(came),
        "in_amount": sum(came),
        "out_count": len(went),
        "out_amount": sum(went),
        "count": len(entries),
    }


def _header(layout: Layout, statement: Statement, created_on: date) -> Values:
    account = statement.account or Account(bank_code="", branch_code="", kind="", number="")
    return {
        "kind": layout.kind,
        "code": "0",
        "created_on": write_day(created_on),
        "from_day": write_day(statement.from_day),
        "to_day": write_day(statement.to_day),
        "bank_code": account.bank_code,
        "bank_name": account.bank_name,
        "branch_code": account.branch_code,
        "branch_name": account.branch_name,
        "account_kind": account.kind,
        "account_number": account.number,
    }


def _deposit_line(entry: Entry) -> Values:
    return {**_line(entry), "cancelled": "1" if entry.cancelled else ""}


def _transaction_line(entry: Entry) -> Values:
    return {**_line(entry), "direction": "1" if entry.incoming else "2", "remark": entry.remark}


def _line(entry: Entry) -> Values:
    return {
        "inquiry_number": entry.inquiry_number,
        "booked_on": write_day(entry.booked_on),
        "value_on": write_day(entry.value_on),
        "amount": str(entry.amount),
        "payer_code": entry.payer_code,
        "payer": entry.payer,
        "from_bank": entry.from_bank,
        "from_branch": entry.from_branch,
        "edi": entry.reference,
    }

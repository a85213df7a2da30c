"""Statements as CSV. Each bank names the columns in its own way: the mapping is data, set once for a bank."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import jaconv

from contracts.rules.limits import LARGEST_AMOUNT

from .problems import BankFileError, FileProblem, too_large
from .transactions import Entry, Skipped, Statement
from .written_days import read_written_day

__all__ = ["ENCODINGS", "Columns", "CsvMarks", "csv_marks", "read_csv", "read_written_day"]

ENCODINGS = ("cp932", "utf-8-sig")
_END_OF_FILE = b"\x1a"
_SUMMED = re.compile(
    r"(合計|小計|総計|総合計|月計|日計|累計|計|(入金|出金|入出金)(合計|計)|(前月|前期|前頁|前日|前回|次月|翌月|次頁|次期|翌期)?(より|へ|から)?"
    r"(の)?繰越(金|残高|高|額)?|(期首|期末|月初|月末|前日|前月|当月|差引)残高|残高|"
    r"(ｾﾞﾝｹﾞﾂ|ｾﾞﾝｷ|ｼﾞｹﾞﾂ|ﾖｸｹﾞﾂ)?ｸﾘｺｼ(ｷﾝ|ｻﾞﾝﾀﾞｶ)?)(行|件数|[0-9,]+件)?"
)
_MINUS = str.maketrans(dict.fromkeys("▲△−‐‑–—―ー－ｰ", "-"))
_YEN = re.compile(r"(-?)\+?[¥\\]?(-?)\+?([0-9]{1,15})(?:\.0+)?円?(-?)")
_ACCOUNT_HEADINGS = ("口座番号", "お口座番号", "口座No", "口座No.")
_ACCOUNT_NUMBER = re.compile(r"(?<![0-9])0{0,3}([0-9]{7})(?![0-9])")
_FEWEST_OF_NUMBER = 4


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column holds what, by the names in the row of headings; empty: the bank does not give it.

    Either `incoming` holds the amounts that came in, or `amount` all amounts, those that went out below zero.
    `rows_before` rows stand before the headings.
    """

    encoding: str
    day: str
    payer: str
    incoming: str = ""
    outgoing: str = ""
    amount: str = ""
    reference: str = ""
    remark: str = ""
    inquiry_number: str = ""
    rows_before: int = 0

    def named(self) -> dict[str, str]:
        """The columns that the mapping names, by what they hold."""
        names = ("day", "payer", "incoming", "outgoing", "amount", "reference", "remark", "inquiry_number")
        return {name: str(getattr(self, name)) for name in names if getattr(self, name)}


@dataclass(frozen=True)
class CsvMarks:
    """What a CSV file says of where it comes from: which mappings of columns fit its headings, by their
    places, and the account numbers that it states."""

    fits: tuple[int, ...]
    numbers: frozenset[str]


def csv_marks(content: bytes, mappings: Sequence[Columns]) -> CsvMarks:
    """What tells a file's account apart; nothing of it where no mapping fits."""
    fits: list[int] = []
    numbers: set[str] = set()
    for place, columns in enumerate(mappings):
        try:
            table = _table(content, columns)
        except BankFileError:
            continue
        fits.append(place)
        numbers |= table.account_numbers()
    return CsvMarks(tuple(fits), frozenset(numbers))


def read_csv(content: bytes, columns: Columns, near: date | None = None) -> Statement:
    """Read a bank's CSV by its mapping. BankFileError with every problem found.

    `near` is the day of reading, which settles years of two digits. Rows that sum up or carry over, and rows
    without an amount, are no entries: the statement names them.
    """
    problems: list[FileProblem] = []
    table = _table(content, columns)
    entries: list[Entry] = []
    skipped: list[Skipped] = []
    for number, cells in table.rows:
        if not any(cell.strip() for cell in cells):
            continue
        if label := _summed(cells, table.positions, near):
            skipped.append(Skipped(number, label))
            continue
        if len(cells) < table.width:
            given = {"expected": table.width, "found": len(cells)}
            problems.append(FileProblem(number, "", "cells", given))
            continue
        named = {name: cells[at].strip() for name, at in table.positions.items()}
        found = _entry(named, number, columns, near, problems)
        if isinstance(found, Skipped):
            skipped.append(found)
        elif found:
            entries.append(found)
    if problems:
        raise BankFileError(problems)
    if not entries:
        raise BankFileError([FileProblem(0, "", "no_entries" if skipped else "empty")])
    days = [entry.booked_on for entry in entries]
    return Statement(
        account=None, from_day=min(days), to_day=max(days), entries=tuple(entries), skipped=tuple(skipped)
    )


@dataclass(frozen=True)
class _Table:
    """A file: what stands above its headings, its rows with their numbers, where the mapped columns are."""

    above: list[list[str]]
    headings: list[str]
    rows: list[tuple[int, list[str]]]
    positions: Mapping[str, int]

    @property
    def width(self) -> int:
        return len(self.headings)

    def account_numbers(self) -> set[str]:
        """Numbers of accounts above the headings, or in a column of account numbers."""
        plain = [_plain(cell) for row in self.above for cell in row]
        cells = [*plain, *(cell.replace("-", "") for cell in plain)]
        found = {number for cell in cells for number in _ACCOUNT_NUMBER.findall(cell)}
        for at, heading in enumerate(self.headings):
            if _plain(heading) in _ACCOUNT_HEADINGS:
                stated = {
                    _plain(cells[at]).replace("-", "") for _number, cells in self.rows if len(cells) > at
                }
                found |= {
                    text[-7:].zfill(7)
                    for text in stated
                    if text.isdecimal() and len(text) >= _FEWEST_OF_NUMBER
                }
        return found


def _table(content: bytes, columns: Columns) -> _Table:
    """The file in the encoding that is set for the bank, or in the other where that has the headings."""
    refused: list[BankFileError] = []
    for encoding in (columns.encoding, *(other for other in ENCODINGS if other != columns.encoding)):
        try:
            every = _rows(content.rstrip(_END_OF_FILE), encoding, columns)
            number, headings = every[columns.rows_before]
            above = [cells for _number, cells in every[: columns.rows_before]]
            positions = _positions(headings, number, columns)
            return _Table(above, headings, every[columns.rows_before + 1 :], positions)
        except BankFileError as error:
            refused.append(error)
    raise refused[0]


def _rows(content: bytes, encoding: str, columns: Columns) -> list[tuple[int, list[str]]]:
    """Rows with their numbers; there is one of headings."""
    try:
        decoded = content.decode(encoding)
        _ensure_text(content, encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BankFileError([FileProblem(line, "", "encoding", {"encoding": encoding})]) from error
    reader = csv.reader(io.StringIO(decoded, newline=""))
    try:
        rows = list(enumerate(reader, 1))
    except csv.Error as error:  # a cell of more than 131,072 characters: a quotation mark that nothing closes
        raise BankFileError([FileProblem(reader.line_num, "", "cell_open")]) from error
    if len(rows) <= columns.rows_before or not rows[columns.rows_before][1]:
        raise BankFileError([FileProblem(0, "", "empty")])
    return rows


def _ensure_text(content: bytes, encoding: str) -> None:
    """UnicodeDecodeError for a NUL: it decodes, but no text holds it."""
    place = content.find(b"\0")
    if place >= 0:
        raise UnicodeDecodeError(encoding, content, place, place + 1, "NUL")


def _positions(headings: list[str], line: int, columns: Columns) -> dict[str, int]:
    places = {_plain(heading): at for at, heading in reversed(list(enumerate(headings)))}
    missing = [name for name in columns.named().values() if _plain(name) not in places]
    if missing:
        raise BankFileError([FileProblem(line, "", "column_missing", {"column": name}) for name in missing])
    return {name: places[_plain(column)] for name, column in columns.named().items()}


def _summed(cells: Sequence[str], positions: Mapping[str, int], near: date | None) -> str:
    """What a row calls itself that sums up or carries over; empty for another row.

    A row of a day does so in the name of the payer alone: what else stands in it may be anything.
    """
    named = {name: cells[at] for name, at in positions.items() if at < len(cells)}
    of_a_day = read_written_day(named.get("day", ""), near)
    for cell in [named.get("payer", "")] if of_a_day else cells:
        plain = re.sub(r"[\s【】\[\]()<>*:]", "", unicodedata.normalize("NFKC", cell))
        if _SUMMED.fullmatch(plain) or _SUMMED.fullmatch(_half(plain)):
            return cell.strip()
    return ""


def _half(text: str) -> str:
    """Kana in half width."""
    return str(jaconv.z2h(text, kana=True, ascii=False, digit=False))


def _entry(
    named: Mapping[str, str],
    number: int,
    columns: Columns,
    near: date | None,
    problems: list[FileProblem],
) -> Entry | Skipped | None:
    signed = _signed_amount(named, number, columns, problems)
    booked_on = read_written_day(named["day"], near)
    if booked_on is None:
        problems.append(FileProblem(number, columns.day, "day", {"found": named["day"]}))
    if booked_on is None or signed is None:
        return None
    if not signed.yen:
        return Skipped(number, named["payer"])
    return Entry(
        booked_on=booked_on,
        value_on=booked_on,
        amount=abs(signed.yen),
        incoming=signed.yen > 0,
        cancelled=signed.cancels,
        payer=named["payer"],
        inquiry_number=named.get("inquiry_number", ""),
        remark=named.get("remark", ""),
        reference=named.get("reference", ""),
        line=number,
    )


@dataclass(frozen=True)
class _Signed:
    """Yen that came in above zero, that went out below; `cancels`: the bank takes back an earlier entry."""

    yen: int
    cancels: bool = False


def _signed_amount(
    named: Mapping[str, str], number: int, columns: Columns, problems: list[FileProblem]
) -> _Signed | None:
    """What a row's amount comes to; 0 where it states none, None with a problem.

    Below zero in a column of amounts that came in or went out is what the bank cancels of an earlier entry.
    """
    amounts: dict[str, int] = {}
    for name in ("incoming", "outgoing", "amount"):
        column = getattr(columns, name)
        yen = _whole_yen(named.get(name, ""))
        if yen is None:
            problems.append(FileProblem(number, column, "amount", {"found": named[name]}))
            return None
        if abs(yen) > LARGEST_AMOUNT:
            problems.append(too_large(number, column, abs(yen)))
            return None
        if yen:
            amounts[name] = yen
    if len(amounts) > 1:
        problems.append(FileProblem(number, "", "both_amounts"))
        return None
    for name, yen in amounts.items():
        if name == "amount":
            return _Signed(yen)
        return _Signed(abs(yen) if yen < 0 or name == "incoming" else -yen, cancels=yen < 0)
    return _Signed(0)


def _whole_yen(written: str) -> int | None:
    """An amount as banks write it: ¥1,234, 1,234円, ▲500, (500); 0 for none. None for no amount."""
    plain = re.sub(r"[\s,]", "", _plain(written)).translate(_MINUS)
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    if plain.strip("-*") == "":
        return 0
    found = _YEN.fullmatch(plain)
    if found is None or found[1] + found[2] + found[4] not in ("", "-"):
        return None
    yen = int(found[3])
    return -yen if "-" in (found[1], found[2], found[4]) else yen


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()

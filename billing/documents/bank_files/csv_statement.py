"""Statements as CSV. Each bank names the columns in its own way: the mapping is data, set once for a bank."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from contracts.rules.limits import FIRST_DAY, LARGEST_AMOUNT, LAST_DAY

from .problems import BankFileError, FileProblem, too_large
from .transactions import Entry, Statement

ENCODINGS = ("cp932", "utf-8-sig")
_DAY_PATTERNS = ("%Y/%m/%d", "%Y-%m-%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
_ERA = re.compile(r"^(令和|R)\s*(元|[0-9]{1,2})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?$")


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


def read_csv(content: bytes, columns: Columns) -> Statement:
    """Read a bank's CSV by its mapping. BankFileError with every problem found."""
    problems: list[FileProblem] = []
    rows = _rows(content, columns)
    positions = _positions(rows[0][1], columns)
    width = len(rows[0][1])
    entries: list[Entry] = []
    for number, cells in rows[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) < width:
            given = {"expected": width, "found": len(cells)}
            problems.append(FileProblem(number, "", "cells", given))
            continue
        named = {name: cells[at].strip() for name, at in positions.items()}
        if entry := _entry(named, number, columns, problems):
            entries.append(entry)
    if problems:
        raise BankFileError(problems)
    if not entries:
        raise BankFileError([FileProblem(0, "", "empty")])
    days = [entry.booked_on for entry in entries]
    return Statement(account=None, from_day=min(days), to_day=max(days), entries=tuple(entries))


def _rows(content: bytes, columns: Columns) -> list[tuple[int, list[str]]]:
    """Rows with their numbers, from the headings on."""
    try:
        decoded = content.decode(columns.encoding)
        _ensure_text(content, columns.encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BankFileError([FileProblem(line, "", "encoding", {"encoding": columns.encoding})]) from error
    reader = csv.reader(io.StringIO(decoded, newline=""))
    try:
        rows = list(enumerate(reader, 1))[columns.rows_before :]
    except csv.Error as error:  # a cell of more than 131,072 characters: a quotation mark that nothing closes
        raise BankFileError([FileProblem(reader.line_num, "", "cell_open")]) from error
    if not rows or not rows[0][1]:
        raise BankFileError([FileProblem(0, "", "empty")])
    return rows


def _ensure_text(content: bytes, encoding: str) -> None:
    """UnicodeDecodeError for a NUL: it decodes, but no text holds it."""
    place = content.find(b"\0")
    if place >= 0:
        raise UnicodeDecodeError(encoding, content, place, place + 1, "NUL")


def _positions(headings: list[str], columns: Columns) -> dict[str, int]:
    places = {_plain(heading): at for at, heading in reversed(list(enumerate(headings)))}
    missing = [name for name in columns.named().values() if _plain(name) not in places]
    if missing:
        line = columns.rows_before + 1
        raise BankFileError([FileProblem(line, "", "column_missing", {"column": name}) for name in missing])
    return {name: places[_plain(column)] for name, column in columns.named().items()}


def _entry(
    named: Mapping[str, str], number: int, columns: Columns, problems: list[FileProblem]
) -> Entry | None:
    booked_on = read_written_day(named["day"])
    if booked_on is None:
        problems.append(FileProblem(number, columns.day, "day", {"found": named["day"]}))
    signed = _signed_amount(named, number, columns, problems)
    if booked_on is None or signed is None:
        return None
    return Entry(
        booked_on=booked_on,
        value_on=booked_on,
        amount=abs(signed),
        incoming=signed > 0,
        payer=named["payer"],
        inquiry_number=named.get("inquiry_number", ""),
        remark=named.get("remark", ""),
        reference=named.get("reference", ""),
        line=number,
    )


def _signed_amount(
    named: Mapping[str, str], number: int, columns: Columns, problems: list[FileProblem]
) -> int | None:
    """What came in above zero, what went out below; None with a problem."""
    amounts: dict[str, int] = {}
    for name in ("incoming", "outgoing", "amount"):
        written = _plain(named.get(name, "")).replace(",", "").removeprefix("¥").removesuffix("円")
        if written in ("", "-", "0"):
            continue
        if not re.fullmatch(r"[-+]?[0-9]{1,15}" if name == "amount" else r"[0-9]{1,15}", written):
            problems.append(FileProblem(number, getattr(columns, name), "amount", {"found": named[name]}))
            return None
        amounts[name] = int(written)
        if abs(amounts[name]) > LARGEST_AMOUNT:
            problems.append(too_large(number, getattr(columns, name), amounts[name]))
            return None
    if len(amounts) > 1:
        problems.append(FileProblem(number, "", "both_amounts"))
        return None
    if not amounts or not any(amounts.values()):
        problems.append(FileProblem(number, columns.incoming or columns.amount, "amount", {"found": ""}))
        return None
    return amounts.get("incoming") or amounts.get("amount") or -amounts["outgoing"]


def read_written_day(written: str) -> date | None:
    """A day as banks write it in CSV: 2026/11/4, 20261104, 令和8年11月4日; a time behind it is left out."""
    plain = _plain(written).split(" ")[0] if written else ""
    if era := _ERA.match(plain):
        year = 1 if era[2] == "元" else int(era[2])
        plain = f"{2018 + year:04}/{era[3]}/{era[4]}"
    for pattern in _DAY_PATTERNS:
        try:
            read = datetime.strptime(plain, pattern).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
        return read if FIRST_DAY <= read <= LAST_DAY else None
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()

"""Reads a comparison table that people made, and rebuilds the two texts from which they made it.

Page breaks cut such a table: the header repeats, and cells go on in the next row. What was left out （略）
stands in both rebuilt texts as the same placeholder, so that it compares as untouched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

from contracts.terms.compare.excerpt import Excerpt, begins_unit
from contracts.terms.compare.fold import fold
from contracts.terms.compare.rows import ADDED, CHANGED, DELETED, NEW, OMITTED, Remark
from contracts.terms.compare.table_markup import read_rows
from contracts.terms.comparison_heads import Column, columns_of
from contracts.terms.tree import Terms

_REMARKS: dict[str, Remark] = {fold(remark): remark for remark in (CHANGED, ADDED, NEW, DELETED, OMITTED)}
_ABSENT = (ADDED, NEW, DELETED)
_FIELD = re.compile(r"[^\s：:、。]{1,12}：")


class PublishedTableError(ValueError):
    """A table can't be read: the reason, and where possible the row."""


@dataclass(frozen=True)
class PublishedRow:
    """One row as people made it, joined over page breaks. A row may bear several remarks （変更）."""

    new: str
    old: str
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class PublishedTable:
    """The table and its two sides. `outside` are the lines of the document that stand in no table."""

    rows: tuple[PublishedRow, ...]
    old: Terms
    new: Terms
    outside: tuple[str, ...]


def read_published_table(text: str) -> PublishedTable:
    """Read a table with the columns 新, 旧 and 備考, in any order. PublishedTableError says what is wrong."""
    markup, outside = read_rows(text)
    columns: tuple[Column, ...] = ()
    reader = _Rows()
    for number, cells in enumerate(markup, start=1):
        header = columns_of(["".join(cell) for cell in cells])
        if header:
            columns = header
            reader.cut()
        elif not columns:
            raise PublishedTableError(f"row {number}: a table begins with a row 新, 旧 and 備考")
        else:
            reader.read(number, dict(zip(columns, cells, strict=False)))
    if not reader.rows:
        raise PublishedTableError("there is no table with the columns 新, 旧 and 備考 in this text")
    rows = tuple(row.published() for row in reader.rows)
    return PublishedTable(
        rows, _side([row.old for row in rows]), _side([row.new for row in rows]), tuple(outside)
    )


@dataclass
class _RowDraft:
    """A row while it is read. Markers such as （追加） stand in place of a missing text."""

    sides: dict[Column, str]
    remarks: list[Remark] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return fold(self.sides["new"]) != fold(self.sides["old"])

    @property
    def mark(self) -> Remark:
        """The remark that what stands in the row calls for."""
        for text in self.sides.values():
            if marker := _REMARKS.get(fold(text)):
                return marker
        return CHANGED if self.changed and all(self.sides.values()) else ""

    def published(self) -> PublishedRow:
        return PublishedRow(self.sides["new"], self.sides["old"], tuple(self.remarks))


class _Rows:
    """Joins what page breaks cut, and pairs the lines of both sides."""

    def __init__(self) -> None:
        self.rows: list[_RowDraft] = []
        self._after_cut = False

    def cut(self) -> None:
        """Here a page, or the table, begins."""
        self._after_cut = True

    def read(self, number: int, cells: dict[Column, Sequence[str]]) -> None:
        above = self.rows[-1:]
        new = self._joined("new", cells.get("new", ()))
        old = self._joined("old", cells.get("old", ()))
        if len(new) != len(old) and not any(_only_a_marker(lines) for lines in (new, old)):
            raise PublishedTableError(
                f"row {number}: 新 has {len(new)} parts and 旧 {len(old)}; a part without counterpart needs"
                " a line of its own such as （追加）"
            )
        drafts = [
            _RowDraft({"new": after, "old": before}) for after, before in zip_longest(new, old, fillvalue="")
        ]
        unremarked = [row for row in above if row.mark and not row.remarks]
        waiting = [*unremarked, *(draft for draft in drafts if draft.mark)]
        self.rows.extend(drafts)
        self._after_cut = False
        _give_remarks(number, waiting or self.rows[-1:], cells.get("remark", ()))

    def _joined(self, column: Literal["new", "old"], lines: Sequence[str]) -> list[str]:
        """The lines that begin something; those that go on are joined to what they belong to."""
        begun: list[str] = []
        for line in filter(None, lines):
            above = begun[-1] if begun else self._last(column)
            if not _goes_on(above, line, after_cut=self._after_cut and not begun):
                begun.append(line)
            elif begun:
                begun[-1] = _join(above, line)
            else:
                self._replace_last(column, _join(above, line))
        return begun

    def _last(self, column: Column) -> str:
        return next((row.sides[column] for row in reversed(self.rows) if row.sides[column]), "")

    def _replace_last(self, column: Column, text: str) -> None:
        row = next(row for row in reversed(self.rows) if row.sides[column])
        row.sides[column] = text


def _give_remarks(number: int, waiting: Sequence[_RowDraft], lines: Sequence[str]) -> None:
    """Remarks stand in the order of the rows that call for them; one row may have several （変更）."""
    position = 0
    for line in filter(None, lines):
        remark = _REMARKS.get(fold(line))
        if remark is None or not waiting:
            raise PublishedTableError(f"row {number}: the remark {line!r} is not known, or stands at no row")
        calling = [place for place in range(position, len(waiting)) if waiting[place].mark == remark]
        first = [place for place in calling if not waiting[place].remarks]
        position = (first or calling or [position])[0]
        waiting[position].remarks.append(remark)


def _only_a_marker(lines: Sequence[str]) -> bool:
    """Whether a side has nothing beside what stands on the other: it is empty, or says （新設）."""
    return not lines or (len(lines) == 1 and _REMARKS.get(fold(lines[0])) in _ABSENT)


def _goes_on(above: str, line: str, *, after_cut: bool) -> bool:
    """Whether a line continues the text above it instead of beginning a part of its own.

    Below a page break a line without a number goes on; elsewhere it does where no sentence ended above it.
    """
    if not above or begins_unit(line) or begins_unit(above) == "heading":
        return False
    if fold(line) in _REMARKS or fold(above) in _REMARKS:
        return False
    return after_cut or not above.endswith("。")


def _join(above: str, line: str) -> str:
    return f"{above} {line}" if _FIELD.match(line) else above + line


def _side(texts: Sequence[str]) -> Terms:
    excerpt = Excerpt()
    for text in texts:
        marker = _REMARKS.get(fold(text))
        if marker == OMITTED:
            excerpt.leave_out()
        elif text and marker not in _ABSENT:
            excerpt.read(text)
    return excerpt.terms()

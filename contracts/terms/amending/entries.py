"""What one line of a comparison table's cell is: a heading, a mark such as （略）, or a part of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from contracts.terms.compare.fold import fold
from contracts.terms.importing.labels import Label, number_label, tidy
from contracts.terms.importing.line_rules import (
    ArticleLine,
    ChapterLine,
    DeletedLine,
    LabelLine,
    NumberLine,
    TitleLine,
    is_annex_title,
    read,
)
from contracts.terms.numbering import ArticleNumber, parse_numeral


class EntryKind(Enum):
    ARTICLE = "article"
    ANNEX = "annex"
    CHAPTER = "chapter"
    OMITTED = "omitted"
    SAME = "same"
    ABSENT = "absent"
    DELETED = "deleted"
    UNIT = "unit"


@dataclass(frozen=True)
class Entry:
    """One part of a cell.

    `text` is what it says without its number or label. `number` is that of a paragraph, `label` that of an
    item; `article` the number of an article, whose title is the text. What is omitted or deleted may name
    its article, paragraph or item.
    """

    kind: EntryKind
    line: int
    shown: str
    text: str = ""
    number: int | None = None
    label: Label | None = None
    article: ArticleNumber | None = None
    level: int = 0

    @property
    def small_heading(self) -> str:
        """What it is as a heading inside an annex: 第1条（実施期日）, （端数）; empty for other parts."""
        if self.kind is EntryKind.ARTICLE and self.article is not None:
            return f"{self.article.label_ja()}{f'（{self.text}）' if self.text else ''}"
        is_title = self.kind is EntryKind.UNIT and isinstance(read(self.text), TitleLine)
        return self.text if is_title else ""


_OPEN, _CLOSE = r"[(\[【〔〈<~\-―]*", r"[)\]】〕〉>~\-―]*[。.]?"
_OMIT_WORDS = r"(?:以下|中|前|後|途中|一部)?(?:略|省略)(?:する|します|いたします)?|\.{2,}|・{2,}"
_OMITTED = re.compile(rf"{_OPEN}(?:{_OMIT_WORDS}){_CLOSE}")
_SAME = re.compile(
    rf"{_OPEN}(?:(?:変更|改定|改正|修正|改訂)(?:な|無)し|(?:現行|従前|従来|旧|新)の?(?:とおり|通り|どおり)"
    rf"|同[左右上文]|(?:左|右|旧|現行|新)(?:記)?[にと]同じ){_CLOSE}"
)
_ABSENT = re.compile(
    rf"{_OPEN}(?:新設|追加|新規|新規追加|条文追加|追記|挿入|なし|無し|該当なし|規定なし|条文なし|ー)?{_CLOSE}"
)
_DELETED = re.compile(rf"{_OPEN}(?:全文|全部|本[条項号]を?)?(?:削除|廃止|削る)(?:する|します)?{_CLOSE}")
_NUMERAL = r"[0-9〇一二三四五六七八九十百]{1,6}"
_RANGE_OMITTED = re.compile(
    rf"(?P<open>第|\()?(?P<first>{_NUMERAL})(?P<branch>条の[0-9]+)?[条項号)]?"
    rf"(?P<join>~|-|から|乃至|ないし|及び|および|、|・)"
    rf"[第(]?(?P<last>{_NUMERAL})(?P<unit>[条項号)])?(?:まで)?{_OPEN}(?:{_OMIT_WORDS}|変更なし){_CLOSE}"
)
_MOST_OMITTED = 500


def begins(above: str, line: str, *, after_cut: bool = False) -> bool:
    """Whether a line begins a part of its own, and does not go on with the text above it."""
    reading = read(line)
    if any(_mark(text) or _is_heading(read(text)) or is_annex_title(text) for text in (line, above)):
        return True
    if isinstance(reading, NumberLine) and (reading.dotted or reading.wide or reading.unit):
        return not reading.doubtful or above.endswith("。")
    if isinstance(reading, LabelLine) and reading.label.sure:
        return True
    if isinstance(reading, TitleLine):
        return above.endswith("。")
    if isinstance(reading, NumberLine | LabelLine):
        return above.endswith("。")
    return not after_cut and above.endswith("。")


def _is_heading(reading: object) -> bool:
    if isinstance(reading, ArticleLine):
        return not reading.citing and (reading.titled is not None or reading.bare or reading.spaced)
    return isinstance(reading, ChapterLine | DeletedLine)


def _mark(text: str) -> EntryKind | None:
    plain = fold(text)
    if _OMITTED.fullmatch(plain):
        return EntryKind.OMITTED
    if _SAME.fullmatch(plain):
        return EntryKind.SAME
    if _DELETED.fullmatch(plain):
        return EntryKind.DELETED
    return EntryKind.ABSENT if _ABSENT.fullmatch(plain) else None


def entries_of(lines: Sequence[str], number: int) -> list[Entry]:
    """The parts that the lines of a cell are, in order; `number` is the line of the source."""
    found: list[Entry] = []
    title: str | None = None
    for line in lines:
        for entry in _read(line, number):
            if title is not None:
                if entry.kind is EntryKind.ARTICLE and not entry.text:
                    entry = replace(entry, text=title)
                else:
                    found.append(Entry(EntryKind.UNIT, number, f"（{title}）", f"（{title}）"))
                title = None
            reading = read(line)
            if entry.kind is EntryKind.UNIT and isinstance(reading, TitleLine):
                title = reading.text
            else:
                found.append(entry)
    if title is not None:
        found.append(Entry(EntryKind.UNIT, number, f"（{title}）", f"（{title}）"))
    return found


def _read(line: str, number: int) -> Iterator[Entry]:
    if mark := _mark(line):
        yield Entry(mark, number, line)
        return
    if omitted := list(_omitted_range(line, number)):
        yield from omitted
        return
    reading = read(line)
    match reading:
        case ChapterLine(heading, level):
            yield Entry(EntryKind.CHAPTER, number, line, heading, level=level)
        case DeletedLine(numbers):
            for article in numbers:
                yield Entry(EntryKind.ARTICLE, number, line, article=article)
                yield Entry(EntryKind.DELETED, number, line)
        case ArticleLine() if _is_heading(reading):
            yield from _article(reading, line, number)
        case NumberLine(value, rest):
            yield _labelled(line, number, rest, number_label(value), value)
        case LabelLine(label, rest):
            yield _labelled(line, number, rest, label, None)
        case _ if is_annex_title(line):
            yield Entry(EntryKind.ANNEX, number, line, tidy(line))
        case _:
            yield Entry(EntryKind.UNIT, number, line, tidy(line))


def _article(reading: ArticleLine, line: str, number: int) -> Iterator[Entry]:
    title, text = reading.titled or ("", reading.rest)
    said, below = _mark(title) if title else None, _mark(text) if text else None
    if EntryKind.OMITTED in (said, below) or EntryKind.SAME in (said, below):
        yield Entry(EntryKind.OMITTED, number, line, article=reading.number)
        return
    if said is EntryKind.ABSENT:
        yield Entry(EntryKind.ABSENT, number, line)
        return
    yield Entry(EntryKind.ARTICLE, number, line, "" if said else title, article=reading.number)
    if EntryKind.DELETED in (said, below):
        yield Entry(EntryKind.DELETED, number, line)
    elif text:
        yield from _read(text, number)


def _labelled(line: str, line_number: int, rest: str, label: Label, number: int | None) -> Entry:
    match _mark(rest) if rest else None:
        case EntryKind.OMITTED | EntryKind.SAME:
            kind = EntryKind.OMITTED
        case EntryKind.ABSENT:
            kind = EntryKind.ABSENT
        case _:
            kind = EntryKind.UNIT
    return Entry(kind, line_number, line, rest, number, label)


def _omitted_range(line: str, number: int) -> Iterator[Entry]:
    """One entry for each article, paragraph or item of a range that is left out: ２～４（略）."""
    match = _RANGE_OMITTED.fullmatch(fold(line))
    if match is None or match["branch"]:
        return
    try:
        first, last = parse_numeral(match["first"]), parse_numeral(match["last"])
    except ValueError:
        return
    if not first < last < first + _MOST_OMITTED:
        return
    both = match["join"] in ("及び", "および", "、", "・")
    for value in (first, last) if both else range(first, last + 1):
        if match["unit"] == "条":
            yield Entry(EntryKind.OMITTED, number, line, article=ArticleNumber(value))
        elif match["open"] == "(" or match["unit"] in (")", "号"):
            yield Entry(
                EntryKind.OMITTED, number, line, label=replace(number_label(value), text=f"({value})")
            )
        else:
            yield Entry(EntryKind.OMITTED, number, line, number=value, label=number_label(value))

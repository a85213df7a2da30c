"""What of a text belongs to its pages: page numbers, running heads, rules, the closing 以上, the contents."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from contracts.terms.importing.line_rules import ArticleLine, ChapterLine, LabelLine, NumberLine, read
from contracts.terms.importing.result import Furniture, FurnitureKind
from contracts.terms.importing.source import SourceLine

_PAGE_NUMBER = re.compile(
    r"[-－–—‐−―]\s*\d{1,4}\s*[-－–—‐−―]"
    r"|\d{1,4}\s*[/／]\s*\d{1,4}(?:\s*ページ)?"
    r"|(?:page|p\.)\s*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?"
    r"|\d{1,4}\s*ページ",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\d{1,3}")
_END_MARK = re.compile(r"以\s*上|[（(]\s*以下\s*余白\s*[）)]|以下\s*余白")
_RULE = re.compile(r"[-=_*‐–—―─━~～・.…\s]{3,}")
_CONTENTS = re.compile(r"目\s*次")
_LEADERS = ".．・…‥·-"
_EDGE_LINES = 2
_FEWEST_PAGES = 2
_FEWEST_BARE_NUMBERS = 2


def is_end_mark(line: SourceLine) -> bool:
    """Whether the line says that the text ends here: 以上, （以下余白）."""
    return bool(_END_MARK.fullmatch(line.text))


def with_pages(lines: Sequence[SourceLine]) -> list[SourceLine]:
    """The lines with their pages: where no form feed says them, a page number ends each."""
    ends = [_is_page_number(line) for line in lines]
    if sum(ends) < _FEWEST_PAGES or any(line.page > 1 for line in lines):
        return list(lines)
    pages = accumulate(ends, initial=1)
    return [replace(line, page=page) for line, page in zip(lines, pages, strict=False)]


def _is_page_number(line: SourceLine) -> bool:
    if line.cells or line.separator or line.table:
        return False
    return bool(_PAGE_NUMBER.fullmatch(f"- {line.text}" if line.dash else line.text))


def find_furniture(lines: Sequence[SourceLine]) -> list[Furniture]:
    """The lines that belong to the page, in the order of the text."""
    found: dict[int, FurnitureKind] = {}
    for index, kind in (*_marks(lines), *_contents(lines), *_running_heads(lines), *_bare_numbers(lines)):
        found.setdefault(index, kind)
    return [Furniture(lines[index].number, lines[index].text, kind) for index, kind in sorted(found.items())]


def _marks(lines: Sequence[SourceLine]) -> Iterator[tuple[int, FurnitureKind]]:
    for index, line in enumerate(lines):
        if line.cells or line.separator or line.table:
            continue
        if _is_page_number(line):
            yield index, FurnitureKind.PAGE_NUMBER
        elif is_end_mark(line):
            yield index, FurnitureKind.END_MARK
        elif _RULE.fullmatch(line.text):
            yield index, FurnitureKind.RULE


def _contents(lines: Sequence[SourceLine]) -> Iterator[tuple[int, FurnitureKind]]:
    """A table of contents goes on until its first heading comes again."""
    start = next((index for index, line in enumerate(lines) if _CONTENTS.fullmatch(line.text)), None)
    if start is None or start + 1 >= len(lines):
        return
    first = _heading_key(lines[start + 1])
    again = (index for index in range(start + 2, len(lines)) if _heading_key(lines[index]) == first)
    end = next(again, start + 1)
    for index in range(start, end):
        yield index, FurnitureKind.CONTENTS


def _heading_key(line: SourceLine) -> str:
    closed = re.sub(r"\s", "", line.text)
    return closed.rstrip("0123456789").rstrip(_LEADERS)


def _running_heads(lines: Sequence[SourceLine]) -> Iterator[tuple[int, FurnitureKind]]:
    """Lines at the top or bottom of most pages, the same but for a number that counts the pages."""
    pages: defaultdict[int, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        pages[line.page].append(index)
    if len(pages) < _FEWEST_PAGES:
        return
    edges = {index for found in pages.values() for index in (*found[:_EDGE_LINES], *found[-_EDGE_LINES:])}
    keys = {index: _head_keys(lines[index]) for index in sorted(edges) if _may_be_head(lines[index])}
    seen = {(lines[index].page, key) for index, found in keys.items() for key in found}
    on_pages = Counter(key for _, key in seen)
    needed = max(_FEWEST_PAGES, (len(pages) + 1) // 2)
    for index, found in keys.items():
        if any(on_pages[key] >= needed for key in found):
            bare = lines[index].text.isdecimal()
            yield index, FurnitureKind.PAGE_NUMBER if bare else FurnitureKind.RUNNING_HEAD


def _head_keys(line: SourceLine) -> set[str]:
    """What a line is recognised by on another page: its text, or its text with numbers less the page."""
    relative = re.sub(r"\d{1,4}", lambda match: f"#{int(match[0]) - line.page}", line.text)
    return {line.text, relative}


def _may_be_head(line: SourceLine) -> bool:
    if line.cells or line.separator or line.table:
        return False
    return not isinstance(read(line.text), ChapterLine | ArticleLine | NumberLine | LabelLine)


def _bare_numbers(lines: Sequence[SourceLine]) -> Iterator[tuple[int, FurnitureKind]]:
    """Where pages are not marked: lines that are nothing but a number, each one more than the last."""
    bare = [(index, int(line.text)) for index, line in enumerate(lines) if _BARE_NUMBER.fullmatch(line.text)]
    values = [value for _, value in bare]
    if len(bare) >= _FEWEST_BARE_NUMBERS and values == list(range(values[0], values[0] + len(values))):
        yield from ((index, FurnitureKind.PAGE_NUMBER) for index, _ in bare)

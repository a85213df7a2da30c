"""A terms text as a comparison sees it: blocks (articles, annexes, headings) of units, one unit a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Literal

from contracts.terms.compare.fold import fold
from contracts.terms.numbering import NUMERAL
from contracts.terms.tree import Annex, Article, Item, Paragraph, Table, Terms

BlockKind = Literal["preamble", "chapter", "article", "annex"]
UnitKind = Literal["title", "preamble", "chapter", "heading", "paragraph", "item", "table", "omitted"]

CELL_MARK = "｜"
"""Stands between the cells of a table's row, which is one unit."""

_CHAPTER = re.compile(rf"(第\s*{NUMERAL}\s*[編章節款])(\s*)(.*)")
_CLAUSE = re.compile(rf"(第\s*{NUMERAL}\s*条)(\s*)(.*)")
_SUPPLEMENTARY = re.compile(r"[付附]則.*", re.DOTALL)
_DAY = re.compile(r"(?:令和|平成|昭和)?[0-9元]+年[0-9]+月[0-9]+日")
_REMOVED = re.compile(r"[（(]?削除[）)]?")
_LONGEST_REMOVAL = 10


@dataclass(frozen=True)
class Unit:
    """What one row of a table shows on one side: a heading, a paragraph without its items, an item …"""

    kind: UnitKind
    label: str
    separator: str
    text: str
    depth: int = 0

    @property
    def shown(self) -> str:
        return self.label + self.separator + self.text


@dataclass(frozen=True)
class Node:
    """A unit and what stands below it. `name` is what it answers to when its text is rewritten."""

    unit: Unit
    name: str
    children: tuple[Node, ...] = ()

    @cached_property
    def content(self) -> str:
        """The folded text with what is below, without the unit's own label."""
        return fold(self.unit.text) + "".join(child.exactly for child in self.children)

    @cached_property
    def exactly(self) -> str:
        return fold(self.unit.label) + self.content

    def units(self) -> Iterator[Unit]:
        if self.unit.shown:
            yield self.unit
        for child in self.children:
            yield from child.units()


@dataclass(frozen=True)
class Block:
    """A part that is folded or shown as a whole. `name` is an article's number or an annex's key."""

    kind: BlockKind
    name: str
    heading: Unit | None
    nodes: tuple[Node, ...] = ()
    names: tuple[str, ...] = field(default=())

    @cached_property
    def body(self) -> str:
        return "\0".join(node.exactly for node in self.nodes)

    @cached_property
    def content(self) -> str:
        """The folded text without the number."""
        return fold(self.heading.text if self.heading else "") + self.body

    @cached_property
    def exactly(self) -> str:
        return fold(self.heading.label if self.heading else "") + "\0" + self.content

    @property
    def removed_in_place(self) -> bool:
        """Whether an article keeps its number but says only that it is deleted (第10条 削除)."""
        if self.kind != "article" or len(self.content) > _LONGEST_REMOVAL or "削除" not in self.content:
            return False
        title = self.heading.text if self.heading else ""
        said = [text for text in (title, *(unit.text for unit in self.units())) if text]
        return all(_REMOVED.fullmatch(text) for text in said)

    @cached_property
    def days(self) -> frozenset[str] | None:
        """The days that a supplementary provision (附則) names; None for other parts."""
        title = fold(self.heading.text if self.heading else "")
        is_one = self.kind == "annex" and _SUPPLEMENTARY.fullmatch(title)
        return frozenset(_DAY.findall(self.content)) if is_one else None

    def units(self) -> Iterator[Unit]:
        return chain.from_iterable(node.units() for node in self.nodes)


def title_of(terms: Terms) -> Unit:
    return Unit("title", "", "", terms.title)


def preamble_of(terms: Terms) -> Block:
    lines = terms.preamble.split("\n") if terms.preamble else []
    nodes = (Node(Unit("preamble", "", "", line), f"line {place}") for place, line in enumerate(lines))
    return Block("preamble", "", None, tuple(nodes))


def blocks_of(terms: Terms) -> list[Block]:
    """Chapter headings, articles and annexes in the order of the text."""
    blocks: list[Block] = []
    for chapter in terms.chapters:
        if chapter.heading:
            blocks.append(_chapter_block(chapter.heading))
        blocks.extend(_article_block(article) for article in chapter.articles)
    blocks.extend(_annex_block(annex) for annex in terms.annexes)
    return blocks


def _chapter_block(heading: str) -> Block:
    match = _CHAPTER.fullmatch(heading)
    label, space, text = match.groups() if match else ("", "", heading)
    return Block("chapter", "", Unit("chapter", label, space, text), names=(label,) if label else ())


def _article_block(article: Article) -> Block:
    title = f"（{article.title}）" if article.title else ""
    heading = Unit("heading", article.number.label_ja(), "", title)
    names = (article.title,) if article.title else ()
    return Block("article", str(article.number), heading, _paragraph_nodes(article.paragraphs), names)


def _annex_block(annex: Annex) -> Block:
    heading = Unit("heading", "", "", annex.title)
    return Block("annex", annex.key, heading, _paragraph_nodes(annex.clauses), (annex.key, annex.title))


def _paragraph_nodes(paragraphs: Iterable[Paragraph]) -> tuple[Node, ...]:
    return tuple(chain.from_iterable(_nodes_of(one, place) for place, one in enumerate(paragraphs, start=1)))


def _nodes_of(paragraph: Paragraph, place: int) -> Iterator[Node]:
    """A paragraph, and before it the small heading above it, where there is one."""
    if paragraph.heading:
        match = _CLAUSE.fullmatch(paragraph.heading)
        label, space, text = match.groups() if match else ("", "", paragraph.heading)
        yield Node(Unit("heading", label, space, text), f"heading {label or text}")
    yield _paragraph_node(paragraph, place)


def _paragraph_node(paragraph: Paragraph, place: int) -> Node:
    label = "" if paragraph.number is None else f"{paragraph.number}."
    unit = Unit("paragraph", label, " " if label else "", paragraph.text)
    rows = chain.from_iterable(_table_nodes(table) for table in paragraph.tables)
    return Node(unit, label or f"{place}.", (*_item_nodes(paragraph.items, 1), *rows))


def _item_nodes(items: Iterable[Item], depth: int) -> tuple[Node, ...]:
    return tuple(
        Node(
            Unit("item", item.label, " " if item.label else "", item.text, depth),
            item.label or f"bullet {place}",
            _item_nodes(item.items, depth + 1),
        )
        for place, item in enumerate(items)
    )


def _table_nodes(table: Table) -> Iterator[Node]:
    for cells in (table.header, *table.rows):
        if cells:
            yield Node(Unit("table", "", "", CELL_MARK.join(cells), 1), f"row {cells[0]}")

"""The rows of a comparison table (新旧対照表): what stands beside what, with its remark.

What is untouched folds to （略）. A changed article is shown whole; inside it every unit (heading, paragraph,
item, table row) is a row, with a remark where it changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from contracts.terms.compare.align import ALIKE, Part, align, likeness
from contracts.terms.compare.fold import fold
from contracts.terms.compare.outline import (
    Block,
    Node,
    Unit,
    UnitKind,
    blocks_of,
    preamble_of,
    title_of,
)
from contracts.terms.compare.passages import Passage, Span, passages
from contracts.terms.tree import Terms

Remark = Literal["", "（変更）", "（追加）", "（新設）", "（削除）", "（略）"]
CHANGED: Remark = "（変更）"
ADDED: Remark = "（追加）"
NEW: Remark = "（新設）"
DELETED: Remark = "（削除）"
OMITTED: Remark = "（略）"

ChangeKind = Literal["replaced", "added", "removed", "renumbered", "moved"]
_NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Change:
    """A changed passage of a row, by its place in the texts of both sides."""

    kind: ChangeKind
    old: Span
    new: Span


@dataclass(frozen=True)
class Row:
    """One row. `article` is the number of the article (`18の2`) or the key of the annex (`suppl`).

    A row of what is left out names the first and last of them (`3～17`); for title, preamble and chapters it
    is empty. A side that has no such part says so (`（追加）`), or is empty below such a row.
    """

    article: str
    old: str
    new: str
    remark: Remark
    changes: tuple[Change, ...]
    kind: UnitKind
    depth: int = 0

    @property
    def moved(self) -> bool:
        return any(change.kind == "moved" for change in self.changes)

    def to_dict(self) -> dict[str, Any]:
        return {
            "article": self.article,
            "old": self.old,
            "new": self.new,
            "remark": self.remark,
            "changes": [
                {
                    "kind": change.kind,
                    "old": change.old.of(self.old),
                    "new": change.new.of(self.new),
                    "old_span": [change.old.start, change.old.end],
                    "new_span": [change.new.start, change.new.end],
                }
                for change in self.changes
            ],
        }


def compare(old: Terms, new: Terms) -> tuple[Row, ...]:
    """The rows of the table of two texts, in the order of the new one; what was deleted stands in its place.

    Differences of white space and of character width are none. Two equal texts give one row （略）.
    """
    table = _Table()
    if fold(old.title) != fold(new.title):
        table.add(_paired("", title_of(old), title_of(new)))
    table.take(preamble_of(old), preamble_of(new))
    old_blocks, new_blocks = blocks_of(old), blocks_of(new)
    removed = _removed_in_place(old_blocks) | _removed_in_place(new_blocks)
    old_parts = _block_parts(old_blocks, new_blocks, removed)
    for pair in align(old_parts, _block_parts(new_blocks, old_blocks, removed)):
        before = None if pair.old is None else old_blocks[pair.old]
        after = None if pair.new is None else new_blocks[pair.new]
        table.take(before, after, moved=pair.moved)
    return table.finish()


class _Table:
    """Collects the rows, and folds what is untouched."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._untouched: list[Block] = []

    def add(self, *rows: Row) -> None:
        self._fold()
        self._rows.extend(rows)

    def take(self, old: Block | None, new: Block | None, *, moved: bool = False) -> None:
        if old and new and not moved and old.exactly == new.exactly:
            self._untouched.append(new)
        else:
            self.add(*_block_rows(old, new, moved))

    def finish(self) -> tuple[Row, ...]:
        self._fold()
        return tuple(self._rows) or (_omitted(""),)

    def _fold(self) -> None:
        """Chapter headings alone make no row: a table shows them only where they changed."""
        shown = [block for block in self._untouched if block.nodes]
        self._untouched.clear()
        names = [block.name for block in shown if block.name]
        if shown:
            self._rows.append(_omitted("～".join(dict.fromkeys((names[0], names[-1]))) if names else ""))


def _omitted(article: str) -> Row:
    return Row(article, OMITTED, OMITTED, OMITTED, (), "omitted")


def _removed_in_place(blocks: Sequence[Block]) -> set[str]:
    return {block.name for block in blocks if block.removed_in_place}


def _block_parts(blocks: Sequence[Block], others: Sequence[Block], removed: set[str]) -> list[Part]:
    """`removed` are numbers that one side keeps for a deleted article: there the number alone decides."""
    return [
        Part(
            block.content,
            (*block.names, f"number {block.name}") if block.name in removed else block.names,
            block.name or (block.heading.label if block.heading else ""),
            _kind(block, others),
        )
        for block in blocks
    ]


def _kind(block: Block, others: Sequence[Block]) -> str:
    """Each amendment has its own supplementary provision: one that names other days is another one."""
    theirs = [other.days for other in others if other.days is not None]
    if block.days and all(days and days.isdisjoint(block.days) for days in theirs):
        return f"{block.kind} of {min(block.days)}"
    return block.kind


def _block_rows(old: Block | None, new: Block | None, moved: bool) -> Iterator[Row]:
    if old and (new is None or (new.removed_in_place and not old.removed_in_place)):
        yield from _deleted_block(old, _stand_in(new) or DELETED)
    elif new and (old is None or (old.removed_in_place and not new.removed_in_place)):
        yield from _new_block(new, _stand_in(old) or NEW)
    elif old and new:
        yield from _changed_block(old, new, moved)


def _changed_block(old: Block, new: Block, moved: bool) -> Iterator[Row]:
    """A changed article is shown whole; of one whose heading alone changed, the rest is left out."""
    if old.heading and new.heading:
        yield _paired(new.name, old.heading, new.heading, moved=moved)
    if old.body != new.body:
        yield from _node_rows(new.name, old.nodes, new.nodes)
    elif new.nodes:
        yield _omitted(new.name)


def _stand_in(block: Block | None) -> str:
    """What an article that was deleted in place says: 第10条 削除."""
    return f"{block.heading.label} 削除" if block and block.heading else ""


def _deleted_block(block: Block, instead: str) -> Iterator[Row]:
    for place, unit in enumerate(_all_units(block)):
        yield _old_only(block.name, unit, "" if place else instead, "" if place else DELETED)


def _new_block(block: Block, instead: str) -> Iterator[Row]:
    for place, unit in enumerate(_all_units(block)):
        yield _new_only(block.name, unit, "" if place else instead, "" if place else NEW)


def _all_units(block: Block) -> list[Unit]:
    return [*([block.heading] if block.heading else []), *block.units()]


def _node_rows(name: str, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Row]:
    for pair in align(_node_parts(old), _node_parts(new)):
        if pair.new is None and pair.old is not None:
            for unit in old[pair.old].units():
                yield _old_only(name, unit, DELETED, DELETED)
        elif pair.old is None and pair.new is not None:
            for unit in new[pair.new].units():
                yield _new_only(name, unit, ADDED, ADDED)
        elif pair.old is not None and pair.new is not None:
            before = _lines_as_items(old[pair.old], new[pair.new])
            after = _lines_as_items(new[pair.new], before)
            if before.unit.shown or after.unit.shown:
                yield _paired(name, before.unit, after.unit, moved=pair.moved)
            yield from _node_rows(name, before.children, after.children)


def _lines_as_items(node: Node, other: Node) -> Node:
    """A paragraph with lines that are alike to items of the other side: these lines are items, too."""
    lines = node.unit.text.split("\n")
    kept = other.unit.text.count("\n") + 1
    like = [Part(item.content) for item in other.children if item.unit.kind == "item"]
    found: list[list[str]] = []
    for line in lines[kept:]:
        alike = next((part for part in like if likeness(Part(fold(line)), part) >= ALIKE), None)
        if alike:
            like.remove(alike)
            found.append([line])
        elif not found:
            return node
        else:
            found[-1].append(line)
    if not found:
        return node
    items = (Unit("item", "", "", "\n".join(one), 1) for one in found)
    nodes = (Node(item, f"line {place}") for place, item in enumerate(items))
    unit = replace(node.unit, text="\n".join(lines[:kept]))
    return replace(node, unit=unit, children=(*nodes, *node.children))


def _node_parts(nodes: Sequence[Node]) -> list[Part]:
    return [Part(node.content, (node.name,), node.unit.label, _place_of(node)) for node in nodes]


def _place_of(node: Node) -> str:
    """A small heading never answers to the text below one."""
    return "heading" if node.unit.kind == "heading" else ""


def _old_only(name: str, unit: Unit, instead: str, remark: Remark) -> Row:
    change = Change("removed", Span(0, len(unit.shown)), _NOWHERE)
    return Row(name, unit.shown, instead, remark, (change,), unit.kind, unit.depth)


def _new_only(name: str, unit: Unit, instead: str, remark: Remark) -> Row:
    change = Change("added", _NOWHERE, Span(0, len(unit.shown)))
    return Row(name, instead, unit.shown, remark, (change,), unit.kind, unit.depth)


def _paired(name: str, old: Unit, new: Unit, *, moved: bool = False) -> Row:
    changes = tuple(_changes(old, new))
    if moved:
        places = Span(0, len(old.label)), Span(0, len(new.label))
        changes = (Change("moved", *places), *(one for one in changes if one.kind != "renumbered"))
    return Row(name, old.shown, new.shown, CHANGED if changes else "", changes, new.kind, new.depth)


def _changes(old: Unit, new: Unit) -> Iterator[Change]:
    """The label counts as a passage of its own, unless the text changes right behind it."""
    found = [_shifted(passage, old, new) for passage in passages(old.text, new.text)]
    if fold(old.label) != fold(new.label):
        labels = Passage(Span(0, len(old.label)), Span(0, len(new.label)))
        if found and found[0].old.start == _offset(old) and found[0].new.start == _offset(new):
            first = found.pop(0)
            labels = Passage(Span(0, first.old.end), Span(0, first.new.end))
            yield Change("replaced", labels.old, labels.new)
        else:
            yield Change("renumbered", labels.old, labels.new)
    for passage in found:
        kind: ChangeKind = "added" if passage.old.empty else "removed" if passage.new.empty else "replaced"
        yield Change(kind, passage.old, passage.new)


def _offset(unit: Unit) -> int:
    return len(unit.label) + len(unit.separator)


def _shifted(passage: Passage, old: Unit, new: Unit) -> Passage:
    return replace(
        passage,
        old=Span(passage.old.start + _offset(old), passage.old.end + _offset(old)),
        new=Span(passage.new.start + _offset(new), passage.new.end + _offset(new)),
    )

"""A comparison table with the labels of its sides and the order of its columns, and its JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.terms.compare.rows import Row, compare
from contracts.terms.tree import Terms

NewOn = Literal["left", "right"]
NEW_HEAD, OLD_HEAD, REMARK_HEAD, ARTICLE_HEAD = "新", "旧", "備考", "条"


@dataclass(frozen=True)
class Side:
    """A text to compare, and how readers call it (a version's name, a file's name)."""

    terms: Terms
    label: str


@dataclass(frozen=True)
class ComparisonTable:
    """The rows and what the headings say. `new_on` is the side on which the new text stands."""

    rows: tuple[Row, ...]
    title: str
    old_label: str
    new_label: str
    new_on: NewOn = "left"

    @classmethod
    def of(cls, old: Side, new: Side, new_on: NewOn = "left") -> "ComparisonTable":
        return cls(compare(old.terms, new.terms), new.terms.title, old.label, new.label, new_on)

    def in_order(self, new: str, old: str) -> tuple[str, str]:
        """What belongs into the left and into the right column."""
        return (new, old) if self.new_on == "left" else (old, new)


def as_json(rows: Sequence[Row]) -> str:
    """A list of `{article, old, new, remark, changes}`; see `Row.to_dict`."""
    return json.dumps([row.to_dict() for row in rows], ensure_ascii=False, indent=2)

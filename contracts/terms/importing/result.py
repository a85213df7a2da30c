"""What an import gives: the tree, and everything of the text that is not in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from contracts.problems.reasons import Reason
from contracts.terms.reader import TermsProblem
from contracts.terms.tree import Terms


@dataclass(frozen=True)
class Leftover:
    """Text that has no place in the tree: the line it stands in, counted from 1, the text and the reason."""

    line: int
    text: str
    reason: Reason


class FurnitureKind(StrEnum):
    """What belongs to the page and not to the text."""

    PAGE_NUMBER = "page number"
    RUNNING_HEAD = "running head"
    END_MARK = "end mark"
    RULE = "rule"
    CONTENTS = "table of contents"
    BULLET = "bullet before a heading"


@dataclass(frozen=True, order=True)
class Furniture:
    """A line that belongs to the page: page number, repeated head, 以上."""

    line: int
    text: str
    kind: FurnitureKind


class NoteKind(StrEnum):
    """What staff should look at before they publish."""

    TITLE_ASSUMED = "title assumed"
    OPEN_NUMBER = "open article number"
    ARTICLE_GAP = "article numbers missing"
    PARAGRAPH_GAP = "paragraph numbers missing"
    NO_TEXT = "no text below the heading"
    DELETED = "deleted articles"
    COUNTED_ON = "numbers that repeat were counted on"


@dataclass(frozen=True, order=True)
class Note:
    """Something unusual in the text that was kept as it is; `subject` says what it is about (第〇条)."""

    line: int
    kind: NoteKind
    subject: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.kind}: {self.subject}"


@dataclass(frozen=True)
class ImportedTerms:
    """A text read into a tree. Every character of it outside white space is in one of the three parts."""

    terms: Terms
    not_placed: tuple[Leftover, ...]
    furniture: tuple[Furniture, ...]
    notes: tuple[Note, ...]


class TermsImportError(ValueError):
    """A text can't be imported. `problems` lists what is wrong, by line."""

    def __init__(self, problems: Sequence[TermsProblem]) -> None:
        self.problems = sorted(problems, key=attrgetter("line"))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[TermsImportError], tuple[list[TermsProblem]]]:
        return type(self), (self.problems,)

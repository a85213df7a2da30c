"""What a comparison table makes of a version."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contracts.terms.importing.result import Leftover
from contracts.terms.tree import Terms


class StepKind(StrEnum):
    """What a row does to the old version."""

    CHANGED = "changed"
    ADDED = "added"
    DELETED = "deleted"
    RENUMBERED = "renumbered"
    COUNTED_ON = "counted on"


@dataclass(frozen=True)
class Step:
    """One change, with the line of its row and the place (第18条第2項) in the new version."""

    line: int
    kind: StepKind
    at: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Amendment:
    """The new version that a table and the old version give, and what of the table is not in it."""

    terms: Terms
    steps: tuple[Step, ...]
    not_placed: tuple[Leftover, ...]

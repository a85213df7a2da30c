"""What an import found beside the tree, and what a comparison table does, for the interface."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.terms.amending import Amendment, StepKind
from contracts.terms.importing import FurnitureKind, ImportedTerms, NoteKind
from contracts.terms.references import PlacedReference
from contracts.terms.tree import Terms
from contracts.wording.problems import reason_text
from portal.language import in_english

_NOTES = {
    NoteKind.TITLE_ASSUMED: _("The title was taken from the first line"),
    NoteKind.OPEN_NUMBER: _("The number of this article is left open"),
    NoteKind.ARTICLE_GAP: _("Article numbers are missing"),
    NoteKind.PARAGRAPH_GAP: _("Paragraph numbers are missing"),
    NoteKind.NO_TEXT: _("There is no text below the heading"),
    NoteKind.DELETED: _("Articles that were deleted"),
    NoteKind.COUNTED_ON: _("A number that repeats was counted on"),
}
_FURNITURE = {
    FurnitureKind.PAGE_NUMBER: _("Page number"),
    FurnitureKind.RUNNING_HEAD: _("Running head"),
    FurnitureKind.END_MARK: _("End mark"),
    FurnitureKind.RULE: _("Horizontal line"),
    FurnitureKind.CONTENTS: _("Table of contents"),
    FurnitureKind.BULLET: _("Bullet before a heading"),
}

_STEPS = {
    StepKind.CHANGED: _("changed"),
    StepKind.ADDED: _("added"),
    StepKind.DELETED: _("deleted"),
    StepKind.RENUMBERED: _("another number"),
    StepKind.COUNTED_ON: _("number counted on, as one was added before it"),
}


@dataclass(frozen=True)
class Finding:
    """A list for staff to look through; `serious` where something may be lost or wrong."""

    title: Any
    lines: list[str] = field(default_factory=list)
    serious: bool = False


def import_findings(imported: ImportedTerms) -> list[Finding]:
    """What has no place in the tree, is unusual, or belongs to the page; empty lists are left out."""
    not_placed = [
        line_of(item.line, f"{item.text} ({reason_text(item.reason)})") for item in imported.not_placed
    ]
    notes = [line_of(note.line, f"{_NOTES[note.kind]}: {note.subject}") for note in imported.notes]
    furniture = [line_of(item.line, f"{item.text} ({_FURNITURE[item.kind]})") for item in imported.furniture]
    found = [
        Finding(_("Not placed: found no place in the tree"), not_placed, serious=True),
        Finding(_("Unusual, kept as it is"), notes),
        Finding(_("Belongs to the page, left out"), furniture),
    ]
    return [finding for finding in found if finding.lines]


def dangling_findings(terms: Terms, dangling: Iterable[PlacedReference]) -> list[Finding]:
    """References that lead nowhere, with where they stand; nothing where there are none."""
    label = terms.label_en if in_english() else terms.label_ja
    lines = [
        f"{label(placed.at)}: {placed.reference.text} ({reason_text(placed.missing.reason)})"
        for placed in dangling
        if placed.missing
    ]
    return [Finding(_("References that lead nowhere"), lines)] if lines else []


def line_of(line: int, text: str) -> str:
    """A text with the line in which it stands."""
    return gettext("Line %(line)s: %(reason)s") % {"line": line, "reason": text}


@dataclass(frozen=True)
class StepLine:
    """One line of the table that shows what each row does."""

    line: int
    at: str
    what: Any
    old: str
    new: str


def step_lines(amendment: Amendment) -> list[StepLine]:
    """What the rows do, in their order."""
    return [StepLine(step.line, step.at, _STEPS[step.kind], step.old, step.new) for step in amendment.steps]


def amendment_findings(amendment: Amendment) -> list[Finding]:
    """What of the table has no place in the new version; nothing where all of it has."""
    lines = [line_of(item.line, f"{item.text} ({reason_text(item.reason)})") for item in amendment.not_placed]
    return [Finding(_("Not taken over from the table"), lines, serious=True)] if lines else []

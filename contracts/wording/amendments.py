"""What a comparison table does to the version before, in the language of the interface."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.terms.amending import Amendment, StepKind
from contracts.wording.imports import Finding, line_of
from contracts.wording.problems import reason_text

_KINDS = {
    StepKind.CHANGED: _("changed"),
    StepKind.ADDED: _("added"),
    StepKind.DELETED: _("deleted"),
    StepKind.RENUMBERED: _("another number"),
    StepKind.COUNTED_ON: _("number counted on, as one was added before it"),
}


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
    return [StepLine(step.line, step.at, _KINDS[step.kind], step.old, step.new) for step in amendment.steps]


def amendment_findings(amendment: Amendment) -> list[Finding]:
    """What of the table has no place in the new version; nothing where all of it has."""
    lines = [line_of(item.line, f"{item.text} ({reason_text(item.reason)})") for item in amendment.not_placed]
    return [Finding(_("Not taken over from the table"), lines, serious=True)] if lines else []

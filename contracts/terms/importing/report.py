"""An import in plain lists and dictionaries, as JSON can hold it."""

from __future__ import annotations

from typing import Any

from contracts.terms.importing.result import ImportedTerms
from contracts.terms.references import PlacedReference, dangling_references


def as_json(imported: ImportedTerms) -> dict[str, Any]:
    """The tree, and everything that staff should look at, with line numbers of the source.

    `number` of an article is a text: "18の2", or "〇" where the text leaves the number open.
    """
    return {
        **imported.terms.to_dict(),
        "not_placed": [
            {"line": item.line, "text": item.text, "reason": str(item.reason)} for item in imported.not_placed
        ],
        "dangling_references": [_dangling(placed) for placed in dangling_references(imported.terms)],
        "page_furniture": [
            {"line": item.line, "text": item.text, "kind": str(item.kind)} for item in imported.furniture
        ],
        "notes": [
            {"line": note.line, "kind": str(note.kind), "subject": note.subject} for note in imported.notes
        ],
    }


def _dangling(placed: PlacedReference) -> dict[str, str | None]:
    target = placed.reference.target
    return {
        "at": str(placed.at),
        "text": placed.reference.text,
        "target": str(target) if target else None,
        "reason": str(placed.missing.reason) if placed.missing else None,
    }

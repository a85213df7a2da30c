"""Makes a new version from a published comparison table (新旧対照表) and the version before it.

table    rows of a table in any of the forms in which files come
entries  what a line of a cell is: a heading, （略）, a part of the text
sections which article or annex a row is of
texts    the new version, from what the rows show of each
finding  where what a row shows as old stands in the old version
bodies   one article or annex amended by its rows; pieces
"""

from __future__ import annotations

from contracts.terms.amending.result import Amendment, Step, StepKind
from contracts.terms.amending.table import read_comparison
from contracts.terms.amending.texts import amend_terms
from contracts.terms.tree import Terms

__all__ = ["Amendment", "Step", "StepKind", "amend"]


def amend(old: Terms, text: str) -> Amendment:
    """The new version: what the table shows as changed, added and deleted; all else as it was.

    Everything of the table that has no place there is listed with its line. Raises TermsImportError for a
    text without a comparison table, or beyond the limits.
    """
    return amend_terms(old, read_comparison(text))

"""Writes the table of OWASP ASVS 5.0 into docs/security.md, from docs/asvs.csv.

Usage: .venv/bin/python scripts/asvs.py, from the project's root; after docs/asvs.csv was changed
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA, PAGE = ROOT / "docs/asvs.csv", ROOT / "docs/security.md"
BEGIN, END = "<!-- asvs: written by scripts/asvs.py -->", "<!-- /asvs -->"

STATES = {
    "yes": "met",
    "part": "partly",
    "no": "**not met**",
    "server": "the server in front",
    "n/a": "not applicable",
}


@dataclass(frozen=True)
class Requirement:
    """One of the standard's, by its number: how it stands with the portal, where, and which test shows it."""

    number: str
    level: str
    state: str
    asked: str
    where: str
    shown: str


def requirements() -> list[Requirement]:
    """All of levels 1 and 2, in the order of the standard."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return [Requirement(**row) for row in csv.DictReader(file)]


def table(of: Sequence[Requirement]) -> str:
    """How many stand how, and a row each, as Markdown."""
    counts = Counter(one.state for one in of)
    sums = ", ".join(f"{counts[state]} {words.strip('*')}" for state, words in STATES.items())
    head = (
        "| number | level | asked, in our words | | where, or why not | shown by |\n|---|---|---|---|---|---|"
    )
    return "\n".join([f"{len(of)} requirements: {sums}.", "", head, *map(_row, of)])


def _row(one: Requirement) -> str:
    shown = f"`{one.shown}`" if one.shown else ""
    return f"| {one.number} | {one.level} | {one.asked} | {STATES[one.state]} | {one.where} | {shown} |"


def with_table(page: str, written: str) -> str:
    """A page with the table between its marks."""
    before, _mark, rest = page.partition(BEGIN)
    _old, _mark, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{written}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), table(requirements())), encoding="utf-8")

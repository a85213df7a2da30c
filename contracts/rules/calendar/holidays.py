"""The national holidays of Japan, as the file `holidays.csv` beside this module keeps them.

No library is asked while something is decided: a question gets the same answer whatever is installed. The
file was written from jpholiday for the years 2010 to 2040; `manage.py national_holidays` compares the two.
Outside of those years no national holiday is known. What the law changes, and years to come, are added as
rows that are known from a day on: what was decided before that day comes out as it did.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("holidays.csv")
FIRST_YEAR, LAST_YEAR = 2010, 2040
"""The years for which the file speaks."""


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A day and its holiday, an empty name for none, as it is known from a day on; None for always."""

    day: date
    name: str
    known_from: date | None


class NationalHolidays:
    """The holidays of a table; of the rows of one day that which became known last counts."""

    def __init__(self, rows: Iterable[HolidayRow]) -> None:
        self._rows = sorted(rows, key=_known_from)
        self._days: dict[int, frozenset[date]] = {}

    def names_on(self, day: date) -> dict[date, str]:
        """Each holiday with its name, as a day knows them."""
        latest = {row.day: row.name for row in self._rows[: self._how_many_known_on(day)]}
        return {holiday: latest[holiday] for holiday in sorted(latest) if latest[holiday]}

    def known_on(self, day: date) -> frozenset[date]:
        """All holidays as a day knows them; the same object for days that know the same."""
        rows = self._how_many_known_on(day)
        if rows not in self._days:
            self._days[rows] = frozenset(self.names_on(day))
        return self._days[rows]

    def _how_many_known_on(self, day: date) -> int:
        return bisect_right(self._rows, day, key=_known_from)


def _known_from(row: HolidayRow) -> date:
    return row.known_from or date.min


def read_holidays(lines: Iterable[str]) -> list[HolidayRow]:
    """The rows of a file: `day,name,known_from`, with a line of these names above them."""
    return [_row(cells) for cells in csv.DictReader(lines)]


def _row(cells: Mapping[str, str]) -> HolidayRow:
    known_from = cells["known_from"]
    return HolidayRow(
        date.fromisoformat(cells["day"]),
        cells["name"],
        date.fromisoformat(known_from) if known_from else None,
    )


@cache
def national_holidays() -> NationalHolidays:
    """The holidays of the file."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return NationalHolidays(read_holidays(lines))

"""Days in bank files: YYMMDD in the Japanese calendar, without the era."""

from __future__ import annotations

from datetime import date

_FIRST_YEARS = {"Reiwa": 2019, "Heisei": 1989, "Western": 2001}


def read_day(digits: str, near: date) -> date | None:
    """The day that six digits mean, taken nearest to `near`; None where no calendar has it.

    The year counts within an era that the file does not name (080501 is 1 May 2026, Reiwa 8), or, as some
    banks write it, within the Western century (260501). The reading nearest to the day on which the file is
    read decides: the others lie years away.
    """
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    found = []
    for first_year in _FIRST_YEARS.values():
        try:
            found.append(date(first_year - 1 + year, month, day))
        except ValueError:
            continue
    return min(found, key=lambda candidate: abs(candidate - near), default=None)


def write_day(day: date) -> str:
    """A day from 2019 on as the year of Reiwa, month and day. ValueError for an earlier one."""
    if day < date(2019, 5, 1):
        raise ValueError(f"{day} lies before the era of Reiwa")
    return f"{day.year - 2018:02}{day:%m%d}"

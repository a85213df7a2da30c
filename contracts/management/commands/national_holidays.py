"""Compare the national holidays that decisions count with to those of the installed jpholiday."""

import csv
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date
from typing import Any

import jpholiday
from django.core.management.base import BaseCommand, CommandError

from contracts.rules.calendar.holidays import FILE, FIRST_YEAR, LAST_YEAR, HolidayRow, national_holidays


class Command(BaseCommand):
    help = (
        "Compare the file of national holidays with the installed jpholiday. Exit code 1 names each day that "
        "differs. With --known-from these days are added to the file: decisions from then on count with them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--known-from",
            type=date.fromisoformat,
            metavar="DAY",
            help="add what differs, as known from this day on: that of the release which brings it, at least",
        )

    def handle(self, *, known_from: date | None, **options: Any) -> None:
        kept = national_holidays().names_on(date.max)
        found = differences(kept, installed_holidays(), known_from)
        if found and known_from is None:
            raise CommandError("\n".join(_told(row, kept) for row in found))
        with FILE.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows((row.day, row.name, row.known_from) for row in found)
        for row in found:
            self.stdout.write(_told(row, kept))
        self.stdout.write(f"{len(found)} rows added." if found else "The file and jpholiday agree.")


def installed_holidays() -> dict[date, str]:
    """The holidays of the file's years with their names, by the installed jpholiday."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return {day: name for year in years for day, name in jpholiday.year_holidays(year)}


def differences(
    kept: Mapping[date, str], found: Mapping[date, str], known_from: date | None
) -> list[HolidayRow]:
    """A row for each day on which two tables differ, which makes the first say what the second does."""
    days = sorted(kept.keys() | found.keys())
    return [
        HolidayRow(day, found.get(day, ""), known_from) for day in days if kept.get(day) != found.get(day)
    ]


def _told(row: HolidayRow, kept: Mapping[date, str]) -> str:
    return (
        f"{row.day}: {kept.get(row.day, 'no holiday')} in the file, {row.name or 'no holiday'} in jpholiday"
    )

"""National holidays come from a file: a change of law adds to it, and changes nothing that was decided."""

from datetime import date
from io import StringIO

import jpholiday
import pytest
from django.core.management import CommandError, call_command

from billing.calculation.bank_days import banks_are_open
from contracts.management.commands.national_holidays import differences, installed_holidays
from contracts.rules.calendar.holidays import NationalHolidays, national_holidays, read_holidays
from contracts.rules.rulebook import Rulebook
from tests.rules.policies import japan, policy

REVISED = """day,name,known_from
2031-07-21,海の日,
2031-07-21,,2031-02-01
2031-07-23,海の日,2031-02-01
""".splitlines()

TEN_BUSINESS_DAYS = {
    "article": "10-1",
    "anchor": "wanted_date",
    "before": {"business_days": 10},
    "calendar": "company",
}


def test_the_installed_jpholiday_says_what_the_file_does():
    kept = national_holidays().names_on(date.max)
    differing = [str(row.day) for row in differences(kept, installed_holidays(), None)]
    assert differing == [], "add them as a dated revision: manage.py national_holidays --known-from DAY"


def test_a_newer_jpholiday_is_told_by_each_day_that_differs(monkeypatch):
    year_holidays = jpholiday.year_holidays

    def moved(year: int) -> list[tuple[date, str]]:
        found = [entry for entry in year_holidays(year) if entry[0] != date(2031, 7, 21)]
        return [*found, (date(2031, 7, 23), "海の日")] if year == 2031 else found

    monkeypatch.setattr(jpholiday, "year_holidays", moved)
    with pytest.raises(CommandError) as told:
        call_command("national_holidays", stdout=StringIO())
    assert str(told.value).splitlines() == [
        "2031-07-21: 海の日 in the file, no holiday in jpholiday",
        "2031-07-23: no holiday in the file, 海の日 in jpholiday",
    ]


def test_what_differs_is_added_as_known_from_a_day_on(monkeypatch, tmp_path):
    monkeypatch.setattr("contracts.management.commands.national_holidays.FILE", tmp_path / "holidays.csv")
    monkeypatch.setattr(jpholiday, "year_holidays", lambda year: [])
    call_command("national_holidays", known_from=date(2031, 2, 1), stdout=StringIO())
    first = (tmp_path / "holidays.csv").read_text(encoding="utf-8").splitlines()[0]
    assert first == "2010-01-01,,2031-02-01"


def test_what_a_day_knows_is_what_was_known_by_then():
    holidays = NationalHolidays(read_holidays(REVISED))
    assert holidays.known_on(date(2031, 1, 31)) == {date(2031, 7, 21)}
    assert holidays.known_on(date(2031, 2, 1)) == {date(2031, 7, 23)}


def test_a_decision_of_before_a_revision_comes_out_as_it_did():
    rules = policy(cancellation__deadline=TEN_BUSINESS_DAYS, cancellation__ends="any_day")
    book = Rulebook(rules, holidays=NationalHolidays(read_holidays(REVISED)))
    wanted = date(2031, 7, 22)

    before = book.cancellation(japan("2031-01-31 12:00"), wanted)
    after = book.cancellation(japan("2031-02-01 12:00"), wanted)

    assert before.deadline_on == date(2031, 7, 7)  # Monday, Jul 21, is closed
    assert after.deadline_on == date(2031, 7, 8)


def test_outside_of_the_years_of_the_file_no_national_holiday_is_known():
    known = national_holidays().known_on(date.max)
    assert {day.year for day in known} == set(range(2010, 2041))
    assert banks_are_open(date(2041, 5, 3))
    assert not banks_are_open(date(2040, 5, 3))

"""What can be wrong with a bank file: where, and why. Screens have a sentence for each key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from contracts.rules.limits import LARGEST_AMOUNT

PROBLEM_KEYS: dict[str, str] = {
    "empty": "the file holds nothing",
    "no_entries": "the rows hold no amount that came in or went out",
    "charset": "bytes that are not in the character set: given byte, position",
    "encoding": "the text is not written in the encoding: given encoding",
    "length": "a record of another length: given expected, found",
    "kind": "another kind of file than expected: given expected, found",
    "record_unknown": "a record that begins with an unknown mark: given found",
    "record_order": "a record where another must stand: given found",
    "incomplete": "the file breaks off: given missing",
    "digits": "other than digits where digits must stand: given found",
    "code": "a code that the field does not know: given found, allowed",
    "day": "no day of the calendar: given found",
    "total": "a trailer's count or sum is not that of the lines: given expected, found",
    "account_kind": "an account whose records have another layout: given found",
    "column_missing": "a column that the mapping names is not in the file: given column",
    "amount": "no whole amount in yen: given found",
    "too_large": "more yen than one amount can be: given found, most",
    "both_amounts": "money that came in and went out in one line",
    "cells": "a row with fewer columns than the first: given expected, found",
    "cell_open": "a cell without an end",
    "too_long": "a text or number longer than its field: given length, text",
    "not_bank_kana": "characters that bank files do not know: given characters",
}


@dataclass(frozen=True)
class FileProblem:
    """One problem: the number of the record or row (from 1; 0 for the whole file), the field, and the key."""

    line: int
    field: str
    key: str
    given: Mapping[str, str | int] = dataclass_field(default_factory=dict)

    def __str__(self) -> str:
        details = ", ".join(f"{name} {value}" for name, value in self.given.items())
        place = f"line {self.line}" + (f", {self.field}" if self.field else "")
        return f"{place}: {PROBLEM_KEYS[self.key]}" + (f" ({details})" if details else "")


def too_large(line: int, field: str, amount: int) -> FileProblem:
    """The problem of an amount above the largest."""
    return FileProblem(line, field, "too_large", {"found": f"{amount:,}", "most": f"{LARGEST_AMOUNT:,}"})


class BankFileError(Exception):
    """A file that can't be taken, or data that can't be written, with every problem found."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[BankFileError], tuple[tuple[FileProblem, ...]]]:
        return type(self), (self.problems,)

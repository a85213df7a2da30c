"""Columns of tables: how one is headed in both languages, and how its cells are read and written."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from portal.formats.workbooks import Cell
from portal.formats.written import ERRORS, day_in, whole_in
from portal.tables_in.reading import cell_text, guarded

_LANGUAGES = ("ja", "en")


class WordsCell(forms.CharField):
    """Words as they were written."""


class DayCell(forms.Field):
    """A day: 2026-10-05, 2026/10/5, 2026年10月5日, 20261005, 令和8年10月5日."""

    def to_python(self, value: Any) -> date | None:
        day = day_in(value)
        if day is None and str(value).strip():
            raise ValidationError(_("This is no day; write it as 2026-10-05."), "day")
        return day


class WholeCell(forms.Field):
    """A whole number from `least` to `most`, such as yen: 1,000 and ¥1,000 and 1,000円 are fine."""

    def __init__(self, *, least: int = 0, most: int = 10**11, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def to_python(self, value: Any) -> int | None:
        if not str(value).strip():
            return None
        number = whole_in(value)
        if number is None or not self.least <= number <= self.most:
            raise ValidationError(
                _("This must be a whole number from %(least)s to %(most)s.")
                % {"least": f"{self.least:,}", "most": f"{self.most:,}"},
                "whole",
            )
        return number


class ChoiceCell(forms.Field):
    """One of some keys, written by its label in either language, or as it is."""

    def __init__(self, labels: Mapping[Any, Any], **options: Any) -> None:
        super().__init__(**options)
        self.labels = labels

    def to_python(self, value: Any) -> Any:
        text = comparable(str(value))
        if not text:
            return None
        if text in self._known:
            return self._known[text]
        offered = _(", ").join(str(label) for label in self.labels.values())
        raise ValidationError(_("Write one of these: %(offered)s.") % {"offered": offered}, "choice")

    @cached_property
    def _known(self) -> dict[str, Any]:
        """The keys, by all that they may be written as."""
        return {
            text: key
            for key, label in self.labels.items()
            for text in (comparable(str(key)), *_in_both(label))
        }


YES_OR_NO = {True: gettext_lazy("Yes"), False: gettext_lazy("No")}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table. `heading` is understood in Japanese and in English, and so is the key itself.

    `also` are other headings that people write. `field` cleans what a cell says; where it is required, the
    column has to be there. A column that is not there leaves what is stored as it is, an empty cell empties
    it. `example` is a value.
    """

    key: str
    heading: Any
    field: forms.Field
    example: Any = ""
    help: Any = ""
    also: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        return self.field.required

    @property
    def shown_example(self) -> str:
        return self.text(self.example)

    def is_headed(self, heading: str) -> bool:
        """Whether a heading of a file means this column."""
        text = comparable(heading)
        return text in {comparable(self.key), *_in_both(self.heading), *map(comparable, self.also)}

    def read(self, text: str) -> Any:
        """What a cell means. ValidationError with what to do."""
        if not text and self.required:
            raise ValidationError(_("This must be filled in."), "required")
        if text in ERRORS:
            raise ValidationError(_("This cell holds an error of the spreadsheet."), "error")
        cleaned = self.field.clean(text)
        return "" if cleaned is None and isinstance(self.field, forms.CharField) else cleaned

    def cell(self, value: Any) -> Cell:
        """How a value stands in a file, from which it is read again."""
        if isinstance(self.field, ChoiceCell):
            return "" if value is None else str(self.field.labels.get(value, value))
        if value is None or value == "":
            return ""
        return value if isinstance(value, int | date) else guarded(str(value))

    def text(self, value: Any) -> str:
        """How a value reads on a page."""
        written = self.cell(value)
        if isinstance(written, int):
            return f"{written:,}"
        return cell_text(written)

    def says(self, value: Any) -> str:
        """What a cell that holds a value says once it is read back."""
        return cell_text(self.cell(value))


def comparable(text: str) -> str:
    """A heading or a choice without what people vary: width, case, blanks, signs that mark what must be."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s*＊※]", "", plain)


def _in_both(label: Any) -> set[str]:
    found = set()
    for language in _LANGUAGES:
        with override(language):
            found.add(comparable(str(label)))
    return found

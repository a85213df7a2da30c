"""The columns of a list of the admin, with what they show there as cells of a spreadsheet."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from html.parser import HTMLParser
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ManyToOneRel
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.audit.exports.lists import Column
from portal.formats.spreadsheets import yen_in
from portal.formats.workbook import Cell

_NOTHING = {"—", "-"}
"""What pages show where there is nothing."""
_ENDS_A_LINE = {"br", "div", "li", "p", "tr"}


def admin_columns(model_admin: Any, names: Iterable[str], more: Iterable[str] = ()) -> list[Column]:
    """Columns by their names in `list_display`; those of `more` are offered, and not ticked."""
    shown = list(dict.fromkeys(names))
    further = [name for name in dict.fromkeys(more) if name not in shown]
    return [_column(model_admin, name, ticked=True) for name in shown] + [
        _column(model_admin, name, ticked=False) for name in further
    ]


def _column(model_admin: Any, name: str, *, ticked: bool) -> Column:
    heading = str(label_for_field(name, model_admin.model, model_admin))
    return Column(name, heading, partial(_shown, model_admin, name), ticked)


def _shown(model_admin: Any, name: str, row: Any) -> Cell:
    """What the list shows of a row, as a cell."""
    try:
        field, attr, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return ""
    if field is None or field.auto_created:
        if getattr(attr, "label", False) and isinstance(value, tuple):
            _key, value = value
        return cell_of(value)
    if isinstance(field.remote_field, ManyToOneRel):
        return cell_of(getattr(row, field.name))
    return cell_of(dict(field.flatchoices).get(value, value) if field.flatchoices else value)


def cell_of(value: Any) -> Cell:
    """A value as a cell: days, moments, numbers and amounts as such, all else as the text that is shown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | Decimal | date):
        return value
    text = plain_text(value) if isinstance(value, SafeString) else str(value).strip()
    if text in _NOTHING:
        return ""
    amount = yen_in(text)
    return text if amount is None else amount


def plain_text(html: str) -> str:
    """The text of a piece of a page, without its tags, one line for each line."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "\n".join(reader.lines())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self._pieces.append(data.replace("\n", " "))

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _ENDS_A_LINE:
            self._pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _ENDS_A_LINE:
            self._pieces.append("\n")

    def lines(self) -> Iterator[str]:
        for line in "".join(self._pieces).split("\n"):
            if shown := " ".join(line.split()):
                yield shown

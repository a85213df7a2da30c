"""A list that can be taken out as a file, and the one operation that hands it out and records it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.formats.spreadsheets import Format, written
from portal.formats.workbook import MOST_ROWS, Cell

_names: dict[str, Any] = {}


def named_list(key: str, title: Any) -> str:
    """Give a list that is no model's its title, by which the trail names it; gives the key back."""
    _names[key] = title
    return key


def title_of(key: str) -> str:
    """The title of a list: that of a model's objects, such as `billing.invoice`, or the one it was given."""
    if key in _names:
        return str(_names[key])
    try:
        return str(apps.get_model(key)._meta.verbose_name_plural)
    except (LookupError, ValueError):
        return key


@dataclass(frozen=True)
class Column:
    """A column: its key in the form and in the trail, its heading, what it shows of a row.

    `ticked` says whether it is taken unless somebody says otherwise.
    """

    key: str
    heading: str
    cell: Callable[[Any], Cell]
    ticked: bool = True


@dataclass(frozen=True, kw_only=True)
class ListOut:
    """A list as somebody sees it: filtered, in its order. `rows` is read once, when the file is written."""

    key: str
    columns: Sequence[Column]
    count: int
    rows: Callable[[], Iterable[Any]]

    @property
    def title(self) -> str:
        return title_of(self.key)


def list_of(key: str, columns: Sequence[Column], rows: Sequence[Any]) -> ListOut:
    """A list whose rows are at hand."""
    return ListOut(key=key, columns=columns, count=len(rows), rows=lambda: rows)


def take_out(
    taken: ListOut,
    form: Format,
    person: models.Model,
    *,
    about: models.Model | None = None,
    columns: Iterable[str] | None = None,
    chosen: Mapping[str, Any] | None = None,
) -> StreamingHttpResponse:
    """The list as a file, written while it is sent; who took what is recorded before the first byte.

    `columns` names those that are wanted, None for those that are ticked; they keep their order. `chosen` is
    what the list was filtered by. The entry is about `about`, without it about the person. ValidationError
    (`too_many`) for more rows than a workbook holds.
    """
    if form == Format.XLSX and taken.count > MOST_ROWS:
        text = _("An Excel sheet holds %(most)s rows; these are %(count)s. Choose CSV, or filter the list.")
        numbers = {"most": f"{MOST_ROWS:,}", "count": f"{taken.count:,}"}
        raise ValidationError(text % numbers, code="too_many")
    wanted = None if columns is None else set(columns)
    shown = [one for one in taken.columns if (one.ticked if wanted is None else one.key in wanted)]
    with transaction.atomic():
        record(
            "list.exported",
            person,
            about or person,
            list=taken.key,
            columns=[column.key for column in shown],
            format=form.value,
            count=taken.count,
            personal={"chosen": dict(chosen)} if chosen else None,
        )
    rows = ([column.cell(row) for column in shown] for row in taken.rows())
    pieces = written(form, taken.title, [column.heading for column in shown], rows)
    return sent_as(pieces, f"{taken.title}-{localdate():%Y%m%d}.{form.ending}", form.content_type)


def sent_as(pieces: Iterable[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """A file to be stored, sent piece by piece, in the language of now however late it is read."""
    reply = StreamingHttpResponse(_in_language(pieces, get_language()), content_type=content_type)
    reply.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    reply.headers["X-Content-Type-Options"] = "nosniff"
    return reply


def _in_language(pieces: Iterable[bytes], language: str | None) -> Iterator[bytes]:
    left = iter(pieces)
    while True:
        with override(language):
            piece = next(left, None)
        if piece is None:
            return
        yield piece

"""Rows of the database as a copy shows them: labels and words for people, and plain values for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Field, FileField, ForeignKey, JSONField, ManyToManyField, Model
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portal.data_protection.registry.holdings import Holding

ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class Cell:
    """A value with its label: in words, and as JSON can say it. `lines` are the parts of a structured one."""

    name: str
    label: str
    text: str
    raw: Any
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Row:
    """A row as it is shown, with the object that it is."""

    obj: Any
    cells: tuple[Cell, ...]


def rows_of(holding: Holding, subject: Model) -> Iterator[Row]:
    """All rows of a table that tell of somebody, in the language that is active."""
    names = holding.fields(subject)
    fields = [holding.table._meta.get_field(name) for name in names]
    joined = [field.name for field in fields if isinstance(field, ForeignKey)]
    found = holding.rows(subject).select_related(*joined) if joined else holding.rows(subject)
    for obj in found.iterator(chunk_size=ROWS_AT_ONCE):
        yield Row(obj, tuple(_cell(holding, obj, subject, field) for field in fields))


def _cell(holding: Holding, obj: Any, subject: Model, field: Any) -> Cell:
    label = capfirst(str(getattr(field, "verbose_name", field.name)))
    if said := holding.told.get(field.name):
        stated = said(obj, subject)
        return Cell(
            field.name, label, "" if isinstance(stated, dict) else str(stated), stated, _lines(stated)
        )
    if isinstance(field, ManyToManyField):
        named = [str(one) for one in getattr(obj, field.name).all()]
        return Cell(field.name, label, "、".join(named), named)
    value = getattr(obj, field.name)
    if isinstance(field, JSONField):
        lines = _lines(value)
        return Cell(field.name, label, "" if lines else _plain(value), value, lines)
    return Cell(field.name, label, _words(obj, field, value), _raw(field, value))


def _words(obj: Any, field: "Field[Any, Any]", value: Any) -> str:
    if field.choices:
        return str(getattr(obj, f"get_{field.name}_display")())
    return _plain(value)


def _plain(value: Any) -> str:
    """A value as people read it."""
    match value:
        case None | "":
            return ""
        case bool():
            return _("Yes") if value else _("No")
        case datetime():
            return f"{localtime(value):%Y-%m-%d %H:%M:%S}"
        case date():
            return f"{value:%Y-%m-%d}"
        case int():
            return f"{value:,}"
        case list():
            return "、".join(_plain(one) for one in value)
        case _:
            return str(value)


def _raw(field: "Field[Any, Any]", value: Any) -> Any:
    """A value as JSON says it."""
    match value:
        case None | bool() | int() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Model():
            return {"id": value.pk, "name": str(value)}
        case _ if isinstance(field, FileField):
            return value.name
        case _:
            return str(value)


def _lines(value: Any, path: str = "") -> tuple[tuple[str, str], ...]:
    """The parts of a structured value, each with the way to it; none for a plain one."""
    if isinstance(value, Mapping):
        parts = [(f"{path} › {key}" if path else str(key), part) for key, part in value.items()]
    elif isinstance(value, list) and any(isinstance(part, Mapping | list) for part in value):
        parts = [(f"{path} {number}".strip(), part) for number, part in enumerate(value, start=1)]
    else:
        return ()
    found: list[tuple[str, str]] = []
    for way, part in parts:
        found += _lines(part, way) or ([(way, text)] if (text := _plain(part)) else [])
    return tuple(found)

"""Records as tables of fields: how each is read from its bytes and written to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "digits", "text", "blank"]
"""`number`: an amount or count; `digits`: a code, kept with its zeros; `text`: padded with spaces at the end;
`blank`: not used."""


@dataclass(frozen=True)
class Field:
    """A field of a record. `codes` are the values that it knows; empty where any will do."""

    name: str
    length: int
    kind: Kind = "text"
    codes: str = ""
    fill: str = " "


@dataclass(frozen=True)
class Record:
    """A record: its mark (データ区分, the first byte) and the fields after it."""

    mark: str
    fields: tuple[Field, ...]

    @property
    def length(self) -> int:
        return 1 + sum(field.length for field in self.fields)

    def position(self, name: str) -> int:
        """The first byte of a field, counted from 1."""
        at = 2
        for field in self.fields:
            if field.name == name:
                return at
            at += field.length
        raise KeyError(name)


@dataclass(frozen=True)
class Layout:
    """A kind of file (種別コード): header, data, trailer and end, all of one length."""

    kind: str
    header: Record
    data: Record
    trailer: Record
    end: Record

    @property
    def length(self) -> int:
        return self.header.length

    @property
    def records(self) -> Mapping[str, Record]:
        return {record.mark: record for record in (self.header, self.data, self.trailer, self.end)}


def digits(name: str, length: int, codes: str = "") -> Field:
    return Field(name, length, "digits", codes)


def number(name: str, length: int) -> Field:
    return Field(name, length, "number")


def text(name: str, length: int) -> Field:
    return Field(name, length)


def blank(length: int, fill: str = " ") -> Field:
    return Field("", length, "blank", fill=fill)

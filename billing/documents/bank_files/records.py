"""Files of fixed records: from bytes to groups of values, and back.

A file is a run of groups (header, data, trailer), one an account, and one end record. Records may end in
CR LF.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .charset import ENCODING, outside_bank_kana
from .fields import Field, Layout, Record
from .problems import BankFileError, FileProblem

Values = dict[str, str]
"""A record's values by field name, without the padding; numbers and codes are digits."""

_END_OF_FILE = b"\x1a"


@dataclass(frozen=True)
class Line:
    """A data record and the number of its line, counted from 1."""

    number: int
    values: Values


@dataclass
class Group:
    """What stands between a header and its trailer."""

    header: Line
    lines: list[Line] = field(default_factory=list)
    trailer: Line | None = None


@dataclass
class Read:
    """A file that was taken apart, with the problems so far. `end` is None where there is none."""

    groups: list[Group]
    end: Line | None
    problems: list[FileProblem]

    def add(self, line: int, name: str, key: str, **given: str | int) -> None:
        self.problems.append(FileProblem(line, name, key, given))

    def refuse_if_wrong(self) -> None:
        """Raise BankFileError when there is any problem."""
        if self.problems:
            raise BankFileError(sorted(self.problems, key=lambda problem: problem.line))


def kind_of(content: bytes) -> str:
    """The 種別コード that a file states in bytes 2 and 3; empty where that is no header of a bank file."""
    start = content[:3]
    return start[1:].decode("ascii") if start[:1] == b"1" and start.isdigit() else ""


def read_records(content: bytes, layout: Layout) -> Read:
    """Take a file apart by a layout, collecting problems; nothing is raised yet."""
    read = Read([], None, [])
    if not content.rstrip(_END_OF_FILE).strip():
        read.add(0, "", "empty")
        return read
    for number, raw in enumerate(_split(content, layout.length), 1):
        if len(raw) != layout.length:
            read.add(number, "", "length", expected=layout.length, found=len(raw))
        elif (decoded := _decoded(raw, number, read)) is not None:
            _take(decoded, number, layout, read)
    _check_complete(read)
    return read


def write_records(
    layout: Layout, groups: Sequence[tuple[Values, Sequence[Values], Values]], end: Values
) -> bytes:
    """A file without line ends; BankFileError names every value that does not fit its field."""
    problems: list[FileProblem] = []
    written: list[str] = []

    def put(record: Record, values: Mapping[str, str]) -> None:
        number = len(written) + 1
        cells = [_written(part, values.get(part.name, ""), number, problems) for part in record.fields]
        written.append(record.mark + "".join(cells))

    for header, lines, trailer in groups:
        put(layout.header, header)
        for line in lines:
            put(layout.data, line)
        put(layout.trailer, trailer)
    put(layout.end, end)
    if problems:
        raise BankFileError(problems)
    return "".join(written).encode(ENCODING)


def _split(content: bytes, length: int) -> Iterator[bytes]:
    body = content.rstrip(_END_OF_FILE)
    if b"\n" in body:
        yield from body.rstrip(b"\r\n").replace(b"\r\n", b"\n").split(b"\n")
        return
    for start in range(0, len(body), length):
        yield body[start : start + length]


def _decoded(raw: bytes, number: int, read: Read) -> str | None:
    for position, byte in enumerate(raw, 1):
        if not (0x20 <= byte <= 0x7E or 0xA1 <= byte <= 0xDF):
            read.add(number, "", "charset", byte=f"{byte:02X}", position=position)
            return None
    return raw.decode(ENCODING)


def _take(decoded: str, number: int, layout: Layout, read: Read) -> None:
    mark = decoded[0]
    record = layout.records.get(mark)
    if record is None:
        read.add(number, "", "record_unknown", found=mark)
        return
    line = Line(number, _values(decoded, record, number, read))
    open_group = read.groups[-1] if read.groups and read.groups[-1].trailer is None else None
    if read.end is not None:
        read.add(number, "", "record_order", found=mark)
    elif mark == "1" and open_group is None:
        _check_kind(line, layout, read)
        read.groups.append(Group(line))
    elif mark == "2" and open_group:
        open_group.lines.append(line)
    elif mark == "8" and open_group:
        open_group.trailer = line
    elif mark == "9" and open_group is None and read.groups:
        read.end = line
    else:
        read.add(number, "", "record_order", found=mark)


def _values(decoded: str, record: Record, number: int, read: Read) -> Values:
    values: Values = {}
    at = 1
    for part in record.fields:
        raw, at = decoded[at : at + part.length], at + part.length
        if part.kind == "text":
            values[part.name] = raw.rstrip()
        elif part.kind != "blank":
            values[part.name] = _digits(part, raw, number, read)
    return values


def _digits(part: Field, raw: str, number: int, read: Read) -> str:
    """The digits of a field; blanks, which banks leave in optional fields, count as zeros."""
    found = raw if raw.strip() else "0" * part.length
    if not (found.isascii() and found.isdigit()):
        read.add(number, part.name, "digits", found=raw)
        return "0" * part.length
    if part.codes and found not in part.codes:
        read.add(number, part.name, "code", found=found, allowed=", ".join(part.codes))
    return found


def _check_kind(line: Line, layout: Layout, read: Read) -> None:
    if line.values["kind"] != layout.kind:
        read.add(line.number, "kind", "kind", expected=layout.kind, found=line.values["kind"])


def _check_complete(read: Read) -> None:
    if not read.groups:
        read.add(0, "", "incomplete", missing="1")
    elif read.groups[-1].trailer is None:
        read.add(0, "", "incomplete", missing="8")
    elif read.end is None:
        read.add(0, "", "incomplete", missing="9")


def _written(part: Field, value: str, number: int, problems: list[FileProblem]) -> str:
    """A field's bytes; with a problem, what is written does not matter any more."""
    if part.kind == "blank":
        return part.fill * part.length
    if len(value) > part.length:
        problems.append(FileProblem(number, part.name, "too_long", {"length": part.length, "text": value}))
    if part.kind == "text":
        if unknown := outside_bank_kana(value):
            problems.append(FileProblem(number, part.name, "not_bank_kana", {"characters": unknown}))
        return value.ljust(part.length)
    if value and not (value.isascii() and value.isdigit()):
        problems.append(FileProblem(number, part.name, "digits", {"found": value}))
    elif part.codes and value not in part.codes:
        allowed = ", ".join(part.codes)
        problems.append(FileProblem(number, part.name, "code", {"found": value, "allowed": allowed}))
    return value.rjust(part.length, "0")


def check_total(read: Read, trailer: Line, name: str, expected: int) -> None:
    """Compare what a trailer states with what the lines add up to."""
    found = int(trailer.values[name])
    if found != expected:
        read.add(trailer.number, name, "total", expected=expected, found=found)

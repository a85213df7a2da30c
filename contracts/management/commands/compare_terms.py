"""Compare two terms texts, and write their comparison table (新旧対照表)."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contracts.comparison.page import html_page, pdf
from contracts.comparison.sides import SideError, read_side
from contracts.comparison.spreadsheets import as_csv, as_xlsx
from contracts.comparison.table import ComparisonTable, NewOn, as_json

UNREADABLE = 2
FORMATS: dict[str, Callable[[ComparisonTable], bytes]] = {
    "json": lambda table: f"{as_json(table.rows)}\n".encode(),
    "html": lambda table: html_page(table).encode(),
    "csv": as_csv,
    "xlsx": as_xlsx,
    "pdf": pdf,
}
NOT_TEXT = ("xlsx", "pdf")


class Command(BaseCommand):
    help = (
        "Compare two terms texts: files, or versions of a service as SERVICE@VERSION. "
        "Exit code 2 if one can't be read or the table can't be written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "old", metavar="OLD", help="a file, or SERVICE@VERSION (service key and version name)"
        )
        parser.add_argument(
            "new", metavar="NEW", help="a file, or SERVICE@VERSION (service key and version name)"
        )
        parser.add_argument("--format", choices=FORMATS, default="json", help="default: json")
        parser.add_argument(
            "--new-on", choices=("left", "right"), default="left", help="where the new text stands (left)"
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, *, old: str, new: str, new_on: NewOn, output: Path | None, **options: Any) -> None:
        name = options["format"]
        if name in NOT_TEXT and output is None and sys.stdout.isatty():
            raise CommandError(f"{name} is no text; name a file with --output", returncode=UNREADABLE)
        try:
            table = ComparisonTable.of(read_side(old), read_side(new), new_on)
        except SideError as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        content = FORMATS[name](table)
        if output is not None:
            self._write_file(content, output)
        elif name in NOT_TEXT:
            sys.stdout.buffer.write(content)
        else:
            self.stdout.write(content.decode(), ending="")

    def _write_file(self, content: bytes, output: Path) -> None:
        try:
            output.write_bytes(content)
        except OSError as error:
            raise CommandError(
                f"{output}: can't be written: {error.strerror}", returncode=UNREADABLE
            ) from error

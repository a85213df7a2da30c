"""A copy as a ZIP file: a page for people, the same as JSON for programs, the stored files beside them."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from portal.data_protection.copies.reading import Row, rows_of
from portal.data_protection.registry.holdings import LEFT_OUT, File, Holding
from portal.data_protection.registry.tables import holdings_of
from portal.kept_files import DamagedFileError, read_checked
from portal.retention.kinds import kind_of

_AT_ONCE = 100
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')

Step = Callable[[int, int], None]
"""Told after each table: how many are done, and how many there are."""


def write_copy(subject: Model, about: dict[str, str], step: Step) -> bytes:
    """All that is held about a person or an organisation, in Japanese, as a ZIP file.

    `about` is what stands at the top of the page, by labels. A stored file that is damaged is named in the
    page instead. Raises StorageError where stored files can't be read.
    """
    with TemporaryDirectory() as folder, override("ja"):
        archive = Path(folder) / "copy.zip"
        with ZipFile(archive, "w", ZIP_DEFLATED) as target:
            _write_pages(subject, about, step, Path(folder), target)
        return archive.read_bytes()


def _write_pages(subject: Model, about: dict[str, str], step: Step, folder: Path, target: ZipFile) -> None:
    """The page and its JSON grow side by side: what is held may be more than fits into memory."""
    page, data = folder / "index.html", folder / "data.json"
    holdings = holdings_of(subject)
    with page.open("w", encoding="utf-8") as html, data.open("w", encoding="utf-8") as plain:
        html.write(_part("head", title=str(subject), about=about, contents=_contents(holdings)))
        plain.write(f'{{"about": {_json(about)}, "tables": {{')
        for number, holding in enumerate(holdings, start=1):
            plain.write(f'{", " if number > 1 else ""}"{holding.model}": [')
            _write_table(holding, subject, html, plain, target)
            plain.write("]")
            step(number, len(holdings))
        plain.write("}}")
        html.write(_part("foot", reasons=LEFT_OUT.values()))
    target.write(page, "index.html")
    target.write(data, "data.json")


def _write_table(holding: Holding, subject: Model, html: IO[str], plain: IO[str], target: ZipFile) -> None:
    rows, first = rows_of(holding, subject), True
    title, kind = holding.name, kind_of(holding.kind)
    html.write(_part("table_head", key=_key(holding), title=title, kind=kind))
    while some := list(islice(rows, _AT_ONCE)):
        shown = [(row, list(_files(holding, subject, row, target))) for row in some]
        html.write(_part("rows", rows=shown))
        for row, files in shown:
            stated: dict[str, Any] = {cell.name: cell.raw for cell in row.cells}
            if files:
                stated["files"] = [path for path, _why in files]
            plain.write(("" if first else ", ") + _json(stated))
            first = False
    html.write(_part("table_foot", empty=first))


def _files(holding: Holding, subject: Model, row: Row, target: ZipFile) -> Iterator[tuple[str, str]]:
    """The stored files of a row, as they are called in the ZIP file; or why one is not there."""
    for file in holding.files_of(subject):
        if name := str(getattr(row.obj, file.field)):
            path = f"files/{_key(holding)}/{_UNFIT.sub('_', file.name(row.obj))}"
            yield path, _stored(file, row, name, path, target)


def _stored(file: File, row: Row, name: str, path: str, target: ZipFile) -> str:
    """Put a stored file into the ZIP file; gives why it is not there, or ""."""
    try:
        content = read_checked(name, getattr(row.obj, file.sha256))
    except DamagedFileError:
        return _("The stored file is damaged; please ask the provider for it.")
    target.writestr(path, content)
    return ""


def _contents(holdings: list[Holding]) -> list[tuple[str, str]]:
    return [(_key(holding), holding.name) for holding in holdings]


def _key(holding: Holding) -> str:
    return holding.model.replace(".", "-")


def _part(name: str, **context: Any) -> str:
    return render_to_string(f"data_protection/copy/{name}.html", context)


def _json(stated: Any) -> str:
    return json.dumps(stated, ensure_ascii=False, default=str)

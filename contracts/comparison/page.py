"""The comparison table as HTML for screens, as a page of its own, and as PDF; always in Japanese."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from contracts.comparison.table import NEW_HEAD, OLD_HEAD, ComparisonTable
from contracts.terms.compare.passages import Span
from contracts.terms.compare.rows import Row
from portal.pdf import write_pdf


@dataclass(frozen=True)
class ShownRow:
    """A row as the template shows it. `style` are its classes, `note` says whence an article moved."""

    left: SafeString
    right: SafeString
    remark: str
    note: str
    style: str


def html_table(table: ComparisonTable) -> SafeString:
    """The table alone, to be put into a page that loads `css/comparison.css`."""
    heads = table.in_order(_head(NEW_HEAD, table.new_label), _head(OLD_HEAD, table.old_label))
    return render_to_string(
        "contracts/comparison_table.html",
        {"heads": heads, "rows": [_shown(row, table) for row in table.rows]},
    )


def html_page(table: ComparisonTable) -> str:
    """A page that stands by itself: nothing else need be loaded."""
    style = (settings.BASE_DIR / "static" / "css" / "comparison.css").read_text(encoding="utf-8")
    return _page(table, SafeString(style))


def pdf(table: ComparisonTable) -> bytes:
    """The table on A4 pages across; the headings repeat. The same table gives the same bytes."""
    page = _page(table, SafeString(""))
    identifier = hashlib.sha256(page.encode()).digest()
    return write_pdf(page, stylesheet="css/pdf/comparison.css", identifier=identifier)


def _page(table: ComparisonTable, style: SafeString) -> str:
    return render_to_string(
        "contracts/comparison_page.html",
        {"title": table.title, "table": html_table(table), "style": style},
    )


def _head(name: str, label: str) -> str:
    return f"{name}（{label}）" if label else name


def _shown(row: Row, table: ComparisonTable) -> ShownRow:
    new = _marked(row.new, (change.new for change in row.changes if change.kind != "moved"), "ins")
    old = _marked(row.old, (change.old for change in row.changes if change.kind != "moved"), "del")
    left, right = (new, old) if table.new_on == "left" else (old, new)
    return ShownRow(left, right, row.remark, _note(row), f"is-{row.kind} depth-{min(row.depth, 3)}")


def _note(row: Row) -> str:
    whence = next((change.old.of(row.old) for change in row.changes if change.kind == "moved"), None)
    return "" if whence is None else f"{whence}から移動" if whence else "移動"


def _marked(text: str, spans: Iterable[Span], tag: str) -> SafeString:
    return SafeString("".join(_pieces(text, spans, tag)))


def _pieces(text: str, spans: Iterable[Span], tag: str) -> Iterator[str]:
    position = 0
    for span in spans:
        if not span.empty:
            yield _escaped(text[position : span.start])
            yield f"<{tag}>{_escaped(span.of(text))}</{tag}>"
            position = span.end
    yield _escaped(text[position:])


def _escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>")

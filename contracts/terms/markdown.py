"""The Markdown form of a terms text: `parse` reads it into the tree, `render` writes the tree.

    # title                         > preamble, before the first heading
    ## 第1章 総則                    chapter; a section (節) below a chapter stands within it
    ### 第1条（目的）                article; branches: 第18条の2; number left open in the text: 第〇条
    #### （端数処理）                small heading above paragraphs of an article or annex: 第1条（実施期日）
    1. text                         numbered paragraph; a line without number is an unnumbered one
       - (1) text                   item (labels: (1) (イ) (a) イ ① 1. 1) 一 ・, or none), deeper: sub-item
    ## 別記 料金通則 {#general}       annex, after the articles; its paragraphs are clauses
    | 区分 | 料金 |                  table, in articles and annexes; <br> breaks a line in a cell

A line that follows without a blank line, or indented deeper, continues the text above it. Items that follow a
table and a blank line are a paragraph of their own. Paragraph numbers are used once below each small heading.
A backslash at the beginning of a text keeps it from being read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from contracts.problems.reasons import Reason
from contracts.terms.lines import escape, escape_bullet, escape_cell
from contracts.terms.reader import TermsProblem, TermsReader, TermsSyntaxError
from contracts.terms.tree import Item, Paragraph, Table, Terms

__all__ = ["NoMarkdownError", "TermsProblem", "TermsSyntaxError", "parse", "render"]

_INDENT = 3


class NoMarkdownError(ValueError):
    """A tree has no Markdown form, with the reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(str(reason))


def parse(text: str) -> Terms:
    """Read a terms text. Raises TermsSyntaxError with every problem found; nothing is dropped silently."""
    reader = TermsReader()
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for number, raw in enumerate(lines, start=1):
        reader.read(number, raw)
    return reader.finish()


def render(terms: Terms) -> str:
    """Write a terms text such that `parse` gives the same tree again.

    Raises NoMarkdownError when the tree has no Markdown form (an article without text, say).
    """
    blocks = [f"# {terms.title}"]
    if terms.preamble:
        blocks.append("\n".join(f"> {line}".rstrip() for line in terms.preamble.split("\n")))
    above: list[str] = []
    for chapter in terms.chapters:
        headings = chapter.heading.split("\n") if chapter.heading else []
        blocks.extend(f"## {heading}" for heading in _without_common_start(headings, above))
        above = headings
        for article in chapter.articles:
            title = f"（{article.title}）" if article.title else ""
            blocks.append(f"### {article.number.label_ja()}{title}\n{_render_body(article.paragraphs)}")
    blocks.extend(
        f"## {annex.title} {{#{annex.key}}}\n{_render_body(annex.clauses)}" for annex in terms.annexes
    )
    text = "\n\n".join(blocks) + "\n"
    if parse(text) != terms:
        raise NoMarkdownError(Reason("no_markdown_form"))
    return text


def _without_common_start(headings: list[str], above: list[str]) -> list[str]:
    """The headings to write: a chapter that goes on is not repeated above its next section."""
    pairs = zip(headings, above, strict=False)
    return headings[sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) :]


def _render_body(paragraphs: Sequence[Paragraph]) -> str:
    lines: list[str] = []
    for paragraph in paragraphs:
        if lines and (paragraph.number is None or paragraph.heading):
            lines.append("")
        if paragraph.heading:
            lines.append(f"#### {paragraph.heading}")
        lines.extend(_render_paragraph(paragraph))
    return "\n".join(lines)


def _render_paragraph(paragraph: Paragraph) -> Iterator[str]:
    if paragraph.number is not None:
        yield from _render_text(f"{paragraph.number}. ", paragraph.text, _INDENT)
    elif paragraph.text:
        yield from _render_text("", paragraph.text, 0)
    for item in paragraph.items:
        yield from _render_item(item, _INDENT)
    for position, table in enumerate(paragraph.tables):
        if position:
            yield ""
        yield from _render_table(table)


def _render_item(item: Item, indent: int) -> Iterator[str]:
    first, *others = item.text.split("\n")
    mark = f"{item.label} {escape(first)}" if item.label else escape_bullet(first)
    yield f"{' ' * indent}- {mark}"
    yield from _render_continuation(others, indent + 2)
    for child in item.items:
        yield from _render_item(child, indent + _INDENT)


def _render_text(mark: str, text: str, indent: int) -> Iterator[str]:
    first, *others = text.split("\n")
    yield mark + escape(first)
    yield from _render_continuation(others, indent)


def _render_continuation(lines: Sequence[str], indent: int) -> Iterator[str]:
    for line in lines:
        yield " " * indent + escape(line)


def _render_table(table: Table) -> Iterator[str]:
    if table.header:
        yield _render_row(table.header)
        yield "|" + "---|" * len(table.header)
    for row in table.rows:
        yield _render_row(row)


def _render_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escape_cell(cell) for cell in cells) + " |"

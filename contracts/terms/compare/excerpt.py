"""A terms text put together from the parts of it that a comparison table shows."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Literal

from contracts.terms.numbering import NUMERAL, ArticleNumber, parse_numeral
from contracts.terms.tree import Annex, Article, Item, Paragraph, Terms

_ARTICLE = re.compile(rf"第\s*({NUMERAL})\s*条((?:の{NUMERAL})*)\s*(?:[（(](.*)[）)])?")
_ANNEX = re.compile(rf"(?:[付附]\s*則|別[記紙表]|料金表)(?:第?\s*{NUMERAL})?(?:\s.*|[（(].*[）)])?")
_NUMBERED = re.compile(r"([0-9０-９]{1,9})[.．]\s*(.*)", re.DOTALL)
_ITEM = re.compile(rf"[（(]({NUMERAL})[）)]\s*(.*)", re.DOTALL)
_LEFT_OUT = "（略）"

UnitBegin = Literal["", "heading", "paragraph", "item"]


def begins_unit(text: str) -> UnitBegin:
    """What a line begins by its first characters; nothing for a text without number."""
    if _ARTICLE.fullmatch(text) or _ANNEX.fullmatch(text):
        return "heading"
    if _NUMBERED.match(text):
        return "paragraph"
    return "item" if _ITEM.match(text) else ""


class Excerpt:
    """Takes the parts of one side in order; `terms` gives the tree.

    What was left out between two articles becomes one placeholder for each number between them; after the
    last article, an annex. The same on both sides, it compares as untouched.
    """

    def __init__(self) -> None:
        self._title = ""
        self._articles: list[Article] = []
        self._annexes: list[Annex] = []
        self._left_out = False
        self._gaps = 0

    def leave_out(self) -> None:
        self._left_out = True

    def read(self, text: str) -> None:
        article = _ARTICLE.fullmatch(text)
        if article and not self._annexes:
            self._open_article(article)
        elif _ANNEX.fullmatch(text):
            self._close_gap(None)
            self._annexes.append(Annex(f"annex-{len(self._annexes) + 1}", text, ()))
        elif not self._articles and not self._annexes:
            self._title = f"{self._title} {text}".strip()
        elif self._annexes:
            last = self._annexes[-1]
            clauses = _with_heading(last.clauses, text) if article else _with(last.clauses, text)
            self._annexes[-1] = replace(last, clauses=clauses)
        else:
            open_article = self._articles[-1]
            self._articles[-1] = replace(open_article, paragraphs=_with(open_article.paragraphs, text))

    def terms(self) -> Terms:
        self._close_gap(None)
        return Terms(self._title, "", tuple(self._articles), tuple(self._annexes))

    def _open_article(self, match: re.Match[str]) -> None:
        number, *branches = (parse_numeral(part) for part in (match[1] + match[2]).split("の"))
        found = ArticleNumber(number, tuple(branches))
        self._close_gap(found)
        self._articles.append(Article(found, match[3] or "", "", ()))

    def _close_gap(self, following: ArticleNumber | None) -> None:
        if not self._left_out:
            return
        self._left_out = False
        placeholder = (Paragraph(None, _LEFT_OUT),)
        if following is None:
            self._gaps += 1
            self._annexes.append(Annex(f"left-out-{self._gaps}", _LEFT_OUT, placeholder))
            return
        first = self._articles[-1].number.number + 1 if self._articles else 1
        self._articles.extend(
            Article(ArticleNumber(number), "", "", placeholder) for number in range(first, following.number)
        )


def _with_heading(paragraphs: tuple[Paragraph, ...], heading: str) -> tuple[Paragraph, ...]:
    """The paragraphs and a small heading, under which nothing stands yet."""
    return (*paragraphs, Paragraph(None, "", heading=heading))


def _with(paragraphs: tuple[Paragraph, ...], text: str) -> tuple[Paragraph, ...]:
    """The paragraphs and one part more: an item of the last one, or a paragraph of its own.

    A text without number below a numbered paragraph is an item of it.
    """
    item, numbered = _ITEM.fullmatch(text), _NUMBERED.fullmatch(text)
    if paragraphs and paragraphs[-1] == Paragraph(None, "", heading=paragraphs[-1].heading):
        *above, opened = paragraphs
        first, *others = _with((), text)
        return (*above, replace(first, heading=opened.heading), *others)
    if numbered:
        return (*paragraphs, Paragraph(int(numbered[1]), numbered[2]))
    if not paragraphs or (item is None and paragraphs[-1].number is None):
        return (*paragraphs, Paragraph(None, text))
    label = f"({unicodedata.normalize('NFKC', item[1])})" if item else ""
    *others, last = paragraphs
    items = (*last.items, Item(label, item[2] if item else text))
    return (*others, replace(last, items=items))

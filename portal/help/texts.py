"""The texts of the help, as their files state them: pages in the order of `order.txt`, and the glossary."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString

from portal.formats.prose import to_html
from portal.language import in_english

_PAGES = Path(__file__).parent / "pages"
_TERM = re.compile(
    r"^## (?P<name>.+?)(?: \((?P<japanese>.+?)\))? \{#(?P<key>[a-z-]+)\}\n(?P<text>.+?)(?=\n## |\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class HelpPage:
    """A page of the help: its title, what it helps with in a sentence, and all that it says."""

    key: str
    title: str
    lead: str
    text: str

    @property
    def html(self) -> SafeString:
        return to_html(self.text)


@dataclass(frozen=True)
class Term:
    """A word of the trade; `key` is its anchor in the glossary, `japanese` what it is called in documents."""

    key: str
    name: str
    japanese: str
    text: str

    @property
    def html(self) -> SafeString:
        return to_html(self.text)


def pages() -> Sequence[HelpPage]:
    """All pages in the language of the interface."""
    return _pages(_language())


def page(key: str) -> HelpPage | None:
    """A page by its key; None where there is none."""
    return next((one for one in pages() if one.key == key), None)


def terms() -> Sequence[Term]:
    """All words of the glossary in the language of the interface."""
    return _terms(_language())


def term(key: str) -> Term:
    """A word by its key. KeyError for an unknown one."""
    return {one.key: one for one in terms()}[key]


def search(words: str) -> tuple[list[HelpPage], list[Term]]:
    """The pages and the words of the glossary in which each of some words stands, whatever their width."""
    wanted = _plain(words).split()

    def fits(*texts: str) -> bool:
        text = _plain(" ".join(texts))
        return all(word in text for word in wanted)

    found = [one for one in pages() if fits(one.title, one.lead, one.text)]
    return found, [one for one in terms() if fits(one.name, one.japanese, one.text)]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _language() -> str:
    return "en" if in_english() else "ja"


@cache
def _pages(language: str) -> Sequence[HelpPage]:
    keys = (_PAGES / "order.txt").read_text("utf-8").split()
    return tuple(_read(key, language) for key in keys)


def _read(key: str, language: str) -> HelpPage:
    title, lead, text = (_PAGES / language / f"{key}.md").read_text("utf-8").strip().split("\n\n", 2)
    return HelpPage(key, title.removeprefix("# "), lead, text)


@cache
def _terms(language: str) -> Sequence[Term]:
    text = (_PAGES / language / "glossary.md").read_text("utf-8")
    return tuple(
        Term(found["key"], found["name"], found["japanese"] or "", found["text"].strip())
        for found in _TERM.finditer(text)
    )

"""What stands before the first chapter or article: the title and the preamble."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from contracts.terms.importing.joining import Join, Layout, glue
from contracts.terms.importing.labels import tidy
from contracts.terms.importing.source import SourceLine

_NAMES_TERMS = re.compile(r"約款|規約|契約|条項|条件|規程|規定|ポリシー")
_DEFINES_ITSELF = re.compile(
    r"([^\s、。「」（）()]?[^、。「」（）()]{1,60}?(?:約款|規約))\s*[」]?\s*[（(]以下、?\s*「本(?:約款|規約|利用規約)」"
)
_LONGEST_TITLE = 80
_FALLBACK_TITLE = "約款"


def split_front(lines: Sequence[SourceLine], layout: Layout) -> tuple[str, str]:
    """The title, empty when there is none, and the preamble."""
    title = _find_title(lines)
    others = [line for line in lines if line is not title]
    return (tidy(title.text) if title else ""), _joined(others, layout)


def assumed_title(heads: Iterable[str], texts: Iterable[str]) -> str:
    """The title of a text that has none: from the heads of its pages, or what it calls itself.

    The latter is …約款（以下「本約款」という） in one of the `texts`.
    """
    for head in heads:
        if _NAMES_TERMS.search(head):
            return tidy(head)
    for text in texts:
        if match := _DEFINES_ITSELF.search(text):
            return tidy(match[1])
    return _FALLBACK_TITLE


def _find_title(lines: Sequence[SourceLine]) -> SourceLine | None:
    candidates = [
        line for line in lines if not line.cells and line.table is None and _may_be_title(line.text)
    ]
    headed = (line for line in candidates if line.heading)
    named = (line for line in candidates if _NAMES_TERMS.search(line.text))
    return next(headed, None) or next(named, None) or next(iter(candidates), None)


def _may_be_title(text: str) -> bool:
    return len(text) <= _LONGEST_TITLE and not text.endswith(tuple("。、をにがはでと"))


def _joined(lines: Sequence[SourceLine], layout: Layout) -> str:
    texts: list[str] = []
    previous: SourceLine | None = None
    for line in lines:
        text = tidy(line.plain)
        if previous and texts and layout.join(texts[-1], previous, line) is Join.SENTENCE:
            texts[-1] = glue(texts[-1], text)
        else:
            texts.append(text)
        previous = line
    return "\n".join(texts)

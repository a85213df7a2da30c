"""What changed inside a text: passages of whole words, in place on both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from contracts.terms.compare.align import Part, align
from contracts.terms.compare.fold import fold
from contracts.terms.compare.words import words

_LONG = 250_000
"""Above this product of two lengths in words, what lies between the same beginning and end is one passage."""
_LITTLE_IN_COMMON = 0.3
_ISLAND = re.compile(r"[ぁ-ゟ、。，．,.・（）()「」\s]*")
_ISLAND_LENGTH = 2
_OPENING, _CLOSING = "（(「『〔【", "）)」』〕】"


@dataclass(frozen=True, order=True)
class Span:
    """Part of a text, from `start` to before `end`, in characters."""

    start: int
    end: int

    @property
    def empty(self) -> bool:
        return self.start == self.end

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True)
class Passage:
    """A changed passage; where one side is empty it was added or taken out there."""

    old: Span
    new: Span


def passages(old: str, new: str) -> tuple[Passage, ...]:
    """The passages in which two texts differ, in order. White space and widths do not count."""
    if fold(old) == fold(new):
        return ()
    found = list(_changed(old, new))
    return tuple(_trimmed(passage, old, new) for passage in _merged(found, old, new))


def _changed(old: str, new: str) -> Iterator[Passage]:
    """Sentence by sentence; sentences that no other answers to are whole passages."""
    olds, news = _sentences(old), _sentences(new)
    if len(olds) == len(news) == 1:
        yield from _in_words(old, new, Span(0, len(old)), Span(0, len(new)))
        return
    old_parts = [Part(fold(span.of(old))) for span in olds]
    new_parts = [Part(fold(span.of(new))) for span in news]
    at_old = at_new = 0
    for pair in align(old_parts, new_parts, moves=False):
        old_span = Span(at_old, at_old) if pair.old is None else olds[pair.old]
        new_span = Span(at_new, at_new) if pair.new is None else news[pair.new]
        if pair.old is None or pair.new is None:
            yield Passage(old_span, new_span)
        else:
            yield from _in_words(old, new, old_span, new_span)
        at_old, at_new = old_span.end, new_span.end


def _sentences(text: str) -> list[Span]:
    """Sentences end with 。 outside of brackets, and with lines."""
    spans, start, depth = [], 0, 0
    for position, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        if character == "\n" or (character == "。" and not depth):
            spans.append(Span(start, position + 1))
            start = position + 1
            depth = 0
    if start < len(text) or not spans:
        spans.append(Span(start, len(text)))
    return spans


@dataclass(frozen=True)
class _Word:
    span: Span
    text: str


def _in_words(old: str, new: str, old_span: Span, new_span: Span) -> Iterator[Passage]:
    olds, news = _words(old, old_span), _words(new, new_span)
    old_keys, new_keys = [word.text for word in olds], [word.text for word in news]
    start = _common(old_keys, new_keys)
    end = _common(old_keys[start:][::-1], new_keys[start:][::-1])
    old_keys, new_keys = old_keys[start : len(olds) - end], new_keys[start : len(news) - end]
    for old_from, old_to, new_from, new_to in _differences(old_keys, new_keys, start + end):
        yield Passage(
            _span(olds, start + old_from, start + old_to, old_span),
            _span(news, start + new_from, start + new_to, new_span),
        )


def _words(text: str, span: Span) -> list[_Word]:
    found, position = [], span.start
    for word in words(span.of(text)):
        if folded := _folded(word):
            found.append(_Word(Span(position, position + len(word)), folded))
        position += len(word)
    return found


@lru_cache(maxsize=8192)
def _folded(word: str) -> str:
    return fold(word)


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words two lists have in common at their beginning."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _differences(old: Sequence[str], new: Sequence[str], around: int) -> Iterator[tuple[int, int, int, int]]:
    """Where two lists of words differ. `around` counts the words that both share before and after them."""
    if not old and not new:
        return
    whole = (0, len(old), 0, len(new))
    if not old or not new or len(old) * len(new) > _LONG:
        yield whole
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    common = sum(block.size for block in matcher.get_matching_blocks())
    if 2 * (common + around) < _LITTLE_IN_COMMON * (len(old) + len(new) + 2 * around):
        yield whole
        return
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag != "equal":
            yield old_from, old_to, new_from, new_to


def _span(found: Sequence[_Word], first: int, end: int, whole: Span) -> Span:
    """The span of some words; for none of them, the place where they would stand."""
    if first < end:
        return Span(found[first].span.start, found[end - 1].span.end)
    place = found[first].span.start if first < len(found) else whole.end
    return Span(place, place)


def _merged(found: Sequence[Passage], old: str, new: str) -> list[Passage]:
    """Join passages between which hardly anything stands: no more than a particle or a sign."""
    merged: list[Passage] = []
    for passage in found:
        if merged and _is_island(merged[-1], passage, old, new):
            last = merged.pop()
            passage = Passage(Span(last.old.start, passage.old.end), Span(last.new.start, passage.new.end))
        merged.append(passage)
    return merged


def _is_island(before: Passage, after: Passage, old: str, new: str) -> bool:
    between_old = fold(old[before.old.end : after.old.start])
    between_new = fold(new[before.new.end : after.new.start])
    little = len(between_old) <= _ISLAND_LENGTH and bool(_ISLAND.fullmatch(between_old))
    return little and between_old == between_new


def _trimmed(passage: Passage, old: str, new: str) -> Passage:
    return Passage(_without_space(passage.old, old), _without_space(passage.new, new))


def _without_space(span: Span, text: str) -> Span:
    start, end = span.start, span.end
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Span(start, end)

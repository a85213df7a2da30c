"""What each app says of its entries: their sentences, and which entries belong to an object.

An app hands in its `Book` once, in its `AppConfig.ready`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Model, Q
from django.http import HttpRequest

from portal.audit.models import AuditEntry
from portal.audit.names import Named, Names
from portal.audit.telling import Saying, Sentence, Told, fallback


class Strand(Protocol):
    """Entries that belong to an object beside those about it."""

    def found(self, of: Any) -> Q:
        """Which they are."""


@dataclass(frozen=True)
class Chapter:
    """Sentences of one kind of event, by action."""

    key: str
    title: Any
    sentences: Mapping[str, Sentence]


@dataclass(frozen=True, kw_only=True)
class Book:
    """What an app says. Models are named as in `contracts.contract`.

    Who may see nothing of `app` is not told its sentences. `numbers` names the field by which people know the
    objects of a model, and look for them. `readable` gives which entries about a model's objects somebody may
    read who sees some of these, by the request.
    """

    app: str
    chapters: Sequence[Chapter]
    names: Mapping[str, Named] = field(default_factory=dict)
    strands: Mapping[str, Sequence[Strand]] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    readable: Mapping[str, Callable[[HttpRequest], Q]] = field(default_factory=dict)


_books: list[Book] = []


def register(book: Book) -> None:
    """Let the audit trail say what a book holds, from now on."""
    _books.append(book)


def books() -> Sequence[Book]:
    return tuple(_books)


def chapters() -> Iterator[Chapter]:
    """All kinds of events."""
    for book in _books:
        yield from book.chapters


def sentences() -> dict[str, Sentence]:
    """All sentences, by action."""
    return {action: sentence for chapter in chapters() for action, sentence in chapter.sentences.items()}


def named(label: str) -> Named:
    """How the objects of a model are named."""
    return next((book.names[label] for book in _books if label in book.names), Named())


def strands(model: type[Model]) -> Iterator[Strand]:
    """What belongs to the objects of a model."""
    for book in _books:
        yield from book.strands.get(model._meta.label_lower, ())


def tell(entries: Iterable[AuditEntry], names: Names) -> list[Told]:
    """Entries in words, in their order. Fetch `actor` along with them."""
    known = {action: (chapter, said) for chapter in chapters() for action, said in chapter.sentences.items()}
    sayings = [
        Saying(entry, str(known[entry.action][0].title), known[entry.action][1])
        if entry.action in known
        else Saying(entry, "", fallback(entry))
        for entry in entries
    ]
    names.load(reference for saying in sayings for reference in saying.references())
    return [saying.told(names) for saying in sayings]

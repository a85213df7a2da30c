"""How entries of the audit trail read: a sentence for each action, and beside it the facts it rests on.

Each app hands in a `Book` (`portal.audit.books`); sentences are put into words for a whole page of entries at
once, so that what they name is looked up in as many queries as there are kinds of things, not entries.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.audit.models import AuditEntry
from portal.audit.names import Names, Piece, Reference

_NAME = re.compile(r"%\((\w+)\)s")
_MOST = 20


class Value:
    """How a stored value reads: as it stands."""

    def references(self, stored: Any, entry: AuditEntry) -> Iterable[Reference]:
        """The objects that must be known to put the value into words."""
        return ()

    def pieces(self, stored: Any, entry: AuditEntry, names: Names) -> Iterable[Piece]:
        """The value in words."""
        yield Piece(_plain(stored))


@dataclass(frozen=True)
class Read(Value):
    """A value that a function puts into words, such as a day."""

    read: Callable[[Any], Any]

    def pieces(self, stored: Any, entry: AuditEntry, names: Names) -> Iterator[Piece]:
        yield Piece(str(self.read(stored)))


@dataclass(frozen=True)
class Choice(Value):
    """A key by its label: `labels` maps keys to labels, or gives the map when asked."""

    labels: Mapping[Any, Any] | Callable[[], Mapping[Any, Any]]

    def pieces(self, stored: Any, entry: AuditEntry, names: Names) -> Iterator[Piece]:
        labels = self.labels() if callable(self.labels) else self.labels
        yield Piece(str(labels.get(stored, stored)))


@dataclass(frozen=True)
class Known(Value):
    """An object by its name, with a link; stored is its primary key, or what stands in its `field`."""

    model: str
    field: str = "pk"

    def references(self, stored: Any, entry: AuditEntry) -> Iterator[Reference]:
        yield Reference(self.model, str(stored), self.field)

    def pieces(self, stored: Any, entry: AuditEntry, names: Names) -> Iterator[Piece]:
        missing = "" if self.field == "pk" else str(stored)
        yield names.piece(Reference(self.model, str(stored), self.field), missing)


@dataclass(frozen=True)
class Many(Value):
    """A list of values of one kind; of a long list the first ones, and how many more there are."""

    one: Value = field(default_factory=Value)

    def references(self, stored: Any, entry: AuditEntry) -> Iterator[Reference]:
        for value in stored[:_MOST]:
            yield from self.one.references(value, entry)

    def pieces(self, stored: Any, entry: AuditEntry, names: Names) -> Iterator[Piece]:
        yield from _listed((self.one.pieces(value, entry, names) for value in stored[:_MOST]), len(stored))


@dataclass(frozen=True)
class Each(Value):
    """What holds of each of several things, stored as a map: thing and value, one after the other."""

    key: Value
    value: Value

    def references(self, stored: Any, entry: AuditEntry) -> Iterator[Reference]:
        for key, value in list(stored.items())[:_MOST]:
            yield from self.key.references(key, entry)
            yield from self.value.references(value, entry)

    def pieces(self, stored: Any, entry: AuditEntry, names: Names) -> Iterator[Piece]:
        pairs = (
            [*self.key.pieces(key, entry, names), Piece(" "), *self.value.pieces(value, entry, names)]
            for key, value in list(stored.items())[:_MOST]
        )
        yield from _listed(pairs, len(stored))


PLAIN = Value()


@dataclass(frozen=True)
class Fact:
    """A fact beside a sentence, left out where nothing is stored; with what it was before, where known.

    What was before stands in the entry's `before`, a map by the same keys, or under the key that `before`
    names here.
    """

    label: Any
    key: str
    value: Value = PLAIN
    before: str = ""

    def stored(self, values: Mapping[str, Any]) -> list[Any]:
        """The value, with the one before it in front where there was another."""
        after = values.get(self.key)
        if isinstance(after, dict) and after.keys() == {"before", "after"}:
            return [after["before"], after["after"]]
        earlier = values.get("before")
        if self.before:
            return [values.get(self.before), after]
        if isinstance(earlier, dict) and self.key in earlier:
            return [earlier[self.key], after]
        return [] if _is_nothing(after) else [after]


@dataclass(frozen=True)
class Given(Fact):
    """A fact worked out from several stored values: one value, or the one before and the one after."""

    given: tuple[Any, ...] = ()

    def stored(self, values: Mapping[str, Any]) -> list[Any]:
        return list(self.given)


@dataclass(frozen=True)
class Sentence:
    """What was done, in words; names in the text are keys of what is stored, read as `values` says."""

    text: Any
    facts: tuple[Fact, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    more: Callable[[Mapping[str, Any]], Iterable[Fact]] | None = None
    """Facts that depend on what is stored."""


def says(text: Any, *facts: Fact, **values: Value) -> Sentence:
    """A sentence with its facts, and how the values that it names read."""
    return Sentence(text, facts, values)


@dataclass(frozen=True)
class Told:
    """An entry in words: what was done, the facts beside it, and about what."""

    entry: AuditEntry
    kind: str
    sentence: list[Piece]
    facts: list[tuple[str, list[Piece]]]
    target: Piece
    customer: Piece | None

    @property
    def who(self) -> str:
        return str(self.entry.actor) if self.entry.actor else _("The portal")

    @property
    def sentence_text(self) -> str:
        return "".join(piece.text for piece in self.sentence)

    @property
    def facts_text(self) -> str:
        facts = (label + _(": ") + "".join(piece.text for piece in said) for label, said in self.facts)
        return pgettext("between facts", "; ").join(facts)


@dataclass(frozen=True)
class Saying:
    """One entry with its sentence, before it is put into words."""

    entry: AuditEntry
    kind: str
    sentence: Sentence

    @property
    def values(self) -> dict[str, Any]:
        """What is stored: what stays for ever, and what is personal, as long as that is not erased."""
        openly, personal = self.entry.data, self.entry.personal or {}
        before = [kept["before"] for kept in (openly, personal) if isinstance(kept.get("before"), dict)]
        return {**openly, **personal, **({"before": before[0] | before[-1]} if before else {})}

    @property
    def target(self) -> Reference:
        return Reference(self.entry.object_type, self.entry.object_id)

    @property
    def facts(self) -> list[Fact]:
        more = self.sentence.more
        return [*self.sentence.facts, *(_or_nothing(partial(more, self.values)) if more else ())]

    def references(self) -> Iterator[Reference]:
        """All objects that the entry names."""
        yield self.target
        if self.entry.organisation_id:
            yield self._customer
        for value, stored in self._stored():
            if not _is_nothing(stored):
                yield from _or_nothing(partial(value.references, stored, self.entry))

    def told(self, names: Names) -> Told:
        """The entry in words."""
        values = self.values
        facts = (
            (str(fact.label), self._change(fact.value, stored, names))
            for fact in self.facts
            if (stored := fact.stored(values))
        )
        shown = ((label, said) for label, said in facts if any(piece.text for piece in said))
        return Told(
            self.entry,
            self.kind,
            list(self._said(values, names)),
            list(shown),
            names.piece(self.target, with_kind=True),
            names.piece(self._customer) if self.entry.organisation_id else None,
        )

    @property
    def _customer(self) -> Reference:
        return Reference("organisations.organisation", str(self.entry.organisation_id))

    def _stored(self) -> Iterator[tuple[Value, Any]]:
        values = self.values
        for name in _NAME.findall(str(self.sentence.text)):
            yield self.sentence.values.get(name, PLAIN), values.get(name)
        for fact in self.facts:
            for stored in fact.stored(values):
                yield fact.value, stored

    def _said(self, values: Mapping[str, Any], names: Names) -> Iterator[Piece]:
        parts = _NAME.split(str(self.sentence.text))
        for place, part in enumerate(parts):
            if place % 2:
                yield from self._piece(self.sentence.values.get(part, PLAIN), values.get(part), names)
            elif part:
                yield Piece(part)

    def _change(self, value: Value, stored: list[Any], names: Names) -> list[Piece]:
        pieces = [self._piece(value, one, names) for one in stored]
        return pieces[0] if len(pieces) == 1 else [*pieces[0], Piece(" → "), *pieces[1]]

    def _piece(self, value: Value, stored: Any, names: Names) -> list[Piece]:
        if _is_nothing(stored):
            return [Piece(_("(erased)") if self.entry.is_erased else _("(none)"))]
        found = _or_nothing(partial(value.pieces, stored, self.entry, names))
        return found or [Piece(_plain(stored))]


def fallback(entry: AuditEntry) -> Sentence:
    """What can be said of an action that nobody knows (any more)."""
    facts = (Fact(key, key) for key, value in entry.data.items() if not isinstance(value, dict))
    return Sentence(_("Event “%(action)s”") % {"action": entry.action.replace("%", "")}, tuple(facts))


def _or_nothing(ask: Callable[[], Iterable[Any]]) -> list[Any]:
    """What is asked for; nothing where what an earlier release stored has another shape."""
    try:
        return list(ask())
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return []


def _is_nothing(stored: Any) -> bool:
    return stored is None or stored in ("", [], {})


def _plain(stored: Any) -> str:
    if isinstance(stored, bool):
        return _("yes") if stored else _("no")
    if isinstance(stored, list):
        return _(", ").join(_plain(one) for one in stored)
    if isinstance(stored, dict):
        return _(", ").join(f"{key} {_plain(value)}" for key, value in stored.items())
    return str(stored)


def _listed(several: Iterable[Iterable[Piece]], total: int) -> Iterator[Piece]:
    for place, pieces in enumerate(several):
        if place:
            yield Piece(_(", "))
        yield from pieces
    if total > _MOST:
        yield Piece(_(" and %(count)s more") % {"count": total - _MOST})

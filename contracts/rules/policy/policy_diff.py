"""What changed between two policies: deadlines, rates, roundings, calendars, each with its articles.

Citations and readings are no changes by themselves, and neither are the version's own name and dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from contracts.rules.calendar.business_days import CalendarRule
from contracts.rules.calendar.deadline import DeadlineRule, Offset
from contracts.rules.calendar.hours import DailyHours
from contracts.rules.policy.agents import DecidedByAgent
from contracts.rules.policy.base import LocalText, Rule, Strict
from contracts.rules.policy.charging import DebitWindow, DueRule, IssueRule, OutageRule
from contracts.rules.policy.governing import TransitionalProvision
from contracts.rules.policy.products import Condition, Product
from contracts.rules.policy.receipt import ReceiptRule
from contracts.rules.policy.review import CheckRule
from contracts.rules.policy.schema import (
    ApplicationDocument,
    ApplicationField,
    Disclosure,
    ListedReason,
    Policy,
)
from contracts.terms.compare.align import Part, align
from contracts.terms.compare.fold import fold

Value = Any
"""A value of the schema: a plain one, or a part that is one thing to a reader, such as a deadline."""

_ABOUT_THE_RULE = frozenset(Rule.model_fields)
_ABOUT_THE_VERSION = frozenset({"version", "title", "effective", "revised_on", "announced_on"})
_KEYS = frozenset({"key", "faults", "of"})
_ONE_THING = (DeadlineRule, DueRule, IssueRule, Offset, DebitWindow, LocalText)
_WHOLE_WHERE_ALONE = (
    CalendarRule,
    Product,
    ListedReason,
    CheckRule,
    DailyHours,
    ApplicationField,
    ApplicationDocument,
    Condition,
    TransitionalProvision,
)


@dataclass(frozen=True)
class Difference:
    """One thing that changed. `path` leads to it in the policy, keys of lists included: `products.seat.name`.

    `old` or `new` is None where that policy has nothing of the kind. The articles are those of the rule that
    says so, in the old and in the new version; none where that version has no such rule.
    """

    path: str
    old: Value
    new: Value
    old_articles: tuple[str, ...]
    new_articles: tuple[str, ...]

    @property
    def articles(self) -> tuple[str, ...]:
        """Those of the new version, or of the old one where the rule is gone."""
        return self.new_articles or self.old_articles

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as JSON can hold it."""
        return {
            "path": self.path,
            "old": _plain(self.old),
            "new": _plain(self.new),
            "articles": list(self.articles),
        }


def policy_differences(old: Policy, new: Policy) -> tuple[Difference, ...]:
    """Everything that is computed or shown differently, in the order of the schema."""
    return tuple(
        Difference(found.path, found.old, found.new, *found.cited)
        for name in Policy.model_fields
        if name not in _ABOUT_THE_VERSION
        for found in _differences(name, getattr(old, name), getattr(new, name), _Cited((), ()))
    )


@dataclass(frozen=True)
class Stated:
    """One thing that a policy says: where, what, and the rule around it, which says by what it does."""

    path: str
    value: Value
    rule: Rule


def stated_in(policy: Policy) -> tuple[Stated, ...]:
    """Everything that a policy says of its own, in the order of the schema; what no rule says is left out."""
    return tuple(
        Stated(found.path, found.new, rule)
        for name in Policy.model_fields
        if name not in _ABOUT_THE_VERSION
        for found in _differences(name, None, getattr(policy, name), _Cited((), ()))
        if found.new not in (None, (), {}) and (rule := _rule_around(policy, found.path))
    )


def _rule_around(policy: Policy, path: str) -> Rule | None:
    """The innermost rule on the way to a value."""
    node: Value = policy
    around: Rule | None = None
    for name in path.split("."):
        if isinstance(node, Mapping):
            node = node.get(name)
        elif isinstance(node, tuple):
            node = _by_key(node).get(name)
        else:
            node = getattr(node, name, None)
        around = node if isinstance(node, Rule) else around
    return around


class _Cited(NamedTuple):
    """The articles of the nearest rule around a value, on both sides."""

    old: tuple[str, ...]
    new: tuple[str, ...]

    def below(self, old: Value, new: Value) -> _Cited:
        return _Cited(_articles(old, new, self.old), _articles(new, old, self.new))


class _Found(NamedTuple):
    path: str
    old: Value
    new: Value
    cited: _Cited


def _articles(value: Value, other: Value, around: tuple[str, ...]) -> tuple[str, ...]:
    if value is None and isinstance(other, Rule):
        return ()
    return value.article if isinstance(value, Rule) else around


def _differences(path: str, old: Value, new: Value, around: _Cited) -> Iterator[_Found]:
    cited = around.below(old, new)
    some = old if old is not None else new
    if isinstance(some, _ONE_THING):
        yield from _one_thing(path, old, new, cited)
    elif isinstance(some, Strict):
        yield from _fields(path, old, new, cited)
    elif isinstance(some, Mapping):
        for key in dict.fromkeys([*(old or {}), *(new or {})]):
            yield from _differences(f"{path}.{key}", (old or {}).get(key), (new or {}).get(key), cited)
    elif _parts(old) or _parts(new):
        yield from _listed(path, _parts(old), _parts(new), cited)
    elif _comparable(old) != _comparable(new):
        yield _Found(path, old, new, cited)


def _comparable(value: Value) -> Value:
    """A plain value; nothing, no and none are one, and the order of several does not count."""
    return frozenset(value) if value and isinstance(value, tuple) else value or None


def _one_thing(path: str, old: Value, new: Value, cited: _Cited) -> Iterator[_Found]:
    if _essence(old) != _essence(new):
        yield _Found(path, old, new, cited)
    if isinstance(old, DeadlineRule) and isinstance(new, DeadlineRule) and old.late != new.late:
        yield _Found(f"{path}.late", old.late, new.late, cited)


def _essence(value: Value) -> Value:
    """What counts of a value: no citations, and of a deadline not what happens when it is missed."""
    return _plain(value, leave_out=("late",) if isinstance(value, DeadlineRule) else ())


def _fields(path: str, old: Value, new: Value, cited: _Cited) -> Iterator[_Found]:
    some = old if old is not None else new
    if (old is None or new is None) and isinstance(some, _WHOLE_WHERE_ALONE):
        yield _Found(path, old, new, cited)
        return
    fields = [name for name in type(some).model_fields if name not in _ABOUT_THE_RULE | _KEYS]
    found = [
        one
        for name in fields
        for one in _differences(f"{path}.{name}", getattr(old, name, None), getattr(new, name, None), cited)
    ]
    yield from found
    if not found and (old is None or new is None):
        yield _Found(path, old, new, cited)


def _parts(value: Value) -> tuple[Strict, ...]:
    """The parts of a list of them; none of a list of plain values."""
    return value if isinstance(value, tuple) and value and isinstance(value[0], Strict) else ()


def _listed(path: str, old: Sequence[Strict], new: Sequence[Strict], cited: _Cited) -> Iterator[_Found]:
    if any(isinstance(part, Disclosure) for part in (*old, *new)):
        yield from _disclosures(path, old, new, cited)
        return
    olds, news = _by_key(old), _by_key(new)
    for key in dict.fromkeys([*olds, *news]):
        yield from _differences(f"{path}.{key}", olds.get(key), news.get(key), cited)


def _by_key(parts: Sequence[Strict]) -> dict[str, Strict]:
    """Parts by what names them; where nothing does, or a name comes again, a number tells them apart."""
    found: dict[str, Strict] = {}
    for number, part in enumerate(parts, start=1):
        name = _key(part)
        found[name if name and name not in found else f"{name}#{number}"] = part
    return found


def _key(part: Strict) -> str:
    if isinstance(part, OutageRule):
        return "+".join(part.faults)
    if isinstance(part, TransitionalProvision):
        return "+".join(part.articles)
    if isinstance(part, DecidedByAgent):
        return "+".join(part.of)
    if isinstance(part, ReceiptRule):
        return "+".join(part.of) or "others"
    return str(getattr(part, "key", None) or getattr(part, "kind", ""))


def _disclosures(path: str, old: Sequence[Strict], new: Sequence[Strict], cited: _Cited) -> Iterator[_Found]:
    """Facts have no names: what answers to what is seen from their texts."""
    for pair in align(_texts(old), _texts(new)):
        before = None if pair.old is None else old[pair.old]
        after = None if pair.new is None else new[pair.new]
        if before is None or after is None or _plain(before) != _plain(after):
            yield _Found(path, before, after, cited.below(before, after))


def _texts(parts: Sequence[Strict]) -> list[Part]:
    return [Part(fold(part.text.ja)) for part in parts if isinstance(part, Disclosure)]


def _plain(value: Value, leave_out: Sequence[str] = ()) -> Value:
    if not isinstance(value, Strict):
        return list(value) if isinstance(value, tuple) else value
    return value.model_dump(mode="json", exclude={*_ABOUT_THE_RULE, *leave_out}, exclude_none=True)

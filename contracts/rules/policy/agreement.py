"""What provider and customer agreed individually: values that replace those of the terms for one contract.

An agreement is written in TOML, in the vocabulary of the policy: tables replace value by value, entries of
a list that have a `key` are found by it, and any other list is replaced as a whole. The reading of a rule
of which something is replaced is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.problems.reasons import Reason
from contracts.rules.policy.base import Agreed, Rule, Strict, rules_in
from contracts.rules.policy.reading import PolicyError, read_toml
from contracts.rules.policy.schema import Policy, policy_from, read_policy
from contracts.rules.problems import Problem

OF_THE_VERSION = frozenset(
    {
        "version",
        "title",
        "effective",
        "revised_on",
        "announced_on",
        "transitional",
        "individual_agreements",
        "notices",
        "consent_renewal",
        "endings",
    }
)
"""What can't be agreed for one contract: it says which version governs, or how all customers are told of what
the provider changes or ends, and agree to it."""

Raw = dict[str, Any]
Place = tuple[int | str, ...]


@dataclass(frozen=True)
class Agreement:
    """An individual agreement: its title, the days on which it holds, the rules that it replaces (TOML)."""

    title: str
    effective_on: date
    ends_on: date | None
    rules: str

    def holds_on(self, day: date) -> bool:
        return self.effective_on <= day and (self.ends_on is None or day <= self.ends_on)


def agreed_policy(source: str, agreements: Sequence[Agreement]) -> Policy:
    """The policy written in `source` with what the agreements replace; the later ones win.

    Where the terms don't let individual agreements take precedence they change nothing. Each rule with a
    value that was replaced names the agreement (`Rule.agreed`). PolicyError names what does not fit.
    """
    policy = read_policy(source)
    if policy.individual_agreements is None or not agreements:
        return policy
    raw = read_toml(source, PolicyError)
    places: list[tuple[Place, Agreement]] = []
    for agreement in agreements:
        replaced = list(_replace(raw, read_fragment(agreement.rules)))
        for place in replaced:
            _drop_reading(raw, place, replaced)
        places += [(place, agreement) for place in replaced]
    merged = policy_from(raw)
    for place, agreement in places:
        _sign(merged, place, Agreed(agreement.title, agreement.effective_on))
    return merged


def read_fragment(text: str) -> Raw:
    """The rules of an agreement as plain data; PolicyError for what is no TOML or not for an agreement."""
    raw = read_toml(text, PolicyError)
    problems = [Problem(name, Reason("of_the_version")) for name in raw if name in OF_THE_VERSION]
    problems += [Problem(name, Reason("extra_forbidden")) for name in raw if name not in Policy.model_fields]
    if problems:
        raise PolicyError(problems)
    return raw


def _replace(into: Raw, new: Mapping[str, Any], place: Place = ()) -> Iterator[Place]:
    """Put new values into a table; gives the places of those that differ from before."""
    for name, value in new.items():
        yield from _replace_one(into, name, value, (*place, name))


def _replace_one(into: Any, at: int | str, value: Any, place: Place) -> Iterator[Place]:
    old = into[at] if isinstance(at, int) else into.get(at)
    if isinstance(old, dict) and isinstance(value, Mapping):
        yield from _replace(old, value, place)
    elif _keyed(old) and _keyed(value):
        yield from _replace_entries(old, value, place)
    elif old != value:
        into[at] = value
        yield place


def _replace_entries(old: list[Raw], new: list[Raw], place: Place) -> Iterator[Place]:
    for entry in new:
        number = next((n for n, known in enumerate(old) if known["key"] == entry["key"]), None)
        if number is None:
            old.append(entry)
            yield (*place, len(old) - 1)
        else:
            yield from _replace(old[number], entry, (*place, number))


def _keyed(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "key" in one for one in value)


def _drop_reading(raw: Raw, place: Place, replaced: Sequence[Place]) -> None:
    """A reading speaks of the terms as they are: it goes, unless the agreement gives its own."""
    node: Any = raw
    rule: Raw = {}
    inside: Place = ()
    for depth, name in enumerate(place):
        if isinstance(node, dict) and "article" in node:
            rule, inside = node, (*place[:depth], "reading")
        node = node[name]
    if not any(other[: len(inside)] == inside for other in replaced):
        rule.pop("reading", None)


def _sign(policy: Policy, place: Place, agreed: Agreed) -> None:
    """Let the rules at a place name the agreement; where there is none, the rule around it."""
    node: Any = policy
    around: Rule | None = None
    for name in place:
        if isinstance(node, Rule):
            around = node
        node = getattr(node, str(name)) if isinstance(node, Strict) else node[name]
    inside = list(rules_in(node))
    for rule in inside or ([around] if around else []):
        rule.sign(agreed)

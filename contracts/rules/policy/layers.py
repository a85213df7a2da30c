"""The layers of rules, each going before those below it: law, terms, an agent's rules, individual agreements.

The terms are a whole policy but for what they leave to an agent. Every other layer is a part of one, written
in TOML, in the same vocabulary: tables replace value by value, entries of a list that have a `key` are found
by it, and any other list is replaced as a whole. The reading of a rule of which something is replaced is left
out. The law fills what nobody states; an agent's rules, and agreements, replace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from contracts.problems.reasons import Reason
from contracts.rules.policy.agents import leaves_to_agents, read_agent_rules
from contracts.rules.policy.base import Origin, Rule, Strict, rules_in
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.reading import PolicyError, read_toml
from contracts.rules.policy.schema import Policy, policy_from, read_policy
from contracts.rules.problems import Problem
from contracts.terms.markdown import parse
from contracts.terms.tree import Terms

OF_THE_VERSION = frozenset(
    {
        "version",
        "title",
        "effective",
        "revised_on",
        "announced_on",
        "transitional",
        "agents",
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


def layered_policy(source: str, layers: Sequence[Layer]) -> Policy:
    """The policy written in `source` with the other layers, each going before those named earlier.

    Where the terms leave nothing to agents, or don't let individual agreements take precedence, such layers
    change nothing. Each rule with a value that a layer decided names it (`Rule.origin`). PolicyError names
    what does not fit. Whoever asks for the same gets the same policy: copy it before anything is noted in it.
    """
    return _layered(source, tuple(layers)) if layers else read_policy(source)


@lru_cache(maxsize=256)
def _layered(source: str, layers: tuple[Layer, ...]) -> Policy:
    raw = read_toml(source, PolicyError)
    places: list[tuple[Place, Layer]] = []
    for layer in layers:
        if _counts(raw, layer):
            places += [(place, layer) for place in _put(raw, layer)]
    if not places:
        return read_policy(source)
    merged = policy_from(raw)
    for place, layer in places:
        _sign(merged, place, layer.origin)
    return merged


def _counts(terms: Raw, layer: Layer) -> bool:
    """Whether the terms leave room for a layer; the law needs no leave."""
    match layer.kind:
        case "law":
            return True
        case "agent":
            return leaves_to_agents(terms)
        case "agreement":
            return "individual_agreements" in terms


def _put(raw: Raw, layer: Layer) -> list[Place]:
    """Put a layer's rules into those of the layers below; gives the places that it decided."""
    if layer.kind == "law":
        return list(_fill(raw, read_toml(layer.rules, PolicyError)))
    stated = read_agent_rules(layer.rules)[1] if layer.kind == "agent" else read_fragment(layer.rules)
    replaced = list(_replace(raw, stated))
    for place in replaced:
        _drop_reading(raw, place, replaced)
    return replaced


@lru_cache(maxsize=64)
def read_text(text: str) -> Terms:
    """The tree of a text that was parsed before without a problem."""
    return parse(text)


@lru_cache(maxsize=256)
def takes_agents(source: str) -> bool:
    """Whether the terms whose policy is written in `source` leave anything to an agent's rules."""
    return leaves_to_agents(written(source))


@lru_cache(maxsize=256)
def takes_agreements(source: str) -> bool:
    """Whether the terms whose policy is written in `source` let individual agreements go before them."""
    return "individual_agreements" in written(source)


@lru_cache(maxsize=256)
def effective_day(source: str) -> date | None:
    """The day on which a policy says that it takes effect; None where it says none."""
    effective = written(source).get("effective")
    day = effective.get("on") if isinstance(effective, Mapping) else None
    return day if type(day) is date else None


@lru_cache(maxsize=64)
def written(source: str) -> Mapping[str, Any]:
    """A policy as plain data, to be read alone; nothing of one that can't be read."""
    try:
        return read_toml(source, PolicyError)
    except PolicyError:
        return {}


def read_fragment(text: str) -> Raw:
    """The rules of an agreement as plain data; PolicyError for what is no TOML or not for an agreement."""
    raw = read_toml(text, PolicyError)
    problems = [Problem(name, Reason("of_the_version")) for name in raw if name in OF_THE_VERSION]
    problems += [Problem(name, Reason("extra_forbidden")) for name in raw if name not in Policy.model_fields]
    if problems:
        raise PolicyError(problems)
    return raw


def _fill(into: Raw, law: Mapping[str, Any], place: Place = ()) -> Iterator[Place]:
    """Put rules in where nobody states them; gives the places of those."""
    for name, value in law.items():
        if name not in into:
            into[name] = value
            yield (*place, name)
        elif isinstance(into[name], dict) and isinstance(value, Mapping) and "article" not in value:
            yield from _fill(into[name], value, (*place, name))


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
    """A reading speaks of the terms as they are: it goes, unless the layer gives its own."""
    node: Any = raw
    rule: Raw = {}
    inside: Place = ()
    for depth, name in enumerate(place):
        if isinstance(node, dict) and "article" in node:
            rule, inside = node, (*place[:depth], "reading")
        node = node[name]
    if not any(other[: len(inside)] == inside for other in replaced):
        rule.pop("reading", None)


def _sign(policy: Policy, place: Place, origin: Origin) -> None:
    """Let the rules at a place name the layer; where there is none, the rule around it."""
    node: Any = policy
    around: Rule | None = None
    for name in place:
        if isinstance(node, Rule):
            around = node
        node = getattr(node, str(name)) if isinstance(node, Strict) else node[name]
    inside = list(rules_in(node))
    for rule in inside or ([around] if around else []):
        rule.sign(origin)

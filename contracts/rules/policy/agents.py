"""What the terms leave to a sales agent (契約元), and the rules by which an agent fills it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from contracts.problems.reasons import Reason
from contracts.rules.limits import FIRST_DAY, LAST_DAY
from contracts.rules.policy.base import LocalText, Rule, Strict
from contracts.rules.policy.places import line_of
from contracts.rules.policy.reading import PolicyError, read_toml
from contracts.rules.problems import Problem, explain

Raw = Mapping[str, Any]

AgentRole = Literal["counterparty", "intermediary", "collection"]
"""Whether the agent is the customer's counterparty, only brings the contract, or only collects the fees."""

_HEADER = ("version", "title", "effective_on")


class LeftToAgent(Rule):
    """Rules that the terms leave to the agent, by their paths in a policy: `renewal`, `charging.due`."""

    rules: Annotated[tuple[str, ...], Field(min_length=1)]


class DecidedByAgent(Rule):
    """What the sales agent decides in the provider's place: an `application`, or kinds of requests.

    `of` names them by their keys. Without `refuses` it can only accept: a refusal is the provider's.
    """

    of: Annotated[tuple[str, ...], Field(min_length=1)]
    refuses: bool = True


DataBasis = Literal["consent", "entrusted", "shared"]
"""On what data pass to the agent: consent (個人情報保護法27条1項), entrusted (5項1号), joint use (5項3号)."""


class DataPassing(Rule):
    """What who applies is told of the data that pass to the sales agent, and on what basis they do."""

    basis: DataBasis
    text: LocalText


class AgentsRule(Rule):
    """That a sales agent stands between provider and customer, as what, and what its own rules say.

    What nothing in `decides` names, the provider decides.
    """

    role: AgentRole
    left: tuple[LeftToAgent, ...] = ()
    decides: tuple[DecidedByAgent, ...] = ()
    data: DataPassing | None = None


class AgentHeader(Strict):
    """What a file of an agent's rules says of itself."""

    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.\-]*$")]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    effective_on: Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]


def read_agent_rules(source: str) -> tuple[AgentHeader, dict[str, Any]]:
    """Read an agent's rules from TOML: what they say of themselves, and the rules as plain data.

    PolicyError lists every problem with its path and reason.
    """
    raw = read_toml(source, PolicyError)
    try:
        header = AgentHeader.model_validate({name: raw[name] for name in _HEADER if name in raw})
    except ValidationError as error:
        raise PolicyError(explain(error)) from error
    return header, {name: value for name, value in raw.items() if name not in _HEADER}


def leaves_to_agents(raw: Raw) -> bool:
    """Whether terms, as plain data, leave anything to an agent."""
    return bool(isinstance(raw.get("agents"), Mapping) and raw["agents"].get("left"))


def beyond_what_is_left(terms: Raw, source: str) -> list[Problem]:
    """What an agent's rules state although the terms, as plain data, decide it themselves.

    Each with its path, its line in the agent's file and the article of the terms.
    """
    _header, rules = read_agent_rules(source)
    left = [path for entry in _left(terms) for path in entry]
    return [
        Problem(path, Reason("not_left_to_agent", {"article": _deciding(terms, path), "line": line}))
        for path in _beyond(rules, left)
        if (line := line_of(source, path))
    ]


def _left(terms: Raw) -> Iterator[tuple[str, ...]]:
    for entry in terms.get("agents", {}).get("left", ()):
        yield tuple(entry.get("rules", ()))


def _beyond(rules: Any, left: list[str], path: str = "") -> Iterator[str]:
    """The paths that no rule which is left covers; what is only a way to such a rule is gone through."""
    for name, value in _named(rules):
        inner = f"{path}.{name}".lstrip(".")
        if any(f"{inner}.".startswith(f"{one}.") for one in left):
            continue
        if any(one.startswith(f"{inner}.") for one in left) and not _plain(value):
            yield from _beyond(value, left, inner)
        elif not (name == "key" and path):
            yield inner


def _named(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        yield from node.items()
    else:
        yield from ((str(entry.get("key", number)), entry) for number, entry in enumerate(node))


def _plain(value: Any) -> bool:
    return not isinstance(value, Mapping) and not (
        isinstance(value, list) and all(isinstance(one, Mapping) for one in value)
    )


def _deciding(terms: Raw, path: str) -> str:
    """The articles of the innermost rule of the terms around a path; or of what they leave."""
    node: Any = terms
    cited: Any = terms.get("agents", {}).get("article", "")
    for name in path.split("."):
        node = dict(_named(node)).get(name) if isinstance(node, Mapping | list) else None
        if isinstance(node, Mapping) and "article" in node:
            cited = node["article"]
    return cited if isinstance(cited, str) else ", ".join(cited)

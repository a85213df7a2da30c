"""Which kinds of requests there are and what they say of themselves, for all that stands below them.

`contracts.requests.registry`, which finds the kinds, tells it in `AppConfig.ready`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from contracts.rules.decision import Decision


class NamedKind(Protocol):
    """A kind's `key`, its `label`, and the `sentence` that tells the step `change.KEY` of a decision.

    What policies rule elsewhere than under `changes` has no such step. `gives_up`: the day on which it takes
    effect is the last day of use. `passes_on`: the contract has another customer afterwards. `lifts`: the
    kind of suspension that it ends, if any. `decided_at` decides on a request as things are at a moment.
    """

    key: str
    label: Any
    sentence: Any
    ends_contract: bool
    gives_up: bool
    passes_on: bool
    lifts: str | None

    def decided_at(self, request: Any, at: datetime) -> Decision: ...


_known: dict[str, NamedKind] = {}


def know(kinds: Iterable[Any]) -> None:
    """Name these kinds from now on."""
    _known.update({kind.key: kind for kind in kinds})


def kind_label(key: str) -> str:
    """What a kind of request is called; the key itself for one that nobody knows (any more)."""
    return str(_known[key].label) if key in _known else key


def change_keys() -> list[str]:
    """The kinds that policies rule under `changes`: those that say a step of such a decision."""
    return [key for key, kind in _known.items() if kind.sentence]


def request_keys() -> list[str]:
    """All kinds of requests that there are."""
    return list(_known)


def change_sentences() -> dict[str, Any]:
    """A sentence for the first step of the decision on each kind of change, by the step's key."""
    return {f"change.{key}": _known[key].sentence for key in change_keys()}


def ends_contract(key: str) -> bool:
    """Whether what is asked for ends the contract; not for a kind that nobody knows (any more)."""
    return key in _known and _known[key].ends_contract


def gives_up(key: str) -> bool:
    """Whether its day is the last day of use; not for a kind that nobody knows (any more)."""
    return key in _known and _known[key].gives_up


def passes_on(key: str) -> bool:
    """Whether the contract has another customer afterwards; not for a kind that nobody knows (any more)."""
    return key in _known and _known[key].passes_on


def keys_that_lift(suspension: str) -> list[str]:
    """The kinds by which the customer asks for the end of a kind of suspension."""
    return [key for key, kind in _known.items() if kind.lifts == suspension]


def decided_at(request: Any, at: datetime) -> Decision:
    """The decision on a request, of a kind that is known, as things are at a moment; nothing is stored."""
    return _known[request.kind].decided_at(request, at)

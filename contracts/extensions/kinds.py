"""Which kinds of requests there are and what they are called, for all that stands below them.

`contracts.requests.registry`, which finds the kinds, tells it in `AppConfig.ready`.
"""

from collections.abc import Iterable
from typing import Any, Protocol


class NamedKind(Protocol):
    """A kind's `key`, its `label`, and the `sentence` that tells the step `change.KEY` of a decision.

    What ends the contract is no change, and has no such step.
    """

    key: str
    label: Any
    sentence: Any
    ends_contract: bool


_known: dict[str, NamedKind] = {}


def know(kinds: Iterable[Any]) -> None:
    """Name these kinds from now on."""
    _known.update({kind.key: kind for kind in kinds})


def kind_label(key: str) -> str:
    """What a kind of request is called; the key itself for one that nobody knows (any more)."""
    return str(_known[key].label) if key in _known else key


def change_keys() -> list[str]:
    """The kinds of changes, as policies name them."""
    return [key for key, kind in _known.items() if not kind.ends_contract]


def change_sentences() -> dict[str, Any]:
    """A sentence for the first step of the decision on each kind of change, by the step's key."""
    return {f"change.{key}": _known[key].sentence for key in change_keys()}

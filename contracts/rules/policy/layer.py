"""One layer of rules beside the terms: the law, an agent's rules, an individual agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from contracts.rules.policy.base import LayerKind, Origin


@dataclass(frozen=True)
class Layer:
    """A layer beside the terms: its title, the days on which it holds, its rules (TOML).

    An agent's rules have a `version`, their `text`, which they cite, and the `seller`, the agent's key.
    """

    kind: LayerKind
    title: str
    effective_on: date
    rules: str
    ends_on: date | None = None
    version: str = ""
    text: str = ""
    seller: str = ""

    def holds_on(self, day: date) -> bool:
        return self.effective_on <= day and (self.ends_on is None or day <= self.ends_on)

    @property
    def origin(self) -> Origin:
        return Origin(self.kind, self.title, self.effective_on, self.version, self.seller)


def agreement(title: str, effective_on: date, ends_on: date | None, rules: str) -> Layer:
    """The layer of what was agreed with one customer."""
    return Layer("agreement", title, effective_on, rules, ends_on)

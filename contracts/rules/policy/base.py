"""Building blocks of the policy schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, StringConstraints

ArticleKey = Annotated[
    str,
    StringConstraints(
        max_length=40,
        pattern=r"^([1-9][0-9]*(の[1-9][0-9]*)*(-[1-9][0-9]*){0,2}"
        r"|[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*(-[1-9][0-9]*){0,3})$",
    ),
]
"""A citation: `19-1`, `18の2-1`, `2-1-9`, or a part outside the articles: `general-3`, `sla`."""


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Articles = Annotated[tuple[ArticleKey, ...], BeforeValidator(_as_tuple)]


class Strict(BaseModel):
    """A part of a policy: immutable, and refusing whatever it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class LocalText(Strict):
    """A text in the two languages of the interface."""

    ja: str
    en: str

    def in_language(self, code: str) -> str:
        """The text for a language code such as `ja` or `en-gb`; Japanese unless English is asked for."""
        return self.en if code.startswith("en") else self.ja


LayerKind = Literal["law", "agent", "agreement"]
"""What beside the terms can decide a rule: the law where they are silent, an agent's rules, an agreement."""


@dataclass(frozen=True)
class Origin:
    """The layer that decided a rule, where that was not the terms: its title, and since when it holds.

    Of an agent's rules, `version` names the version and `seller` the agent, by its key.
    """

    kind: LayerKind
    title: str
    effective_on: date
    version: str = ""
    seller: str = ""

    def to_json(self) -> dict[str, str]:
        stated = {"kind": self.kind, "title": self.title, "effective_on": self.effective_on.isoformat()}
        of_agent = {"version": self.version, "seller": self.seller} if self.seller else {}
        return {**stated, **of_agent}


class Rule(Strict):
    """What every rule of a policy says about itself.

    `article` names the articles that found it. `reading` states how a question that the document
    leaves open is settled. `sample` marks a value that the document leaves to somebody else.
    """

    article: Articles
    reading: LocalText | None = None
    sample: bool = False
    # Nothing that a policy can state: it is said of a rule when another layer is put into its policy.
    _origin: Origin | None = PrivateAttr(default=None)
    # Nor this: it is said of all rules of a corrected reading of a published version.
    _revision: int = PrivateAttr(default=0)

    @property
    def origin(self) -> Origin | None:
        """The layer that decided this rule; None by the terms."""
        return self._origin

    def sign(self, origin: Origin) -> None:
        """Name the layer. Only for rules of a policy that was made for it."""
        self._origin = origin

    @property
    def revision(self) -> int:
        """The number of the corrected reading that this rule belongs to; 0: as it was published."""
        return self._revision

    def name_revision(self, number: int) -> None:
        """Name the corrected reading. Only for rules of a policy that was read for it."""
        self._revision = number


LedgerFact = Literal[
    "overdue",
    "underpaid",
    "deposit_late",
    "suspension_over",
    "option_suspension_over",
    "terms_changed",
    "terms_refused",
]


class ListedReason(Rule):
    """A reason for refusal, suspension or termination that the terms list.

    With a `fact` the ledger knows whether it is so: that something is overdue, that less came in than was
    invoiced, that a deposit was not paid by its day, that a suspension of the service, or of an option,
    lasted to its last day and was not lifted before, that there is a change of the terms which the customer
    has not agreed to, or one that it refused. Others are what staff state.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: LocalText
    fact: LedgerFact | None = None
    of_debt: bool = False


def rules_in(node: object) -> Iterator[Rule]:
    """Every rule in a part of a policy, itself included."""
    if isinstance(node, Rule):
        yield node
    if isinstance(node, Strict):
        for name in type(node).model_fields:
            yield from rules_in(getattr(node, name))
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from rules_in(value)
    elif isinstance(node, tuple):
        for value in node:
            yield from rules_in(value)

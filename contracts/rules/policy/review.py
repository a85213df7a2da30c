"""What the provider checks before it accepts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.rules.policy.base import Rule

CheckKind = Literal["credit", "antisocial_forces", "duplicates", "identity"]
CheckedBefore = Literal["application", "succession"]


class CheckRule(Rule):
    """A check that comes before an acceptance: of an application, of a succession, or of both.

    `when`: of each, or of those for which staff `demanded` it.
    """

    kind: CheckKind
    before: Annotated[tuple[CheckedBefore, ...], Field(min_length=1)] = ("application",)
    when: Literal["always", "demanded"] = "always"

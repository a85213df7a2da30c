"""What the provider checks before it accepts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.rules.policy.base import Rule

CheckKind = Literal["credit", "antisocial_forces", "duplicates"]
CheckedBefore = Literal["application", "succession"]


class CheckRule(Rule):
    """A check that comes before an acceptance: of an application, of a succession, or of both."""

    kind: CheckKind
    before: Annotated[tuple[CheckedBefore, ...], Field(min_length=1)] = ("application",)

"""By which ways what customers ask for reaches the provider, beside the portal."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.rules.policy.base import Rule

ReceiptChannel = Literal["letter", "fax", "email", "phone"]


class ReceiptRule(Rule):
    """The ways that the terms name for an `application`, or for kinds of requests.

    `of` names them by their keys; nothing named: all that no other rule names. After what came by one of
    `original_after`, the paper itself is to follow.
    """

    of: tuple[str, ...] = ()
    channels: Annotated[tuple[ReceiptChannel, ...], Field(min_length=1)]
    original_after: tuple[ReceiptChannel, ...] = ()

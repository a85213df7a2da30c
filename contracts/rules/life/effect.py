"""What makes a request of the customer count."""

from __future__ import annotations

from typing import Literal

from contracts.rules.policy.base import Rule


class EffectRule(Rule):
    """A request in time counts by its `receipt`, or by that with the `acknowledgement` that the portal sends.

    Whether anybody decides changes nothing: staff acknowledge it. Without this rule its acceptance counts.
    """

    by: Literal["receipt", "acknowledgement"]

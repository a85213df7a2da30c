"""The acceptance as a letter: what it is called, and that it follows on paper."""

from __future__ import annotations

from contracts.rules.calendar.deadline import Offset
from contracts.rules.policy.base import LocalText, Rule


class WrittenAcceptanceRule(Rule):
    """What the letter of an acceptance is called, and within what time it follows on paper.

    It is that of an application, and of a change that is formed by the acceptance's e-mail.
    """

    name: LocalText
    within: Offset | None = None

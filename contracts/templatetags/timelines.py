"""The life of a contract, for pages of contracts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import template
from django.db.models import prefetch_related_objects
from django.utils.timezone import now

from contracts.lifecycle.timeline import TimelineEntry, timeline
from contracts.models import Contract
from contracts.wording.explain import Explanation

register = template.Library()

_NEEDED = (
    "items",
    "suspensions__terms_version__service",
    "requests__terms_version__service",
    "particulars",
    "parties__organisation",
    "authorised_users",
    "agreements",
    "letters",
    "tasks",
)
_STATES = {"past": "done", "today": "", "coming": "future"}


@dataclass(frozen=True)
class Event:
    """An entry as `components/timeline.html` shows it."""

    on: date
    title: str
    text: str
    state: str
    explanation: Explanation | None


def events(entries: Iterable[TimelineEntry]) -> list[Event]:
    return [
        Event(entry.on, entry.label, entry.detail, _STATES[entry.when], entry.explanation)
        for entry in entries
    ]


@register.inclusion_tag("contracts/_timeline.html")
def contract_timeline(contract: Contract, until: date | None = None) -> dict[str, Any]:
    """What happened in a contract and what is coming; with `until`, only what happened by that day."""
    prefetch_related_objects([contract], *_NEEDED)
    if until:
        told = timeline(contract, until + timedelta(days=1))
        return {"past": events(entry for entry in told if entry.when == "past"), "only_past": True}
    told = timeline(contract, now())
    return {
        "past": events(entry for entry in told if entry.when == "past"),
        "ahead": events(entry for entry in told if entry.when != "past"),
    }

"""A small policy of no real service, to be varied by the tests."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from contracts.rules.calendar.period import JAPAN
from contracts.rules.policy.schema import Policy, policy_from
from contracts.rules.rulebook import Rulebook

_TEXT = {"ja": "あ", "en": "a"}

POLICY: dict[str, Any] = {
    "version": "1",
    "title": "Terms",
    "effective": {"article": "suppl", "on": "2016-01-01"},
    "calendars": {
        "company": {"article": "2", "closed_every_year": ["12-29", "12-30", "12-31", "01-02", "01-03"]},
        "bank": {"article": "3", "closed_every_year": ["12-31", "01-02", "01-03"]},
    },
    "products": [
        {
            "article": "p-1",
            "key": "seat",
            "name": _TEXT,
            "kind": "base",
            "unit": _TEXT,
            "includes": {"user": 1},
        },
        {"article": "p-1", "key": "user", "name": _TEXT, "kind": "base", "unit": _TEXT},
        {"article": "p-2", "key": "recording", "name": _TEXT, "kind": "option", "unit": _TEXT},
    ],
    "application": {"article": "4", "consent": {"article": "4"}},
    "refusal_reasons": [],
    "formation": {
        "article": "5",
        "formed_by": "acceptance",
        "service_start": {"article": "6", "rule": "wanted_date"},
        "billing_start": {"article": "7", "rule": "first_of_next_month"},
    },
    "cancellation": {
        "article": "10",
        "ends": "month_end",
        "deadline": {"article": "10-1", "anchor": "wanted_month_end", "before": {"months": 1}},
        "billed_through": {"article": "11", "rule": "end_of_month"},
    },
    "changes": {},
    "notices": {
        "article": "20",
        "channels": {
            "email": {"article": "20-1", "effective": "arrival"},
            "site": {"article": "20-2", "effective": "dispatch"},
        },
        "purposes": {
            "service_end": {"article": "21", "lead": {"months": 3}},
            "terms_change": {"article": "22", "timing": "beforehand"},
            "emergency_maintenance": {"article": "23", "timing": "afterwards"},
        },
    },
    "charging": {
        "rounding": "floor",
        "proration": {"article": "30", "rule": "none"},
        "tax": {"article": "31", "rounding": "floor", "rate_day": "closing_date"},
        "due": {"usage": {"transfer": {"article": "32", "months_after": 0}}},
        "late_interest": {
            "article": "33",
            "percent_a_year": "14.6",
            "days_in_year": 365,
            "rounding": "floor",
        },
    },
}


def policy(**changed: Any) -> Policy:
    """The small policy; `charging__tax={...}` replaces or adds the value at that path."""
    raw = deepcopy(POLICY)
    for path, value in changed.items():
        *parents, name = path.split("__")
        node = raw
        for parent in parents:
            node = node.setdefault(parent, {})
        node[name] = value
    return policy_from(raw)


def rulebook(**changed: Any) -> Rulebook:
    return Rulebook(policy(**changed))


def japan(text: str) -> datetime:
    """A moment in Japan: `2026-01-31 18:05`."""
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)

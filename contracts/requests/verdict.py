"""What the terms say to a wanted day, in a sentence or two: the deadline for it, and what would follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import TermsVersion
from contracts.requests.offer import deadline_articles
from contracts.requests.registry import kind_of
from contracts.rules.decision import Decision
from contracts.wording.explain import ArticleLink, Explanation, explain
from contracts.wording.formats import day_text
from contracts.wording.late import late_outcome

Level = Literal["info", "success", "warning", "error"]

_CONDITIONS: dict[str, Any] = {
    "last_item": gettext_lazy(
        "The last basic product can't be given up like this. To give up everything, cancel the contract."
    ),
    "needs_base": gettext_lazy(
        "An option needs a basic product, and the contract contains none on that day."
    ),
    "not_retakable": gettext_lazy("This option was given up once and can't be taken again."),
    "user_ids_remain": gettext_lazy(
        "The user IDs must be deleted first. Until they are, the number stays and is charged as it is."
    ),
    "not_held": gettext_lazy("The contract doesn't contain this product on that day."),
}


@dataclass(frozen=True)
class Verdict:
    """`deadline` tells the last day to ask, with `articles`; `outcome` what a request sent now would bring.

    `instead` is the earliest day still possible, where the wanted one is refused as too late. `settled` says
    what follows once it is accepted, empty where it is refused.
    """

    level: Level
    deadline: str
    articles: Sequence[ArticleLink]
    outcome: str
    outcome_articles: Sequence[ArticleLink]
    explanation: Explanation
    instead: date | None
    settled: str

    @property
    def refused(self) -> bool:
        return self.level == "error"


def verdict(
    kind: str, version: TermsVersion, decision: Decision | Mapping[str, Any], wanted_on: date | None
) -> Verdict:
    """A decision on a request of a kind for a day (None: none was named), in words."""
    stored = decision.to_json() if isinstance(decision, Decision) else decision
    explanation = explain(stored, version)
    failed = str(stored.get("reason")) if stored["outcome"] == "refused" else ""
    condition = failed in _CONDITIONS
    return Verdict(
        level=_level(stored["outcome"]),
        deadline=_deadline(kind, version, stored, wanted_on),
        articles=deadline_articles(explanation),
        outcome=str(_CONDITIONS[failed]) if condition else _outcome(kind, version, stored, wanted_on),
        outcome_articles=explanation.steps[-1].articles if condition else (),
        explanation=explanation,
        settled=_settled(kind, version, stored),
        instead=_earliest(stored) if stored["outcome"] == "refused" and not condition else None,
    )


def _level(outcome: str) -> Level:
    levels: dict[str, Level] = {"accepted": "success", "refused": "error"}
    return levels.get(outcome, "warning")


def _deadline(kind: str, version: TermsVersion, stored: Mapping[str, Any], wanted_on: date | None) -> str:
    if wanted_on is None:
        return _("No day is named")
    asked = kind_of(kind)
    shown = {"label": asked.day_label, "day": day_text(asked.counted_day(version, wanted_on))}
    last_day = stored.get("still_reached_until") or stored.get("deadline_on")
    if last_day:
        by = day_text(date.fromisoformat(last_day))
        return _("%(label)s %(day)s: the request must arrive by %(by)s") % {**shown, "by": by}
    return _("%(label)s %(day)s: the terms set no deadline") % shown


def _earliest(stored: Mapping[str, Any]) -> date | None:
    earliest = stored.get("earliest_ends_on") or stored.get("earliest_effective_on")
    return date.fromisoformat(earliest) if earliest else None


def _settled_on(stored: Mapping[str, Any]) -> date | None:
    settled = stored.get("ends_on") or stored.get("effective_on")
    return date.fromisoformat(settled) if settled else None


def _settled(kind: str, version: TermsVersion, stored: Mapping[str, Any]) -> str:
    day = _settled_on(stored)
    return kind_of(kind).follows(version, day_text(day)) if day else ""


def _outcome(kind: str, version: TermsVersion, stored: Mapping[str, Any], wanted_on: date | None) -> str:
    named = wanted_on is not None
    late = late_outcome(stored["outcome"], _settled_on(stored), _earliest(stored), named=named)
    if late:
        return late
    follows = _settled(kind, version, stored)
    if stored.get("deadline_on"):
        return _("Sent now, it is in time. %(follows)s") % {"follows": follows}
    return follows

"""What the terms say to a wanted day, in a sentence or two: the deadline for it, and what would follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import TermsVersion
from contracts.models.request import RequestDecision
from contracts.requests.offer import deadline_articles
from contracts.requests.registry import kind_of
from contracts.rules.life.change import Change
from contracts.wording.explain import ArticleLink, Explanation, explain
from contracts.wording.formats import day_text, until_text
from contracts.wording.late import late_outcome
from contracts.wording.local_text import localised

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
    """`deadline` tells the last moment to ask, by `articles`; `outcome` what a request sent now would bring.

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


def verdict(kind: str, version: TermsVersion, decision: RequestDecision, wanted_on: date | None) -> Verdict:
    """A decision on a request of a kind for a day (None: none was named), in words."""
    explanation = explain(decision, version)
    failed = _failed_condition(decision)
    return Verdict(
        level=_level(decision),
        deadline=_deadline(kind, version, decision, wanted_on),
        articles=deadline_articles(explanation),
        outcome=failed or _outcome(kind, version, decision, wanted_on),
        outcome_articles=explanation.steps[-1].articles if failed else (),
        explanation=explanation,
        settled=_settled(kind, version, decision),
        instead=decision.earliest_on if decision.outcome == "refused" and not failed else None,
    )


def _failed_condition(decision: RequestDecision) -> str:
    """What else than the deadline a refused change fails by; empty for all others."""
    if not isinstance(decision, Change) or decision.outcome != "refused":
        return ""
    return str(_CONDITIONS.get(decision.reason or "", ""))


def _level(decision: RequestDecision) -> Level:
    if _is_taken_late(decision):
        return "warning"
    levels: dict[str, Level] = {"accepted": "success", "refused": "error"}
    return levels.get(decision.outcome, "warning")


def _is_taken_late(decision: RequestDecision) -> bool:
    """Whether a change comes too late, and its terms let it count all the same for the day that it names."""
    if not isinstance(decision, Change) or decision.deadline_on is None:
        return False
    return decision.outcome == "accepted" and decision.deadline_on < decision.received_on


def _reading_of_deadline(decision: RequestDecision) -> str:
    """What the terms are read to say of what comes late; empty where they say nothing beside the day."""
    readings = (taken.reading for taken in decision.steps if taken.rule == "deadline.compare")
    return next((localised(reading) for reading in readings if reading), "")


def _deadline(kind: str, version: TermsVersion, decision: RequestDecision, wanted_on: date | None) -> str:
    if wanted_on is None:
        return _("No day is named")
    asked = kind_of(kind)
    shown = {"label": asked.day_label, "day": day_text(asked.counted_day(version, wanted_on))}
    if decision.last_moment:
        by = until_text(decision.last_moment)
        return _("%(label)s %(day)s: the request must arrive by %(by)s") % {**shown, "by": by}
    return _("%(label)s %(day)s: the terms set no deadline") % shown


def _settled(kind: str, version: TermsVersion, decision: RequestDecision) -> str:
    day = decision.settled_on
    return kind_of(kind).follows(version, day_text(day)) if day else ""


def _outcome(kind: str, version: TermsVersion, decision: RequestDecision, wanted_on: date | None) -> str:
    named = wanted_on is not None
    late = late_outcome(decision.outcome, decision.settled_on, decision.earliest_on, named=named)
    if late:
        return late
    follows = _settled(kind, version, decision)
    if _is_taken_late(decision):
        taken = _("The deadline has passed; it is taken all the same. %(follows)s") % {"follows": follows}
        return " ".join([taken, _reading_of_deadline(decision)]).rstrip()
    if decision.deadline_on:
        return _("Sent now, it is in time. %(follows)s") % {"follows": follows}
    return follows

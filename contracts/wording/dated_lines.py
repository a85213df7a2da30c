"""The dates of a decision, as mails and letters state them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from contracts.rules.decision import Decision
from contracts.wording.explain import explain
from contracts.wording.formats import day_text, until_text
from contracts.wording.links import article_label

if TYPE_CHECKING:
    from contracts.models import TermsVersion


@dataclass(frozen=True)
class DatedLine:
    """A date of a decision, with the articles behind it."""

    label: str
    day: str
    articles: str


def dated_lines(
    decision: Decision | None, version: "TermsVersion", *, planned: bool = False
) -> list[DatedLine]:
    """The dates of a decision, each with the articles of the steps that it comes from; [] for none.

    What would be possible matters only where no date came out, and a minimum term while some of it is left.
    `planned`: the day on which it takes effect, and is charged from, is that of a notice that is to come.
    """
    if decision is None:
        return []
    facts = decision.facts()
    dates = _dates_of(facts)
    if any(step.rule == "non_renewal.by_provider" for step in decision.steps):
        dates["received_on"] = (_("Notice given on"), ("non_renewal.by_provider",))
    if planned:
        dates["effective_on"] = (_("Planned for"), ("change.",))
        facts = {**facts, "billed_from_on": None, "billed_through_on": None}
    settled = facts.get("ends_on") or facts.get("effective_on")
    not_of_interest: tuple[str, ...] = ("earliest", "possible_from") if settled else ()
    if not facts.get("minimum_months_left"):
        not_of_interest += ("minimum_ends_on",)
    lines = []
    for fact, (label, rules) in dates.items():
        if facts.get(fact) and not fact.startswith(not_of_interest):
            steps = tuple(step for step in decision.steps if step.rule.startswith(rules))
            explained = explain(Decision(steps=steps), version)
            articles = _(", ").join(link.label for link in explained.articles)
            lines.append(DatedLine(label, _day_of(fact, facts), articles))
    return lines


def _day_of(fact: str, facts: Mapping[str, Any]) -> str:
    """A date in words; of a deadline the last moment that is in time, where that is known."""
    moment = facts.get("in_time_until") if fact == "deadline_on" else None
    return until_text(moment) if moment else day_text(facts[fact])


def _dates_of(facts: Mapping[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The dates of a decision with these facts; where one number follows another, each is named."""
    dates = _dates()
    if not (facts.get("billed_from_on") and facts.get("billed_through_on")):
        return dates
    del dates["billed_from_on"], dates["billed_through_on"]
    return {
        **dates,
        "billed_through_on": (_("The former number is charged until"), ("billed_through.",)),
        "billed_from_on": (_("The new number is charged from"), ("billed_from.", "billed_through.")),
    }


def _dates() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The facts of decisions that are dates: their names, and the keys of the steps that lead to them."""
    return {
        "formed_on": (_("Contract formed on"), ("formation.",)),
        "service_starts_on": (_("Service starts on"), ("service_start.",)),
        "received_on": (_("Received on"), ("cancellation.received", "non_renewal.received")),
        "deadline_on": (_("Deadline"), ("deadline.", "calendar.last_moment")),
        "effective_on": (_("Effective on"), ("change.",)),
        "ends_on": (
            _("Contract ends on"),
            ("cancellation.", "deadline.", "renewal.ends", "rescission.", "termination."),
        ),
        "billed_from_on": (_("Charged from"), ("billing_start.", "billed_from.")),
        "billed_through_on": (_("Charged until"), ("billed_through.",)),
        "open_debts_due_on": (_("Open debts fall due on"), ("open_debts.",)),
        "minimum_ends_on": (_("The minimum term ends on"), ("minimum_term.ends",)),
        "cure_by": (_("Can be cured until"), ("termination.cure.",)),
        "possible_from": (_("Termination possible from"), ("termination.ground",)),
        "earliest_ends_on": (_("Earliest possible end"), ("deadline.",)),
        "earliest_effective_on": (_("Earliest possible date"), ("deadline.",)),
    }


def cited(version: "TermsVersion", articles: Iterable[str]) -> str:
    """Articles in a row, as a version labels them."""
    return _(", ").join(article_label(version, key) for key in articles)

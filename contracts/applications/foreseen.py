"""What follows from an application: its first days, its first invoice, and when one could leave again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from contracts.models import TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.period import Month
from contracts.rules.life.formation import Formation, FormationFacts
from contracts.rules.rulebook import Rulebook
from contracts.wording.dated_lines import DatedLine, cited, dated_lines
from contracts.wording.explain import Explanation, explain
from contracts.wording.formats import day_text, until_text


@dataclass(frozen=True)
class Foreseen:
    """What the terms make of an application if all that is still to come happens on the day that was asked.

    `not_yet`: there is something still to come, such as the acceptance. `by_notice`: the first day of use is
    the one that the provider's notice will name; the wanted one stands for it, without one nothing follows.
    `instead_of` is the wanted day where use begins on another one. `first_month` is charged first.
    """

    lines: list[DatedLine]
    not_yet: bool
    by_notice: bool
    instead_of: date | None
    starts_on: date | None
    first_month: Month | None
    explanation: Explanation


def foreseen(version: TermsVersion, wanted_on: date | None, applied_at: datetime, at: datetime) -> Foreseen:
    """What follows from an application for a wanted day, by the version that it is made under, as of `at`."""
    rules, rule = rulebook_for(version), version.policy.formation
    by_notice = rule.service_start.rule == "activation_notice"
    formation = rules.formation(
        FormationFacts(
            applied_at=applied_at,
            accepted_at=at,
            acceptance_sent_at=at,
            registered_at=at,
            wanted_start_on=wanted_on,
            activation_start_on=wanted_on,
        )
    )
    starts_on = formation.service_starts_on
    return Foreseen(
        lines=[*_first_days(formation, version), *_last_days(rules, version, starts_on, at)],
        not_yet=rule.formed_by != "application",
        by_notice=by_notice,
        instead_of=wanted_on if wanted_on != starts_on and starts_on else None,
        starts_on=starts_on,
        first_month=formation.first_invoice_month,
        explanation=explain(formation, version),
    )


def _first_days(formation: Formation, version: TermsVersion) -> list[DatedLine]:
    """The first day of use, and from when is charged; that of the formation is still to come."""
    return dated_lines(replace(formation, formed_on=None), version)


def _last_days(
    rules: Rulebook, version: TermsVersion, starts_on: date | None, at: datetime
) -> Iterator[DatedLine]:
    """The minimum term, the first term, and the first end that a cancellation could reach."""
    if starts_on is None:
        return
    if term := rules.policy.minimum_term:
        ends_on = rules.minimum_term(starts_on, starts_on, 0).minimum_ends_on
        yield DatedLine(_("Minimum term until"), day_text(ends_on), cited(version, term.article))
    if renewal := rules.policy.renewal:
        first = rules.non_renewal(starts_on, at, None)
        if first.ends_on:
            yield DatedLine(
                _("First term until"),
                _with_deadline(first.ends_on, first.last_moment),
                cited(version, renewal.article),
            )
    earliest = rules.cancellation(at, max(rules.cancellation(at, None).earliest_ends_on, starts_on))
    if earliest.ends_on:
        day = _with_deadline(earliest.ends_on, earliest.last_moment)
        article = cited(version, rules.policy.cancellation.article)
        yield DatedLine(_("First possible end by cancellation"), day, article)


def _with_deadline(day: date, by: datetime | None) -> str:
    if by is None:
        return day_text(day)
    return _("%(day)s (to be asked for by %(by)s)") % {"day": day_text(day), "by": until_text(by)}

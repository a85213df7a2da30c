"""The hours that terms state, as screens show them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.models import TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.hours import DailyHours
from contracts.wording.local_text import localised


@dataclass(frozen=True)
class ShownHours:
    """A desk or daily work, its hours, and whether they hold at the moment asked about."""

    name: str
    hours: str
    now: bool
    rule: DailyHours


def shown_hours(version: TermsVersion, at: datetime) -> Iterator[ShownHours]:
    """Every desk and daily work of a version."""
    calendars = rulebook_for(version).calendars
    for rule in version.policy.daily_hours:
        yield ShownHours(localised(rule.name), hours_text(rule), rule.holds_at(at, calendars), rule)


def hours_text(rule: DailyHours) -> str:
    """The hours and days in words: 9:00–12:00, 13:00–17:30, on business days."""
    times = [f"{begins:%-H:%M}–{ends:%-H:%M}" for begins, ends in rule.hours] or [_("around the clock")]
    days = _("on business days") if rule.calendar else _("every day")
    return pgettext("between things", ", ").join([*times, days])

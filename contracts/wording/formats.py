"""How days, moments, months and amounts read in the language of the interface."""

from datetime import date, datetime, time
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.rules.calendar.period import JAPAN, Month, japan_date
from portal.language import in_english


def day_text(day: date) -> str:
    """2027年1月31日, or 31 January 2027."""
    return str(date_format(day, "j F Y" if in_english() else "Y年n月j日"))


def days_text(first: date, last: date | None) -> str:
    """One day, a stretch of them, or one without an end: 2027年1月1日～2027年1月31日, 2027年1月1日～."""
    if first == last:
        return day_text(first)
    parts = (day_text(first), pgettext("between two dates", "–"), day_text(last) if last else "")
    return (" " if in_english() else "").join(parts).rstrip()


def language_text(code: str) -> str:
    """A language of the portal by its name in the interface's language: 日本語, Japanese."""
    return str(dict(settings.LANGUAGES).get(code, code))


def moment_text(moment: datetime) -> str:
    """The day and time in Japan."""
    return str(date_format(timezone.localtime(moment), "j F Y, H:i" if in_english() else "Y年n月j日 H:i"))


def closes_at(moment: datetime) -> time | None:
    """The hour at which a deadline ends; None where it lasts to the end of its day."""
    local = moment.astimezone(JAPAN).time()
    return None if local == time.max else local


def until_text(moment: datetime) -> str:
    """The last moment of a deadline: 2026年12月28日 17:00, or the day alone where it lasts to its end."""
    return moment_text(moment) if closes_at(moment) else day_text(japan_date(moment))


def closing_text(moment: datetime) -> str:
    """The hour of a deadline's last moment: 17:00まで; empty where it lasts to the end of its day."""
    hour = closes_at(moment)
    return _("until %(hour)s") % {"hour": f"{hour:%H:%M}"} if hour else ""


def month_text(month: Month) -> str:
    """2027年1月, or January 2027."""
    return str(date_format(month.first, "F Y" if in_english() else "Y年n月"))


def months_text(first: Month, last: Month) -> str:
    """One month, or a stretch of them: 2027年7月～2027年12月."""
    if first == last:
        return month_text(first)
    between = pgettext("between two dates", "–")
    return (" " if in_english() else "").join((month_text(first), between, month_text(last)))


def yen_text(amount: int | Decimal) -> str:
    """12,345円, or ¥12,345."""
    sign, digits = ("−" if amount < 0 else ""), f"{abs(amount):,}"
    return f"{sign}¥{digits}" if in_english() else f"{sign}{digits}円"

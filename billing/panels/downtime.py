"""How long the service of a contract was down, beside what the terms aim at; for staff."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate, now

from billing.calculation.availability import Availability, Span, availability
from contracts.extensions.panels import Panel
from contracts.models import Contract
from contracts.policies.rulebooks import governing_version
from contracts.rules.calendar.period import Month
from contracts.rules.life.consent import start_of

_MONTHS = 12
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class DowntimeRow:
    """A month (None: all that are counted), in hours with one place."""

    month: date | None
    found: Availability

    @property
    def hours(self) -> str:
        return f"{self.found.down / _HOUR:.1f}"

    @property
    def longest(self) -> str:
        return f"{self.found.longest / _HOUR:.1f}"


def downtime(contract: Contract) -> Panel:
    """The last twelve months, as far as the service was provided: those with outages, and all together."""
    version = governing_version(contract, localdate())
    rows = list(_rows(contract, now()))
    context = {"rows": rows, "aim": version.policy.service_level, "version": version}
    return Panel("admin/billing/_downtime.html", context)


def _rows(contract: Contract, moment: datetime) -> Iterator[DowntimeRow]:
    if contract.service_starts_on is None:
        return
    outages: list[Span] = [
        (one.known_at, one.restored_at) for one in contract.outages.standing().filter(product="")
    ]
    this_month = Month.of(localdate(moment))
    months = [this_month + -distance for distance in range(_MONTHS - 1, -1, -1)]
    if outages:
        for month in months:
            found = availability(_provided(contract, month, month, moment), outages)
            if found.down:
                yield DowntimeRow(month.first, found)
        yield DowntimeRow(None, availability(_provided(contract, months[0], this_month, moment), outages))


def _provided(contract: Contract, first: Month, last: Month, moment: datetime) -> Span:
    """From when until when the service was to be provided within months, up to a moment."""
    begins = start_of(first.first)
    if contract.service_starts_on:
        begins = max(begins, start_of(contract.service_starts_on))
    ends = min(start_of((last + 1).first), moment)
    if contract.ends_on:
        ends = min(ends, start_of(contract.ends_on + timedelta(days=1)))
    return begins, ends

"""Which contracts a new version touches: dates and rates that differ for them by the old and new rules."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from contracts.extensions import registered
from contracts.extensions.measures import Facts, Measure, Measured
from contracts.models import Contract, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import JAPAN, Month
from contracts.rules.policy.governing import spares
from contracts.rules.rulebook import Rulebook
from contracts.wording.formats import day_text, until_text

EXAMPLES = 50
AT_ONCE = 2000
"""How many contracts are in memory at a time."""
_MONTHS_AHEAD = 3


class Changed(NamedTuple):
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Example:
    contract: Contract
    changes: tuple[Changed, ...]


@dataclass(frozen=True)
class Impact:
    """`running` counts the contracts that run when the version takes effect, `affected` those it touches.

    `digest` is the SHA-256, in hexadecimal, of all that changes: what one page of examples can't show.
    """

    running: int
    affected: int
    examples: list[Example]
    digest: str

    @property
    def pages(self) -> range:
        """The numbers of the pages that the contracts affected fill."""
        return range(1, -(-self.affected // EXAMPLES) + 1)


def impact_of(old: TermsVersion, new: TermsVersion, day: date, page: int = 1) -> Impact:
    """Compare the running contracts of a service by two versions, as of the day the new one takes effect.

    The two can be one version by two readings. `page` says which of the contracts affected are the examples.
    The number of queries does not depend on the number of contracts.
    """
    running = affected = 0
    examples: list[Example] = []
    digest = hashlib.sha256()
    for contract, changes in _compared(old, new, day):
        running += 1
        if changes:
            affected += 1
            digest.update(json.dumps([contract.number, changes]).encode())
            if (page - 1) * EXAMPLES < affected <= page * EXAMPLES:
                examples.append(Example(contract, changes))
    return Impact(running, affected, examples, digest.hexdigest())


def affected_contracts(old: TermsVersion, new: TermsVersion, day: date) -> Iterator[Example]:
    """All contracts that the new version touches, by number."""
    return (Example(contract, changes) for contract, changes in _compared(old, new, day) if changes)


def _compared(
    old: TermsVersion, new: TermsVersion, day: date
) -> Iterator[tuple[Contract, tuple[Changed, ...]]]:
    books = Rulebooks()
    rules = books.of(old), books.of(new)
    asked = (*_MEASURES, *registered.measures(new.service_id, day))
    known: dict[Facts, tuple[Changed, ...]] = {}
    for contract in _running(new, day):
        facts = _facts(contract, day)
        if facts not in known:
            found = (_changed(measure, *rules, facts, day) for measure in asked)
            known[facts] = tuple(change for change in found if change)
        yield contract, known[facts]


def _running(version: TermsVersion, day: date) -> Any:
    """Contracts that are formed and have not ended before a day."""
    formed = Contract.objects.filter(service=version.service_id, formed_on__isnull=False)
    lasting = formed.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    found = lasting.select_related("organisation").prefetch_related("items").order_by("number")
    return found.iterator(chunk_size=AT_ONCE)


def _facts(contract: Contract, day: date) -> Facts:
    starts_on = contract.service_starts_on
    return Facts(
        formed_on=contract.formed_on or day,
        starts_later_on=starts_on if starts_on and starts_on > day else None,
        has_end=contract.ends_on is not None,
        payment_method=contract.payment_method,
        items=frozenset(contract.items_charged_in(Month.of(day)).items()),
    )


def _changed(measure: Measure, old: Rulebook, new: Rulebook, facts: Facts, day: date) -> Changed | None:
    before, after = measure(old, facts, day), measure(new, facts, day)
    some = after or before
    if some is None or (after and spares(new.policy.transitional, after.articles, facts.formed_on)):
        return None
    texts = [found.text if found else _("not provided for") for found in (before, after)]
    return Changed(some.label, *texts) if texts[0] != texts[1] else None


def _earliest_end(book: Rulebook, facts: Facts, day: date) -> Measured | None:
    if facts.has_end:
        return None
    asked_at = datetime.combine(day, time(), JAPAN)
    earliest = book.cancellation(asked_at, None).earliest_ends_on
    if facts.starts_later_on and earliest < facts.starts_later_on:
        earliest = book.cancellation(asked_at, facts.starts_later_on).wanted_ends_on or facts.starts_later_on
    label = _("Earliest end, if cancelled on %(day)s") % {"day": day_text(day)}
    return Measured(label, day_text(earliest), book.policy.cancellation.article)


def _cancel_by(book: Rulebook, facts: Facts, day: date) -> Measured | None:
    ends_on = (Month.of(day) + _MONTHS_AHEAD).last
    if facts.has_end or (facts.starts_later_on and facts.starts_later_on > ends_on):
        return None
    decision = book.cancellation(datetime.combine(day, time(), JAPAN), ends_on)
    if decision.last_moment is None:
        return None
    label = _("Last day to cancel for an end on %(day)s") % {"day": day_text(ends_on)}
    return Measured(label, until_text(decision.last_moment), book.policy.cancellation.article)


def _late_rate(book: Rulebook, facts: Facts, day: date) -> Measured:
    rule = book.policy.charging.late_interest
    text = _("%(percent)s %% a year") % {"percent": rule.percent_a_year}
    return Measured(_("Late payment interest"), text, rule.article)


_MEASURES: tuple[Measure, ...] = (_cancel_by, _earliest_end, _late_rate)

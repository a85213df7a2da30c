"""Outages of a contract taken together: each by itself, or added up within a month where the terms say so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.rules.policy.charging import Charging, OutageRule

from .outage import Outage, OutageFacts, Stop, month_from, outage

FactsOf = Callable[[Stop, tuple[Stop, ...]], OutageFacts]
"""What is known of an outage and those after it: the fee of its month, what was paid before it."""


@dataclass(frozen=True)
class OutageMonth:
    """A month that begins when the provider knew of an outage."""

    begins: datetime
    ends: datetime

    def to_json(self) -> dict[str, str]:
        return {"begins": self.begins.isoformat(), "ends": self.ends.isoformat()}


@dataclass(frozen=True, kw_only=True)
class OutagesOfMonth(Outage):
    """What outages bring that were added up within a month."""

    month: OutageMonth


@dataclass(frozen=True)
class Weighed:
    """What an outage brings; `month` where outages were added up within one."""

    decision: Outage
    month: OutageMonth | None = None


def weigh(
    charging: Charging, new: Stop, others: Sequence[Stop], credited: Sequence[OutageMonth], facts_of: FactsOf
) -> Weighed:
    """The most that the terms give for a new outage, by itself or with others that brought nothing yet.

    `others` and `new` don't overlap. What lies in a month for which a credit was given counts no more.
    NotProvided if the terms have no rule on outages.
    """
    answers: list[Weighed] = []
    alone = counting(charging, "in_a_row")
    if alone.outages or not charging.outages:
        answers.append(Weighed(outage(alone, facts_of(new, ()))))
    adding = counting(charging, "within_a_month")
    if adding.outages:
        stops = sorted(_uncredited([*others, new], credited), key=lambda stop: stop.known_at)
        answers += _by_months(adding, new, stops, facts_of)
    return max(answers, key=lambda answer: (answer.decision.credit, answer.decision.units))


def adds_up(charging: Charging, stop: Stop) -> bool:
    """Whether an outage that brings nothing by itself may count together with others."""
    return any(stop.fault in rule.faults for rule in counting(charging, "within_a_month").outages)


def counting(charging: Charging, count: str) -> Charging:
    """The rules with those on outages alone that count so."""
    rules: tuple[OutageRule, ...] = tuple(rule for rule in charging.outages if rule.count == count)
    return charging.model_copy(update={"outages": rules})


def _uncredited(stops: Iterable[Stop], credited: Sequence[OutageMonth]) -> Iterator[Stop]:
    """What is left of each outage outside the months that were credited."""
    for stop in stops:
        over = [month.ends for month in credited if month.begins <= stop.known_at < month.ends]
        begins = max([stop.known_at, *over])
        if begins < stop.restored_at:
            yield replace(stop, known_at=begins)


def _by_months(charging: Charging, new: Stop, stops: Sequence[Stop], facts_of: FactsOf) -> Iterator[Weighed]:
    """An answer for each month that begins with an outage and has the new one in it."""
    for place, first in enumerate(stops):
        month = OutageMonth(first.known_at, month_from(first.known_at))
        later = tuple(stops[place + 1 :])
        counted = [first, *(stop for stop in later if stop.known_at < month.ends)]
        if any(stop.restored_at == new.restored_at for stop in counted):
            yield Weighed(outage(charging, facts_of(first, later)), month)
    if not any(stop.restored_at == new.restored_at for stop in stops):
        yield Weighed(outage(charging, facts_of(replace(new, known_at=new.restored_at), ())))

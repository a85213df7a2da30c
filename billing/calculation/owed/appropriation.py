"""Which claims payments and set-offs meet (民法488条, 512条), and from which day on (506条2項)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from contracts.rules.policy.service_file import PaymentOrder


@dataclass(frozen=True)
class Claim:
    """What is to come of an invoice in yen, its due date, and the late interest that it bears a year.

    That is what is open less what is kept for it. `whole_only`: less than that counts as not paid, and is
    kept until the rest has come.
    """

    number: str
    amount: int
    due_on: date
    percent: Decimal
    whole_only: bool = False


@dataclass(frozen=True)
class Piece:
    """Credit in yen that the customer may claim since a day."""

    amount: int
    since: date


@dataclass(frozen=True)
class Share:
    """An amount in yen that counts on an invoice from a day on."""

    number: str
    amount: int
    on: date


@dataclass(frozen=True)
class Divided:
    """An amount as it meets claims: yen by number in their order, and the rest.

    `left_out` are the claims that take no part payment, where the rest is too little for them.
    """

    parts: tuple[tuple[str, int], ...]
    rest: int
    left_out: tuple[Claim, ...]


def payment_parts(amount: int, claims: Iterable[Claim], order: PaymentOrder, on: date) -> Divided:
    """Which claims an amount meets that came in on a day for no claim named by the payer.

    `due_first`: those due first, as the provider names it (民法488条2項). `law` (同条4項): what is due
    before what is not; of these what bears more interest, as paying it serves the payer more; then what is
    due first; and what is alike in all that in proportion.
    """
    waiting = list(claims)

    def rank(claim: Claim) -> tuple[Any, ...]:
        if order == "due_first":
            return claim.due_on, claim.number
        return claim.due_on > on, -claim.percent, claim.due_on

    met = tuple((claim.number, part) for claim, part in _met(amount, waiting, rank))
    rest = amount - sum(part for _number, part in met)
    numbers = {number for number, _part in met}
    left_out = (claim for claim in waiting if rest and claim.number not in numbers)
    return Divided(met, rest, tuple(left_out))


def set_off_shares(pieces: Iterable[Piece], claims: Iterable[Claim], on: date) -> tuple[Share, ...]:
    """How credit is set off against claims when that is declared on a day.

    Claims are met in the order in which they could be set off (512条1項); of those alike, the one that bears
    more interest comes first, then the one due first, and the rest in proportion (同条2項, 488条4項2号–4号).
    Each share counts from the day on which both sides were due (506条2項): the credit since it arose, the
    claim from its due date. What is not due yet is paid early, with the declaration.
    """
    waiting = sorted(pieces, key=lambda piece: piece.since)
    if not waiting:
        return ()
    since = waiting[0].since

    def rank(claim: Claim) -> tuple[Any, ...]:
        return max(since, claim.due_on), -claim.percent, claim.due_on

    parts = _met(sum(piece.amount for piece in waiting), claims, rank)
    return tuple(share for claim, part in parts for share in _shares(claim, part, waiting, on))


def _met(
    amount: int, claims: Iterable[Claim], rank: Callable[[Claim], tuple[Any, ...]]
) -> Iterator[tuple[Claim, int]]:
    """The claims in the order of their rank, with what each gets; those of one rank in proportion."""
    for _rank, found in groupby(sorted(claims, key=rank), rank):
        alike = sorted(found, key=lambda claim: claim.number)
        whole = [claim for claim in alike if claim.whole_only]
        for claim in whole:
            if claim.amount <= amount:
                amount -= claim.amount
                yield claim, claim.amount
        others = [claim for claim in alike if not claim.whole_only]
        for claim, part in zip(others, in_proportion(amount, others), strict=True):
            amount -= part
            if part:
                yield claim, part


def in_proportion(amount: int, claims: Sequence[Claim]) -> list[int]:
    """An amount over claims by what is to come of each, in whole yen; none gets more than that."""
    total = sum(claim.amount for claim in claims)
    if amount >= total:
        return [claim.amount for claim in claims]
    parts = [amount * claim.amount // total for claim in claims]
    by_fraction = sorted(range(len(claims)), key=lambda at: (-(amount * claims[at].amount % total), at))
    for at in by_fraction[: amount - sum(parts)]:
        parts[at] += 1
    return parts


def _shares(claim: Claim, part: int, waiting: list[Piece], on: date) -> Iterator[Share]:
    """The part as the waiting pieces give it, the oldest first; they become less by it."""
    shares: list[Share] = []
    while part:
        piece = waiting[0]
        taken = min(part, piece.amount)
        shares.append(Share(claim.number, taken, min(on, max(piece.since, claim.due_on))))
        part -= taken
        waiting[0] = replace(piece, amount=piece.amount - taken)
        if not waiting[0].amount:
            del waiting[0]
    if claim.whole_only:  # paid whole on the day of the last part
        yield Share(claim.number, sum(share.amount for share in shares), shares[-1].on)
    else:
        yield from shares

"""Which open invoices an amount that came in is for: by reference, name and amount."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from billing.calculation.owed.appropriation import Claim, Divided, payment_parts
from billing.documents.bank_files.charset import comparable_name
from contracts.rules.policy.service_file import PaymentOrder

Reason = Literal["reference", "name", "similar_name", "amount", "total", "underpaid"]

SCORES: dict[Reason, int] = {
    "reference": 50,
    "name": 30,
    "similar_name": 15,
    "amount": 20,
    "total": 20,
    "underpaid": 0,
}
CERTAIN = 50
"""From this score on, an amount that fits and no equally good suggestion leave no doubt."""

SHORTEST_SIMILAR = 4
"""So long are names of which one that begins with the other may be the same."""

_NUMBER = re.compile(r"([0-9]{4})-?([0-9]{6})$")
_DIGITS_OF_NUMBER = 10
_WRITTEN = re.compile("[0-9A-Z]+")
_SHORTEST_NUMBER = 4
_MOST_PIECES = 4
"""Into so many pieces a number of an old system falls by what stands between its digits and letters."""


@dataclass(frozen=True)
class Customer:
    """Who may have paid: the names to be known by, and the open invoices, those due first in front."""

    key: int
    names: tuple[str, ...]
    invoices: tuple[Claim, ...]


@dataclass(frozen=True)
class Received:
    """What came in: the amount in yen, the payer's name, the day, and whatever else the bank gives."""

    amount: int
    payer: str
    on: date
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """How an amount may be divided: yen by invoice number, and the rest for the customer's credit."""

    customer: int
    parts: tuple[tuple[str, int], ...]
    rest: int
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        return sum(SCORES[reason] for reason in self.reasons)

    @property
    def amount_fits(self) -> bool:
        return not self.rest and ("amount" in self.reasons or "total" in self.reasons)


class Matcher:
    """Suggests customers for amounts. Make one for many amounts: it sorts the customers once.

    `order` is that of a provider's invoices where the payer names none.
    """

    def __init__(self, customers: Iterable[Customer], order: PaymentOrder = "law") -> None:
        self._order = order
        self._customers: dict[int, Customer] = {}
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._by_beginning: dict[str, set[str]] = defaultdict(set)
        self._by_number: dict[str, set[tuple[int, str]]] = defaultdict(set)
        self._by_amount: dict[int, set[int]] = defaultdict(set)
        for customer in customers:
            self._customers[customer.key] = customer
            for name in filter(None, map(comparable_name, customer.names)):
                self._by_name[name].add(customer.key)
                self._by_beginning[name[:SHORTEST_SIMILAR]].add(name)
            for invoice in customer.invoices:
                if bare := bare_number(invoice.number):
                    self._by_number[bare].add((customer.key, invoice.number))
            for _invoices, total in _first_ones(customer):
                self._by_amount[total].add(customer.key)
            for invoice in customer.invoices:
                self._by_amount[invoice.amount].add(customer.key)

    def suggestions(self, received: Received) -> tuple[Suggestion, ...]:
        """Customers who may have paid, the likeliest first."""
        named = self._named(received)
        referenced: dict[int, set[str]] = defaultdict(set)
        for key, number in self._referenced(received):
            referenced[key].add(number)
        keys = {*named, *referenced, *self._by_amount.get(received.amount, ())}
        made = [
            _suggestion(
                self._customers[key], received, referenced.get(key, set()), named.get(key), self._order
            )
            for key in keys
        ]
        return tuple(sorted(made, key=lambda found: (-found.score, found.rest, found.customer)))

    def certain(self, received: Received) -> Suggestion | None:
        """The suggestion that leaves no doubt, if there is one."""
        found = self.suggestions(received)
        if not found or found[0].score < CERTAIN or not found[0].amount_fits:
            return None
        alone = len(found) == 1 or found[1].score < found[0].score
        return found[0] if alone else None

    def _named(self, received: Received) -> dict[int, Reason]:
        name = comparable_name(received.payer)
        found: dict[int, Reason] = {}
        if len(name) >= SHORTEST_SIMILAR:
            for known in self._by_beginning.get(name[:SHORTEST_SIMILAR], ()):
                if known.startswith(name) or name.startswith(known):
                    found.update(dict.fromkeys(self._by_name[known], "similar_name"))
        found.update(dict.fromkeys(self._by_name.get(name, ()) if name else (), "name"))
        return found

    def _referenced(self, received: Received) -> Iterator[tuple[int, str]]:
        for written in numbers_in(received):
            yield from self._by_number.get(written, ())


def names(received: Received, number: str) -> bool:
    """Whether what came in names an invoice by its number, however it is written (民法488条1項)."""
    return bare_number(number) in numbers_in(received)


def bare_number(number: str) -> str:
    """A document's number as it is compared: the ten digits of our own, letters and digits of others'.

    Empty where those are too few to mean anything.
    """
    if found := _NUMBER.search(number):
        return found[1] + found[2]
    bare = "".join(_WRITTEN.findall(_plain(number)))
    return bare if len(bare) >= _SHORTEST_NUMBER else ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def numbers_in(received: Received) -> set[str]:
    """Whatever may be the number of a document, ours or that of an old system, as `bare_number` gives it."""
    found = set(_digits_in(received))
    for text in (received.payer, *received.texts):
        pieces = _WRITTEN.findall(_plain(text))
        for at in range(len(pieces)):
            for end in range(at + 1, min(at + _MOST_PIECES, len(pieces)) + 1):
                found.add("".join(pieces[at:end]))
    return {number for number in found if len(number) >= _SHORTEST_NUMBER}


def _digits_in(received: Received) -> Iterator[str]:
    """Whatever may be the digits of an invoice's number."""
    for text in (received.payer, *received.texts):
        plain = re.sub(r"[-‐−ｰー\s]", "", unicodedata.normalize("NFKC", text))
        for run in re.findall(r"[0-9]+", plain):
            for at in range(len(run) - _DIGITS_OF_NUMBER + 1):
                yield run[at : at + _DIGITS_OF_NUMBER]


def _divided(
    customer: Customer, meant: Sequence[Claim], named: bool, received: Received, order: PaymentOrder
) -> Divided:
    """What is meant gets its part first, then the others in the order that counts where nobody names any.

    What a payer names gets all, also where that is too little to count as paid and is kept (民法488条1項).
    """
    first = payment_parts(received.amount, meant, order, received.on)
    if named and first.left_out:
        kept = (first.left_out[0].number, first.rest)
        return Divided((*first.parts, kept), 0, first.left_out)
    others = [claim for claim in customer.invoices if claim not in meant]
    further = payment_parts(first.rest, others, order, received.on)
    if not first.parts and not further.parts and len(further.left_out) == 1:
        return Divided(((further.left_out[0].number, further.rest),), 0, further.left_out)
    return Divided((*first.parts, *further.parts), further.rest, further.left_out)


def _suggestion(
    customer: Customer, received: Received, numbers: set[str], named: Reason | None, order: PaymentOrder
) -> Suggestion:
    meant, fit = _meant(customer, received.amount, numbers)
    divided = _divided(customer, meant, bool(numbers), received, order)
    reasons: list[Reason | None] = ["reference" if numbers else None, named, fit]
    if divided.left_out:
        reasons.append("underpaid")
    told = tuple(reason for reason in reasons if reason)
    return Suggestion(customer.key, divided.parts, divided.rest, told)


def _meant(customer: Customer, amount: int, numbers: set[str]) -> tuple[Sequence[Claim], Reason | None]:
    """The invoices that are likeliest meant, and why the amount speaks for them."""
    if numbers:
        named = [invoice for invoice in customer.invoices if invoice.number in numbers]
        fits = sum(invoice.amount for invoice in named) == amount
        return named, ("amount" if len(named) == 1 else "total") if fits else None
    for invoice in customer.invoices:
        if invoice.amount == amount:
            return [invoice], "amount"
    for invoices, total in _first_ones(customer):
        if total == amount:
            return invoices, "total"
    return [], None


def _first_ones(customer: Customer) -> Iterator[tuple[Sequence[Claim], int]]:
    """The invoices due first, two, three and so on up to all, with what is open of them together."""
    total = 0
    for count, invoice in enumerate(customer.invoices, 1):
        total += invoice.amount
        if count > 1:
            yield customer.invoices[:count], total

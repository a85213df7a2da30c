"""Which open invoices an amount that came in is for: by reference, name and amount."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from billing.documents.bank_files.charset import comparable_name

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

_SHORTEST_SIMILAR = 4
_NUMBER = re.compile(r"([0-9]{4})-?([0-9]{6})$")
_DIGITS_OF_NUMBER = 10


@dataclass(frozen=True)
class OpenInvoice:
    """What is to come of an invoice, in yen: what is open less what is kept for it.

    `whole_only`: less than that counts as not paid, and is kept until the rest has come.
    """

    number: str
    open_amount: int
    whole_only: bool = False


@dataclass(frozen=True)
class Customer:
    """Who may have paid: the names to be known by, and the open invoices, those due first in front."""

    key: int
    names: tuple[str, ...]
    invoices: tuple[OpenInvoice, ...]


@dataclass(frozen=True)
class Received:
    """What came in: the amount in yen, the payer's name, and whatever else the bank gives."""

    amount: int
    payer: str
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
    """Suggests customers for amounts. Make one for many amounts: it sorts the customers once."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self._customers: dict[int, Customer] = {}
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._by_beginning: dict[str, set[str]] = defaultdict(set)
        self._by_number: dict[str, set[tuple[int, str]]] = defaultdict(set)
        self._by_amount: dict[int, set[int]] = defaultdict(set)
        for customer in customers:
            self._customers[customer.key] = customer
            for name in filter(None, map(comparable_name, customer.names)):
                self._by_name[name].add(customer.key)
                self._by_beginning[name[:_SHORTEST_SIMILAR]].add(name)
            for invoice in customer.invoices:
                if found := _NUMBER.search(invoice.number):
                    self._by_number[found[1] + found[2]].add((customer.key, invoice.number))
            for _invoices, total in _first_ones(customer):
                self._by_amount[total].add(customer.key)
            for invoice in customer.invoices:
                self._by_amount[invoice.open_amount].add(customer.key)

    def suggestions(self, received: Received) -> tuple[Suggestion, ...]:
        """Customers who may have paid, the likeliest first."""
        named = self._named(received)
        referenced: dict[int, set[str]] = defaultdict(set)
        for key, number in self._referenced(received):
            referenced[key].add(number)
        keys = {*named, *referenced, *self._by_amount.get(received.amount, ())}
        made = [
            _suggestion(self._customers[key], received.amount, referenced.get(key, set()), named.get(key))
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
        if len(name) >= _SHORTEST_SIMILAR:
            for known in self._by_beginning.get(name[:_SHORTEST_SIMILAR], ()):
                if known.startswith(name) or name.startswith(known):
                    found.update(dict.fromkeys(self._by_name[known], "similar_name"))
        found.update(dict.fromkeys(self._by_name.get(name, ()) if name else (), "name"))
        return found

    def _referenced(self, received: Received) -> Iterator[tuple[int, str]]:
        for text in (received.payer, *received.texts):
            plain = re.sub(r"[-‐−ｰー\s]", "", unicodedata.normalize("NFKC", text))
            for run in re.findall(r"[0-9]+", plain):
                for at in range(len(run) - _DIGITS_OF_NUMBER + 1):
                    yield from self._by_number.get(run[at : at + _DIGITS_OF_NUMBER], ())


def divide(amount: int, invoices: Sequence[OpenInvoice]) -> tuple[tuple[tuple[str, int], ...], int, bool]:
    """Divide an amount over invoices in their order.

    Gives the parts, the rest, and whether an invoice that takes no part payment was left out for it.
    """
    parts: list[tuple[str, int]] = []
    left_out = False
    for invoice in invoices:
        part = min(amount, invoice.open_amount)
        if not part:
            break
        if invoice.whole_only and part < invoice.open_amount:
            left_out = True
            continue
        parts.append((invoice.number, part))
        amount -= part
    return tuple(parts), amount, left_out


def _suggestion(customer: Customer, amount: int, numbers: set[str], named: Reason | None) -> Suggestion:
    meant, fit = _meant(customer, amount, numbers)
    others = [invoice for invoice in customer.invoices if invoice not in meant]
    parts, rest, left_out = divide(amount, [*meant, *others])
    named_alone = meant or others
    if left_out and not parts and len(named_alone) == 1:
        parts, rest = ((named_alone[0].number, amount),), 0
    reasons: list[Reason | None] = ["reference" if numbers else None, named, fit]
    if left_out:
        reasons.append("underpaid")
    return Suggestion(customer.key, parts, rest, tuple(reason for reason in reasons if reason))


def _meant(customer: Customer, amount: int, numbers: set[str]) -> tuple[Sequence[OpenInvoice], Reason | None]:
    """The invoices that are likeliest meant, and why the amount speaks for them."""
    if numbers:
        named = [invoice for invoice in customer.invoices if invoice.number in numbers]
        fits = sum(invoice.open_amount for invoice in named) == amount
        return named, ("amount" if len(named) == 1 else "total") if fits else None
    for invoice in customer.invoices:
        if invoice.open_amount == amount:
            return [invoice], "amount"
    for invoices, total in _first_ones(customer):
        if total == amount:
            return invoices, "total"
    return [], None


def _first_ones(customer: Customer) -> Iterator[tuple[Sequence[OpenInvoice], int]]:
    """The invoices due first, two, three and so on up to all, with what is open of them together."""
    total = 0
    for count, invoice in enumerate(customer.invoices, 1):
        total += invoice.open_amount
        if count > 1:
            yield customer.invoices[:count], total

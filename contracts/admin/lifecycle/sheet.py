"""The top of a contract's page: its state, its customer, what it contains now and later, its dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.extensions.panels import Slot
from contracts.extensions.registered import shown_in
from contracts.lifecycle.deadlines import next_deadlines
from contracts.models import Contract, ContractItem
from contracts.policies.rulebooks import Rulebooks
from contracts.wording.formats import days_text
from contracts.wording.products import product_lines
from portal.organisations.models import User


@dataclass(frozen=True)
class ItemRow:
    """A product of a contract: how much of it, in which days."""

    name: str
    amount: str
    days: str


def contract_sheet(contract: Contract, staff: User) -> dict[str, Any]:
    """What the page of a contract shows above its details. Prefetch `items` and `suspensions`."""
    at = now()
    today, books = localdate(at), Rulebooks()
    groups = _products(contract, today, books)
    return {
        "money": shown_in(Slot.STAFF_CONTRACT_MONEY, contract, staff),
        "products": [(label, rows) for label, rows in groups if rows],
        "dates": next_deadlines(contract, at, books),
    }


def _products(contract: Contract, today: date, books: Rulebooks) -> Iterator[tuple[str, list[ItemRow]]]:
    policy = books.governing(contract, today).policy
    items = list(contract.items.all())
    lines = product_lines(policy, ((item.product, item.quantity) for item in items))
    rows = [
        (item, ItemRow(line.name, f"{line.quantity} {line.unit}", days_text(item.starts_on, item.ends_on)))
        for item, line in zip(items, lines, strict=True)
    ]

    def those(fits: Any) -> list[ItemRow]:
        return [row for item, row in rows if fits(item)]

    yield _("In use now"), those(lambda item: item.in_use_on(today))
    yield _("To come"), those(lambda item: item.starts_on > today)
    yield _("Earlier"), those(lambda item: _is_over(item, today))


def _is_over(item: ContractItem, today: date) -> bool:
    return item.ends_on is not None and item.ends_on < today

"""What a contract contains for its customer: what is held now, what changes, and what is over."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.extensions.prices import HeldPrice
from contracts.extensions.registered import held_prices, monthly_fee
from contracts.models import Contract, ContractItem
from contracts.rules.policy.schema import Policy
from contracts.wording.products import ProductLine, product_line

_ONE_DAY = timedelta(days=1)
_FEES_AHEAD = 3


@dataclass(frozen=True)
class Change:
    """From a day on a product is held in another quantity; `line` is None where it is given up."""

    on: date
    line: ProductLine | None

    @property
    def last_on(self) -> date:
        """The day before, the last one of what was held until then."""
        return self.on - _ONE_DAY


@dataclass(frozen=True)
class HeldProduct:
    """A product that is held, or will be: how many today, since when, and how that changes.

    `item` is what is held today, else what will be first. `price` is None for what is not held today, or
    where no price is known.
    """

    line: ProductLine
    item: ContractItem
    changes: Sequence[Change]
    price: HeldPrice | None

    @property
    def is_held(self) -> bool:
        return self.line.quantity > 0


@dataclass(frozen=True)
class Holdings:
    """What a contract contains on a day.

    `fee` is what it costs a month, in yen without tax, and `later` what it will from the next days on which
    that changes; None where it is not known. `over` is what is held no longer, and what was charged once.
    """

    products: Sequence[HeldProduct]
    over: Sequence[tuple[ContractItem, ProductLine]]
    fee: int | None
    later: Sequence[tuple[date, int | None]]


def holdings(contract: Contract, policy: Policy, today: date) -> Holdings:
    """What a contract contains; it should come with `items`. `policy` names the products."""
    ahead: dict[str, list[ContractItem]] = defaultdict(list)
    over: list[tuple[ContractItem, ProductLine]] = []
    for item in contract.items.all():
        if _is_over(item, today):
            over.append((item, product_line(policy, item.product, item.quantity)))
        else:
            ahead[item.product].append(item)
    prices = held_prices(contract, today)
    products = [_held(contract, items, policy, today, prices.get(key)) for key, items in ahead.items()]
    days = sorted({change.on for product in products for change in product.changes})
    return Holdings(
        products=products,
        over=over,
        fee=monthly_fee(contract, today),
        later=[(day, monthly_fee(contract, day)) for day in days[:_FEES_AHEAD]],
    )


def _is_over(item: ContractItem, today: date) -> bool:
    """Whether it is held no longer; what is charged once has a single day."""
    return item.ends_on is not None and (item.ends_on < today or item.ends_on == item.starts_on)


def _held(
    contract: Contract, items: list[ContractItem], policy: Policy, today: date, price: HeldPrice | None
) -> HeldProduct:
    rows = sorted(items, key=lambda item: item.starts_on)
    used = [item for item in rows if item.in_use_on(today)]
    quantity = sum(item.quantity for item in used)
    return HeldProduct(
        line=product_line(policy, rows[0].product, quantity),
        item=(used or rows)[0],
        changes=list(_changes(contract, rows, policy, today)),
        price=price if used else None,
    )


def _changes(
    contract: Contract, rows: Sequence[ContractItem], policy: Policy, today: date
) -> Iterator[Change]:
    """The other quantities to come, and the end unless it is that of the contract."""
    for item in rows:
        if item.starts_on > today:
            yield Change(item.starts_on, product_line(policy, item.product, item.quantity))
    last = rows[-1].ends_on
    if last and last != contract.ends_on:
        yield Change(last + _ONE_DAY, None)

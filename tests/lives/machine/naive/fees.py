"""What each month of use costs, day by day.

Every policy of the catalog charges calendar months in full: an increase counts from the first of its month,
a reduction and an end to the end of theirs. So a month costs the most that was in use on any of its days.
What a quotation prices is left out: the machine orders no set-up beyond what its price covers.
"""

from datetime import date

from tests.lives.machine.naive.clerk import NEVER, Clerk
from tests.lives.machine.naive.days import days_of, last_of, later_month, month_of
from tests.lives.machine.naive.terms import MONTHLY


def owed(clerk: Clerk, month: str, through: str) -> int:
    """Yen without tax for a month of use, once a month is billed: fees, what is charged once, and usage."""
    return monthly_fees(clerk, month) + charged_once(clerk, month) + usage(clerk, month, through)


def quantities(clerk: Clerk, month: str) -> dict[str, int]:
    """How many of each product a month is charged for."""
    if clerk.billed_from is None:
        return {}
    most: dict[str, int] = {}
    for day in days_of(month):
        if day < clerk.billed_from or clerk.withdrawn_on:
            continue
        for product, count in clerk.monthly(day).items():
            most[product] = max(most.get(product, 0), count)
    return most


def monthly_fees(clerk: Clerk, month: str) -> int:
    return worth(clerk, quantities(clerk, month), last_of(month))


def worth(clerk: Clerk, counts: dict[str, int], day: date) -> int:
    """What so many of each product cost a month, by the prices of a day; units that come along are free."""
    free: dict[str, int] = {}
    for key, product in clerk.terms.products(day).items():
        for other, units in product.get("includes", {}).items():
            free[other] = free.get(other, 0) + units * counts.get(key, 0)
    return sum(max(0, count - free.get(key, 0)) * clerk.price(key, day) for key, count in counts.items())


def charged_once(clerk: Clerk, month: str) -> int:
    """What is charged one time in a month: with the start, and with what was added since."""
    if clerk.applied is None or clerk.billed_from is None or clerk.starts_on is None or clerk.withdrawn_on:
        return 0
    products, end = clerk.terms.products(last_of(month)), clerk.ends_on or NEVER
    counts: dict[str, int] = {}
    ordered = clerk.applied["products"]
    if month_of(clerk.billed_from) == month and clerk.starts_on <= end:
        for key, units in {**_brought(products, ordered), **ordered}.items():
            if products[key]["kind"] == "one_time":
                counts[key] = counts.get(key, 0) + max(units, _brought(products, ordered).get(key, 0))
    for change in clerk.changes:
        if change.first > end or month_of(max(change.first, clerk.billed_from)) != month:
            continue
        for key, units in _brought(products, {change.product: change.added}).items():
            counts[key] = counts.get(key, 0) + units
        if products[change.product]["kind"] == "one_time":
            counts[change.product] = counts.get(change.product, 0) + change.added
    return sum(units * clerk.price(key, last_of(month)) for key, units in counts.items())


def _brought(products: dict, added: dict[str, int]) -> dict[str, int]:
    """What comes once with new units of others."""
    found: dict[str, int] = {}
    for key, units in added.items():
        for other, each in products[key].get("brings", {}).items():
            found[other] = found.get(other, 0) + each * units
    return found


def usage(clerk: Clerk, month: str, through: str) -> int:
    """What was used in a month; it stands on the invoice whose fees are due at the same time."""
    return sum(
        quantity * clerk.price(product, last_of(month))
        for product, used, quantity in clerk.used
        if used == month and later_month(month, _behind(clerk, product, last_of(month))) <= through
    )


def _behind(clerk: Clerk, product: str, day: date) -> int:
    """How many months after the fees of a month its usage is due."""
    due = clerk.terms.on(day)["charging"]["due"]
    charge = clerk.prices[0][1][product].get("charge", "usage")
    months = [rule["transfer"]["months_after"] for rule in (due.get(charge, due["usage"]), due["usage"])]
    return max(0, months[0] - months[1])


def is_monthly(clerk: Clerk, product: str) -> bool:
    return clerk.kind(product) in MONTHLY

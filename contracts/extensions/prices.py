"""What the products of a contract cost, as an app above contracts tells it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HeldPrice:
    """What is charged each month for a product of a contract, in yen without tax.

    `unit_prices` are those that its units have, more than one where further units cost otherwise; `special`
    marks a price of this contract alone, `sample` one that is only an example. `included` units come with
    other products, and cost nothing.
    """

    amount: int
    unit_prices: tuple[int, ...]
    included: int = 0
    special: bool = False
    sample: bool = False

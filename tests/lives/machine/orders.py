"""What customers order: some base product, and what others need."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.lives.machine.naive.terms import Terms

A_FEW = 4


@st.composite
def orders(draw: st.DrawFn, terms: Terms, day: date) -> dict[str, int]:
    products = terms.products(day)
    orderable = [
        key for key, one in products.items() if one.get("orderable", True) and one["kind"] != "usage"
    ]
    bases = [key for key in orderable if products[key]["kind"] == "base"]
    chosen = {draw(st.sampled_from(bases))} | {key for key in bases if products[key].get("minimum")}
    chosen |= set(draw(st.lists(st.sampled_from(orderable), unique=True, max_size=4)))
    chosen |= {needed for key in chosen for needed in products[key].get("needs", ())}
    counts = {
        key: st.integers(max(1, products[key].get("minimum", 0)), most_of(terms, key)) for key in orderable
    }
    return {key: draw(counts[key]) for key in orderable if key in chosen}


def most_of(terms: Terms, key: str) -> int:
    """No more of a product than the price of a set-up covers, so that nothing waits for a quotation."""
    products: dict[str, Any] = terms.products(date.max)
    covered = [one["covers"][key] for one in products.values() if key in one.get("covers", {})]
    return min(products[key].get("maximum", A_FEW), *covered, A_FEW)

"""From wanted quantities to requests, by the ways that the terms of each service know."""

import pytest

from contracts.requests.changing.rows import product_changes
from contracts.requests.changing.wishes import Row, Way, Wish, wishes
from tests.catalog_policies import CATALOG, policy_of

TERMS = {
    "ct-e1": "2015-04-01",
    "desknets": "15",
    "partner-cloud-e": "1.1",
    "progoffice": "2020-08-14",
    "simpleconnect": "2015-10-01",
}


def rows(slug: str, held: dict[str, int]) -> list[Row]:
    """The products of a service's last terms, with the ways to change what is held."""
    policy = policy_of(CATALOG / slug / f"{TERMS[slug]}.toml")
    kinds = [kind for kind in product_changes() if kind.key in policy.changes]
    found = []
    for product in policy.products:
        counted = held.get(product.key, 0)
        before = 0 if product.kind == "one_time" else counted
        ways = [kind.way(product, counted, before) for kind in kinds if kind.fits(product, counted)]
        found.append(Row(product=product.key, held=before, ways=ways, needs=product.needs))
    return found


@pytest.mark.parametrize(
    ("slug", "held", "wanted", "asked"),
    [
        # Contact centre: more and fewer by the new total, options that come and go, and what another needs.
        ("ct-e1", {"seat": 5, "line": 2}, {"seat": 10}, [("quantity_up", "seat", 10)]),
        (
            "ct-e1",
            {"seat": 5, "line": 2},
            {"line": 1, "seat": 6},
            [("quantity_up", "seat", 6), ("quantity_down", "line", 1)],
        ),
        ("ct-e1", {"seat": 5, "line": 2}, {"line": 0}, [("drop_item", "line", 0)]),
        (
            "ct-e1",
            {"seat": 5},
            {"delivery-seat": 5, "delivery-base": 1},
            [("add_option", "delivery-base", 1), ("add_option", "delivery-seat", 5)],
        ),
        (
            "ct-e1",
            {"seat": 5, "delivery-base": 1, "delivery-seat": 5},
            {"delivery-base": 0, "delivery-seat": 0, "admin": 1},
            [
                ("add_item", "admin", 1),
                ("drop_option", "delivery-seat", 0),
                ("drop_option", "delivery-base", 0),
            ],
        ),
        ("ct-e1", {"seat": 5}, {"setup-standard": 1}, [("add_item", "setup-standard", 1)]),
        # A groupware: nothing but its users, and an option.
        (
            "desknets",
            {"user": 10},
            {"user": 15, "storage-10gb": 2},
            [("quantity_up", "user", 15), ("add_option", "storage-10gb", 2)],
        ),
        (
            "desknets",
            {"user": 10, "storage-10gb": 2},
            {"storage-10gb": 1},
            [("quantity_down", "storage-10gb", 1)],
        ),
        # A cloud: a change of several is one after the other.
        (
            "partner-cloud-e",
            {"base": 2, "storage": 3},
            {"base": 1, "storage": 0},
            [("quantity_down", "base", 1), ("drop_option", "storage", 0)],
        ),
        # An office suite that knows more and fewer users alone.
        ("progoffice", {"user": 10}, {"user": 8}, [("quantity_down", "user", 8)]),
        # Telephony: an option and devices that are bought once, however many there are already.
        (
            "simpleconnect",
            {"id": 3, "sip-phone": 2},
            {"sip-phone": 1, "id": 4},
            [("quantity_up", "id", 4), ("add_item", "sip-phone", 1)],
        ),
        ("simpleconnect", {"id": 3, "recording": 3}, {"recording": 0}, [("drop_option", "recording", 0)]),
        ("simpleconnect", {"id": 3}, {"id": 3}, []),
    ],
)
def test_what_differs_becomes_requests_that_the_terms_know(slug, held, wanted, asked):
    found = wishes(rows(slug, held), wanted)
    assert [(wish.kind, wish.product, wish.quantity) for wish in found] == asked
    assert all(wish.total == wanted[wish.product] for wish in found)


@pytest.mark.parametrize(
    ("slug", "held", "product", "total"),
    [
        ("desknets", {"user": 10}, "user", 0),
        ("desknets", {"user": 10, "setup": 1}, "setup", 1),
        ("progoffice", {"user": 10}, "setup", 1),
        ("ct-e1", {"seat": 5, "delivery-base": 1}, "delivery-base", 2),
        ("ct-e1", {"seat": 5}, "calls-domestic", 1),
    ],
)
def test_to_what_the_terms_don_t_provide_for_no_way_leads(slug, held, product, total):
    with pytest.raises(ValueError, match=product):
        wishes(rows(slug, held), {product: total})


def test_products_that_need_one_another_come_to_an_order_all_the_same():
    way = Way("more", range(1, 10), by_total=True)
    circle = [
        Row(product="one", held=0, ways=[way], needs=["other"]),
        Row(product="other", held=0, ways=[way], needs=["one"]),
    ]
    assert {wish.product for wish in wishes(circle, {"one": 1, "other": 2})} == {"one", "other"}
    assert wishes(circle[:1], {"one": 3}) == [Wish("one", "more", 3, 3)]

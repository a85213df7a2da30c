"""From the quantities that are wanted to what is asked for: plain data in, plain data out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """A kind of request by which a quantity changes.

    `totals` are those that it leads to. It says the new total where it is `by_total`, else what comes or
    goes; there 0 says that all of it goes.
    """

    kind: str
    totals: range
    by_total: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """A product of which a contract holds so many before any change, with the ways to change that.

    The first way that leads to a total is the one for it. `needs` names the products that it is not without.
    """

    product: str
    held: int
    ways: Sequence[Way]
    needs: Sequence[str] = ()

    def way_to(self, total: int) -> Way | None:
        """How it comes to a total; None where nothing leads there."""
        return next((way for way in self.ways if total in way.totals), None)


@dataclass(frozen=True)
class Wish:
    """What one request asks for: `quantity` as its kind says it, `total` what there is of it afterwards."""

    product: str
    kind: str
    quantity: int
    total: int


def wishes(rows: Iterable[Row], wanted: Mapping[str, int]) -> list[Wish]:
    """One wish for each product whose wanted total differs, in the order in which they can be carried out.

    What comes stands before what goes, a product after those that it needs, and gone before them. What is
    not `wanted` stays. ValueError for a total that no way leads to.
    """
    by_key = {row.product: row for row in rows}
    changed = [row for row in by_key.values() if wanted.get(row.product, row.held) != row.held]
    more = [row for row in changed if wanted[row.product] > row.held]
    fewer = [row for row in changed if wanted[row.product] < row.held]
    depths = {row.product: _depth(row, by_key) for row in changed}
    ordered = [
        *sorted(more, key=lambda row: depths[row.product]),
        *sorted(fewer, key=lambda row: -depths[row.product]),
    ]
    return [_wish(row, wanted[row.product]) for row in ordered]


def _wish(row: Row, total: int) -> Wish:
    way = row.way_to(total)
    if way is None:
        raise ValueError(f"nothing leads to {total} of {row.product}")
    return Wish(row.product, way.kind, _said(way, row.held, total), total)


def _said(way: Way, held: int, total: int) -> int:
    if way.by_total:
        return total
    return abs(total - held) if total else 0


def _depth(row: Row, rows: Mapping[str, Row], before: frozenset[str] = frozenset()) -> int:
    """How many products stand behind one, each needed by the one before it."""
    seen = before | {row.product}
    needed = (rows[key] for key in row.needs if key in rows and key not in seen)
    return max((1 + _depth(one, rows, seen) for one in needed), default=0)

"""Rows of usage as files hold them: read, and checked against contracts and what is known already."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.calculation.charged.differences import charged_back
from billing.differences.elsewhere import charged_here_since
from billing.models import UsageRecord
from contracts.models import Contract
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import Month
from contracts.rules.limits import LARGEST_AMOUNT
from contracts.rules.policy.products import Product
from portal.formats.written import ERRORS, day_in, month_in, text_of, whole_in

COLUMNS = ("reference", "contract", "product", "month", "quantity", "occurred_on")
COLUMN_LABELS = {
    "reference": _("Reference"),
    "contract": _("Contract number"),
    "product": _("Product"),
    "month": _("Month of use"),
    "quantity": _("Quantity"),
    "occurred_on": _("Day of use"),
}
_JAPANESE = {
    "明細番号": "reference",
    "契約番号": "contract",
    "品目": "product",
    "品目コード": "product",
    "品目名": "product",
    "商品": "product",
    "商品名": "product",
    "商品コード": "product",
    "利用月": "month",
    "数量": "quantity",
    "金額": "quantity",
    "利用日": "occurred_on",
    "amount": "quantity",
}
AMOUNT_HEADINGS = ("金額", "amount")
"""Headings of quantities that are amounts in yen."""

_WITH_KEY = re.compile(rf"\((?:{'|'.join(COLUMNS)})\)$")
_OF_YEN = re.compile(r"[円¥\\]")
_AT_ONCE = 500
_YEN = "円"


class Refusal(TextChoices):
    """Why a row is not taken."""

    REFERENCE_MISSING = "reference_missing", _("There is no reference.")
    REFERENCE_LONG = "reference_long", _("The reference has more than 100 characters.")
    REFERENCE_TAKEN = "reference_taken", _("The reference belongs to other usage already.")
    CONTRACT_UNKNOWN = "contract_unknown", _("There is no contract of this number.")
    CONTRACT_NOT_CHARGED = "contract_not_charged", _("The contract had ended or not begun in this month.")
    PRODUCT_UNKNOWN = "product_unknown", _("The terms do not know this product.")
    TOO_OLD = (
        "too_old",
        _("By the terms or the law, use of this month is too old to charge."),
    )
    INVOICED_ELSEWHERE = (
        "invoiced_elsewhere",
        _("This month was invoiced before the contract came into the portal."),
    )
    NOT_USAGE = "not_usage", _("This product is not charged by usage.")
    MONTH_WRONG = "month_wrong", _("This is no month; write it as 2026-10.")
    MONTH_TO_COME = "month_to_come", _("This month is still to come.")
    DAY_WRONG = "day_wrong", _("This is no day; write it as 2026-10-05.")
    DAY_OUTSIDE_MONTH = "day_outside_month", _("The day does not lie in the month.")
    QUANTITY_WRONG = "quantity_wrong", _("The quantity must be a whole number from 0 to 100,000,000,000.")
    AMOUNT_GIVEN = (
        "amount_given",
        _("The file gives an amount, but this product is charged by quantity. Give the quantity."),
    )

    @property
    def column(self) -> str:
        """The column in which it is to be corrected."""
        return _AT[self]


_AT = {
    Refusal.REFERENCE_MISSING: "reference",
    Refusal.REFERENCE_LONG: "reference",
    Refusal.REFERENCE_TAKEN: "reference",
    Refusal.CONTRACT_UNKNOWN: "contract",
    Refusal.CONTRACT_NOT_CHARGED: "contract",
    Refusal.PRODUCT_UNKNOWN: "product",
    Refusal.TOO_OLD: "month",
    Refusal.INVOICED_ELSEWHERE: "month",
    Refusal.NOT_USAGE: "product",
    Refusal.MONTH_WRONG: "month",
    Refusal.MONTH_TO_COME: "month",
    Refusal.DAY_WRONG: "occurred_on",
    Refusal.DAY_OUTSIDE_MONTH: "occurred_on",
    Refusal.QUANTITY_WRONG: "quantity",
    Refusal.AMOUNT_GIVEN: "quantity",
}


@dataclass
class ReadRow:
    """What a row says, as far as it can be read, and what is wrong with it.

    `product` is its name or its key, until `UsageChecks` finds the key; `is_amount`: the quantity is in yen.
    """

    reference: str = ""
    contract: str = ""
    product: str = ""
    month: Month | None = None
    quantity: int | None = None
    occurred_on: date | None = None
    is_amount: bool = False
    problems: list[Refusal] = field(default_factory=list)

    @property
    def content(self) -> tuple[Any, ...]:
        """What must be the same where the same reference comes again."""
        return (
            self.contract,
            self.product,
            self.month.first if self.month else None,
            self.quantity,
            self.occurred_on,
        )


def heading_of(column: str) -> str:
    """How a column is headed in files, in the reader's language: either heading is understood."""
    japanese = next(heading for heading, name in _JAPANESE.items() if name == column)
    return f"{japanese}（{column}）" if (get_language() or "ja").startswith("ja") else column


def column_name(heading: Any) -> str:
    """The column that a heading means, in English or Japanese; an unknown heading stays."""
    text = _WITH_KEY.sub("", _plain(heading).lower())
    return _JAPANESE.get(text, text)


def headings_of(columns: Sequence[str], headings: Sequence[Any]) -> dict[str, list[str]]:
    """The headings of a file that mean the same column, by the column."""
    found: dict[str, list[str]] = {}
    for column, heading in zip(columns, headings, strict=True):
        if column in COLUMNS:
            found.setdefault(column, []).append(_plain(heading))
    return {column: alike for column, alike in found.items() if len(alike) > 1}


def is_amount(heading: Any) -> bool:
    """Whether a heading says that quantities are amounts in yen."""
    return _WITH_KEY.sub("", _plain(heading).lower()) in AMOUNT_HEADINGS


def read_row(values: Mapping[str, Any], *, amounts: bool = False) -> ReadRow:
    """Read a row by its columns; what cannot be read is among its problems.

    `amounts`: the quantity is an amount in yen.
    """
    row = ReadRow(
        reference=_text(values.get("reference")),
        contract=_text(values.get("contract")),
        product=_text(values.get("product")),
        is_amount=amounts,
    )
    if not row.reference:
        row.problems.append(Refusal.REFERENCE_MISSING)
    elif len(row.reference) > 100:
        row.problems.append(Refusal.REFERENCE_LONG)
    row.month, row.occurred_on = _month(values.get("month")), day_in(values.get("occurred_on"))
    row.quantity = _whole(values.get("quantity"))
    if row.month is None:
        row.problems.append(Refusal.MONTH_WRONG)
    elif row.month > Month.of(localdate()):
        row.problems.append(Refusal.MONTH_TO_COME)
    if row.occurred_on is None:
        row.problems.append(Refusal.DAY_WRONG)
    elif row.month and Month.of(row.occurred_on) != row.month:
        row.problems.append(Refusal.DAY_OUTSIDE_MONTH)
    if row.quantity is None:
        row.problems.append(Refusal.QUANTITY_WRONG)
    return row


class UsageChecks:
    """What rows are checked against, read for a whole file at once."""

    def __init__(self, rows: Sequence[ReadRow], contracts: QuerySet[Contract]) -> None:
        """`contracts` are those of which a row may be."""
        self._rulebooks = Rulebooks()
        self._contracts: dict[str, Contract] = {}
        self._known: dict[str, tuple[Any, ...]] = {}
        self._keys: dict[int, dict[str, str]] = {}
        for numbers in _batches({row.contract for row in rows}):
            for contract in contracts.filter(number__in=numbers).select_related("service"):
                self._contracts[contract.number] = contract
        self._here_since = charged_here_since([contract.pk for contract in self._contracts.values()])
        fields = ("contract__number", "product", "month", "quantity", "occurred_on")
        for references in _batches({row.reference for row in rows if row.reference}):
            known = UsageRecord.objects.filter(reference__in=references, undone=False)
            for reference, *content in known.values_list("reference", *fields):
                self._known[reference] = tuple(content)
        for row in rows:
            row.product = self._key_of(row)

    def contract(self, row: ReadRow) -> Contract | None:
        return self._contracts.get(row.contract)

    def is_known(self, row: ReadRow) -> bool:
        """Whether exactly this usage was taken before, from an earlier row or an earlier file."""
        return self._known.get(row.reference) == row.content

    def problems(self, row: ReadRow) -> list[Refusal]:
        """Everything that is wrong with a row that is not known already."""
        found = list(row.problems)
        if row.reference in self._known:
            found.append(Refusal.REFERENCE_TAKEN)
        contract = self.contract(row)
        if contract is None:
            return [*found, Refusal.CONTRACT_UNKNOWN]
        if row.month:
            found += self._month_problems(contract, row.month, row)
        return found

    def taken(self, row: ReadRow) -> None:
        """From now on the row's reference is known."""
        self._known[row.reference] = row.content

    def _key_of(self, row: ReadRow) -> str:
        """The key of the product that a row names by key or name, in any width; else what is written."""
        contract = self.contract(row)
        version = contract and row.month and self._rulebooks.in_force(contract.service, row.month.last)
        if not version:
            return row.product
        if version.pk not in self._keys:
            self._keys[version.pk] = _keys_by_name(version.policy.products)
        return self._keys[version.pk].get(_comparable(row.product), row.product)

    def _month_problems(self, contract: Contract, month: Month, row: ReadRow) -> Iterator[Refusal]:
        begins, ends = contract.billed_from_on, contract.billed_through_on
        if begins is None or begins > month.last or (ends and ends < month.first):
            yield Refusal.CONTRACT_NOT_CHARGED
        version = self._rulebooks.in_force_for(contract, month.last)
        if month < self._here_since.get(contract.pk, month):
            yield Refusal.INVOICED_ELSEWHERE
        if version and month + charged_back(version.policy.charging) < Month.of(localdate()):
            yield Refusal.TOO_OLD
        products = {known.key: known for known in version.policy.products} if version else {}
        product = products.get(row.product)
        if product is None:
            yield Refusal.PRODUCT_UNKNOWN
        elif product.kind != "usage":
            yield Refusal.NOT_USAGE
        elif row.is_amount and product.unit.ja != _YEN:
            yield Refusal.AMOUNT_GIVEN


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(texts)
    for place in range(0, len(every), _AT_ONCE):
        yield every[place : place + _AT_ONCE]


def _keys_by_name(products: Iterable[Product]) -> dict[str, str]:
    """The keys of products by what they are called in either language; a name of several leads to none."""
    named: dict[str, set[str]] = {}
    for product in products:
        for name in (product.name.ja, product.name.en):
            named.setdefault(_comparable(name), set()).add(product.key)
    alone = {name: min(keys) for name, keys in named.items() if len(keys) == 1}
    return alone | {_comparable(product.key): product.key for product in products}


def _comparable(name: str) -> str:
    """A name without differences of width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _plain(heading: Any) -> str:
    return "".join(unicodedata.normalize("NFKC", "" if heading is None else str(heading)).split())


def _text(value: Any) -> str:
    text = unicodedata.normalize("NFKC", text_of(value)).strip()
    return "" if text in ERRORS else text


def _whole(value: Any) -> int | None:
    """A quantity: what is marked as yen is none."""
    if _OF_YEN.search(_text(value)):
        return None
    found = whole_in(value)
    return found if found is not None and 0 <= found <= LARGEST_AMOUNT else None


def _month(value: Any) -> Month | None:
    first = month_in(value)
    return Month.of(first) if first else None

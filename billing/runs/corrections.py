"""What a billing settles of earlier months, as its preview names it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from billing.calculation.charged.credits import OUTAGE_CREDIT
from billing.calculation.charged.differences import Cause, Difference
from billing.calculation.charged.rounding import TAX
from billing.differences.compare import Compared
from billing.models import Adjustment
from contracts.models import Contract
from contracts.models.fields import in_each_language
from contracts.rules.calendar.period import Month


@dataclass(frozen=True)
class Correction:
    """A product of a month that was charged another amount than is owed, in yen without tax.

    `names` are the product's, by language; `invoice` is the number of the month's invoice, empty for none.
    `charged_anew`: what was charged is returned, and what is owed charged, as another tax rate holds.
    """

    contract: str
    service: str
    month: Month
    product: str
    names: dict[str, str]
    charged: int
    owed: int
    amount: int
    cause: Cause
    invoice: str
    charged_anew: bool = False


def corrections(contracts: Iterable[Contract], compared: Mapping[int, Compared]) -> Iterator[Correction]:
    """What is settled of contracts, in their order; `compared` by their primary keys."""
    for contract in contracts:
        if contract.pk in compared:
            for difference in compared[contract.pk].differences:
                yield _named(contract, difference)


def _named(contract: Contract, difference: Difference) -> Correction:
    month, product = difference.supply
    return Correction(
        contract=contract.number,
        service=contract.service.name,
        month=month,
        product=product,
        names=names_of(contract, product),
        charged=difference.charged,
        owed=difference.owed,
        amount=difference.amount,
        cause=difference.cause,
        invoice=difference.invoice or "",
        charged_anew=difference.charged_anew,
    )


def names_of(contract: Contract, product: str) -> dict[str, str]:
    """What the terms of the contract call a product, by language; its key where they know none such."""
    if product == OUTAGE_CREDIT:
        return in_each_language(Adjustment.Kind.OUTAGE_CREDIT.label)
    if product == TAX:
        return in_each_language(gettext_lazy("Consumption tax"))
    products = contract.contracted_version.policy.products
    names = (one.name.model_dump() for one in products if one.key == product)
    return next(names, {"ja": product, "en": product})

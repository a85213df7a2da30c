"""What takes a second person in the demonstration: decided by two of the staff, waiting, and sent back."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import QuerySet

from billing.approvals.special_prices import SPECIAL_PRICE, SpecialPriceData
from billing.models import PriceListVersion
from contracts.models import Contract
from contracts.rules.calendar.period import Month, japan_date
from portal.approvals.decide import approve, put_forward, send_back
from portal.approvals.kinds import Kind, W
from portal.approvals.models import Proposal
from portal.organisations.models import User

_SHOWN = (("3年契約の値引き", ""), ("紹介による値引き", "値引率が高すぎます。1割までにしてください。"))
"""Reasons for special prices, and the comment of who sends one back."""


def decided_by_two(kind: Kind[W], wanted: W, first: User, second: User, at: datetime) -> Proposal:
    """Have something proposed by one and approved by another."""
    proposal = put_forward(kind, wanted, first, at)
    return approve(proposal, second, proposal.digest, at)


def show_proposals(first: User, second: User, at: datetime) -> None:
    """A special price that waits for approval, and one that was sent back."""
    today = japan_date(at)
    starts_on = (Month.of(today) + 2).first
    contracts = Contract.objects.running_on(today).filter(ends_on__isnull=True).order_by("pk")
    for (number, product, unit_price), (reason, comment) in zip(
        _with_prices(contracts, starts_on), _SHOWN, strict=False
    ):
        wanted = SpecialPriceData(
            contract=number,
            product=product,
            unit_price=unit_price * 8 // 10,
            starts_on=starts_on,
            reason=reason,
        )
        proposal = put_forward(SPECIAL_PRICE, wanted, first, at)
        if comment:
            send_back(proposal, second, comment, at)


def _with_prices(contracts: QuerySet[Contract], day: date) -> Iterator[tuple[str, str, int]]:
    """The numbers of contracts, each with a product of theirs and what the list says of it."""
    for contract in contracts.select_related("service"):
        listed = PriceListVersion.objects.in_force(contract.service, day, contract.agent_on(day))
        for price in listed.prices.prices if listed else ():
            if price.unit_price and price.product in contract.items_on(day):
                yield contract.number, price.product, price.unit_price
                break

"""Differences that a billing settled, with the documents that did."""

from collections.abc import Mapping

from billing.calculation.charged.standing import Supply
from billing.models import ChargeDifference, Invoice
from contracts.rules.calendar.period import Month

State = ChargeDifference.State

Settled = Mapping[Supply, Invoice]
"""The document that settled each supply of one contract: an invoice, a return, or an invoice issued anew."""


def note_documents(settled: Mapping[int, Settled]) -> None:
    """Note on listed differences of contracts, by primary key, which document settled each of them."""
    waiting = ChargeDifference.objects.filter(contract__in=settled, state__in=(State.FOUND, State.ACCEPTED))
    changed = []
    for one in waiting:
        document = settled[one.contract_id].get(Supply(Month.of(one.month), one.product))
        if document:
            one.state, one.document = State.SETTLED, document
            changed.append(one)
    ChargeDifference.objects.bulk_update(changed, ["state", "document"], batch_size=500)

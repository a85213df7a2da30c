"""Amounts beside what staff decide on: what a request changes in the fees of its contract."""

from typing import Any

from django.utils.timezone import localdate

from billing.invoicing.forecast import forecast
from contracts.extensions.panels import Panel
from contracts.models import ContractRequest
from contracts.requests.registry import kind_of
from contracts.requests.what_if.asking import Answer
from contracts.rules.life.change import Change
from contracts.rules.life.end_with_minimum_term import minimum_term_charge
from contracts.wording.formats import yen_text


def fee_change(request: ContractRequest) -> Panel:
    """The monthly fee without and with an open change of products, and what is left of a minimum term.

    Without what is charged by use. No fee is told of a decided request, or where a price is missing.
    """
    return Panel("admin/billing/_fee_change.html", _fee_change(request))


def _fee_change(request: ContractRequest) -> dict[str, Any]:
    decided = request.decided
    charge = minimum_term_charge(decided)
    shown = {"minimum_term_charge": yen_text(charge) if charge else ""}
    change = kind_of(request.kind).new_quantity(request) if request.is_open else None
    if change is None or not isinstance(decided, Change):
        return shown
    answer = Answer(decided, request.terms_version, change=change)
    ahead = forecast(request.contract, answer, localdate(), fees_only=True)
    if ahead is None:
        return shown
    last = ahead.months[-1]
    difference = last.then.net - last.now.net
    return {
        **shown,
        "month": last.month,
        "now": yen_text(last.now.net),
        "then": yen_text(last.then.net),
        "difference": f"{'+' if difference > 0 else ''}{yen_text(difference)}",
        "sample": ahead.sample,
    }

"""What the first invoices of contracts that are brought in would state, by the rules of every billing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import override

from billing.invoicing.drafts import CannotBillError, Draft, MonthlyCharges
from billing.models import InvoicedElsewhere
from contracts.models import Contract
from contracts.rules.calendar.period import Month


def first_invoices(contracts: Sequence[Contract]) -> Mapping[int, dict[str, Any]]:
    """The first month that each contract is charged here, by primary key, with its lines and total."""
    by_month: dict[Month, list[Contract]] = defaultdict(list)
    noted = dict(InvoicedElsewhere.objects.filter(contract__in=contracts).values_list("contract", "through"))
    for contract in contracts:
        if contract.billed_from_on is None:
            continue
        month = Month.of(contract.billed_from_on)
        if through := noted.get(contract.pk):
            month = max(month, Month.of(through + timedelta(days=1)))
        by_month[month].append(contract)
    found: dict[int, dict[str, Any]] = {}
    for month, charged in by_month.items():
        charges = MonthlyCharges(month)
        charges.prepare(charged)
        for contract in charged:
            found[contract.pk] = {"month": str(month), **_stated(charges, contract)}
    return found


def _stated(charges: MonthlyCharges, contract: Contract) -> dict[str, Any]:
    try:
        draft = charges.draft(contract)
    except CannotBillError:
        return {"trouble": _trouble(charges, contract)}
    if draft is None:
        return {"lines": [], "net": 0, "tax": 0, "gross": 0}
    amounts = draft.calculation
    return {
        "lines": [_line(draft, place) for place in range(len(amounts.lines))],
        "net": amounts.net,
        "tax": amounts.tax,
        "gross": amounts.gross,
        "due_on": amounts.due_on.isoformat(),
    }


def _line(draft: Draft, place: int) -> dict[str, Any]:
    line = draft.calculation.lines[place]
    if line.product is not None:
        name = draft.version.policy.product(line.product).name
        names = {"ja": name.ja, "en": name.en}
    else:
        names = {"ja": line.name.ja, "en": line.name.en} if line.name else {"ja": "", "en": ""}
    return {"name": names, "quantity": line.quantity, "amount": line.amount}


def _trouble(charges: MonthlyCharges, contract: Contract) -> dict[str, str]:
    told = {}
    for language in ("ja", "en"):
        with override(language):
            try:
                charges.draft(contract)
            except CannotBillError as trouble:
                told[language] = str(trouble)
    return told

"""What a request changes, as before and after."""

from datetime import date

from contracts.models import ContractRequest
from contracts.requests.kind import ChangedLine
from contracts.requests.registry import kind_of


def changed_lines(request: ContractRequest, until: date | None = None) -> list[ChangedLine]:
    """The lines of a request, stored or drafted. What was before comes from the contract's dated rows.

    With `until` nothing is told of how the contract stands after that day.
    """
    kind = kind_of(request.kind)
    return list(kind.lines(request, min(kind.last_day_before(request), until or date.max)))

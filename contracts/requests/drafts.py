"""A request before it is sent: as it would be submitted, and what the rules say to it. Nothing is stored."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import Contract, ContractRequest
from contracts.models.request import RequestDecision
from contracts.requests.data import RequestData, split
from contracts.requests.kind import Context
from contracts.requests.registry import KINDS, kind_of


def drafted(contract: Contract, kind: str, data: RequestData, at: datetime) -> ContractRequest:
    """A request as it would be submitted at a moment; not stored. ValidationError for an unknown kind."""
    if kind not in KINDS or not isinstance(data, KINDS[kind].data):
        raise ValidationError({"kind": _("This can't be asked for.")})
    columns, payload = split(data)
    return ContractRequest(
        contract=contract,
        terms_version=kind_of(kind).governing(contract, at),
        kind=kind,
        submitted_at=at,
        payload=payload,
        **columns,
    )


def judged(request: ContractRequest, monthly_fee: int | None = None) -> tuple[RequestDecision, Context]:
    """What the rules say to a drafted request. ValidationError for what can't be asked for at all."""
    kind = kind_of(request.kind)
    context = Context(at=request.submitted_at, monthly_fee=monthly_fee)
    kind.check(request)
    decision = kind.decide(request, None)
    kind.ensure_possible(request, decision)
    return decision, context

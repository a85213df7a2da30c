"""Every kind of request, found in the modules of `contracts.requests.kinds`: no other list names them.

What can be asked for of them, and a request as it would be sent. Nothing is stored here.
"""

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import Contract, ContractRequest
from contracts.models.request import RequestDecision
from contracts.policies.rulebooks import Rulebooks
from contracts.requests import kinds
from contracts.requests.data import RequestData, split
from contracts.requests.form import RequestForm
from contracts.requests.kind import Context, Group, Kind
from contracts.requests.offer import Offer
from contracts.rules.calendar.period import japan_date


def _found() -> Iterator[Kind[Any]]:
    for module in pkgutil.iter_modules(kinds.__path__, f"{kinds.__name__}."):
        for found in vars(import_module(module.name)).values():
            if _is_kind(found) and found.__module__ == module.name:
                yield found()


def _is_kind(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Kind) and "key" in vars(found)


def _order(kind: Kind[Any]) -> tuple[int, int]:
    return list(Group).index(kind.group), kind.place


KINDS: Mapping[str, Kind[Any]] = {kind.key: kind for kind in sorted(_found(), key=_order)}
"""By key, in the order of their groups and of their places there."""


def kind_of(key: str) -> Kind[Any]:
    """The kind of a key; KeyError for one that there is not."""
    return KINDS[key]


def data_of(request: ContractRequest) -> RequestData:
    """What a request holds, typed for its kind."""
    data: RequestData = kind_of(request.kind).data_of(request)
    return data


def form_for(offer: Offer, typed: Mapping[str, Any] | None = None) -> RequestForm:
    """The form of an offer's kind, filled with what was typed."""
    return kind_of(offer.kind).form(offer, typed)


def offers(contract: Contract, at: datetime) -> list[Offer]:
    """What can be asked for at a moment, in the order of groups and kinds. An end can be asked for once.

    Of an ended or unformed contract nothing can be.
    """
    books = Rulebooks()
    offered = (_offer(kind, contract, at, books) for kind in KINDS.values())
    return [offer for offer in offered if offer]


def offer_of(contract: Contract, kind: str, at: datetime, books: Rulebooks | None = None) -> Offer | None:
    """The offer of one kind; None where it can't be asked for. For several, share one `Rulebooks`."""
    return _offer(KINDS[kind], contract, at, books or Rulebooks()) if kind in KINDS else None


def _offer(kind: Kind[Any], contract: Contract, at: datetime, books: Rulebooks) -> Offer | None:
    if _closed(contract, japan_date(at)):
        return None
    possibility = kind.possibility(contract, at, books)
    return kind.offer(contract, possibility) if possibility else None


def _closed(contract: Contract, day: date) -> ValidationError | None:
    """Why nothing at all can be asked for on a day; None where something can."""
    if contract.formed_on is None:
        return ValidationError(_("The contract is not formed yet."), code="not_formed")
    came_to_nothing = contract.end_kind in (Contract.EndKind.REFUSED, Contract.EndKind.WITHDRAWN)
    if came_to_nothing or (contract.ends_on and contract.ends_on < day):
        return ValidationError(_("The contract has ended."), code="ended")
    return None


def grouped(found: Sequence[Offer]) -> list[tuple[str, list[Offer]]]:
    """Offers under the names of their groups, as pages list them; no empty group."""
    groups = [
        (str(group.label), [offer for offer in found if kind_of(offer.kind).group == group])
        for group in Group
    ]
    return [(name, listed) for name, listed in groups if listed]


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
    if closed := _closed(request.contract, japan_date(request.submitted_at)):
        raise closed
    kind.check(request)
    decision = kind.decide(request, None)
    kind.ensure_possible(request, decision)
    return decision, context

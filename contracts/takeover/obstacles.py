"""What was done with contracts since they were brought in: without any of it they can be annulled."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F, Model, Q
from django.utils.translation import ngettext

from contracts.extensions.registered import takeover_parts
from contracts.models import Application, Contract, Takeover, TakeoverRow

_AT_ONCE = 500
_SINCE = F("contract__takeover_row__brought_at")
_CAME_ALONG: Mapping[str, Q] = {
    "contracts.claim": Q(request__decided_at=_SINCE),
    "contracts.contractitem": Q(),  # what changes them is there itself
    "contracts.contractrequest": Q(decided_at=_SINCE),
    "contracts.individualagreement": Q(made_at=_SINCE),
    "contracts.reminder": Q(),  # what the portal sends by itself
    "contracts.takeoverrow": Q(),
    "contracts.task": Q(created_at=_SINCE),
}
"""Of what names a contract, the rows that came with it."""


def contracts_of(takeover: Takeover) -> list[int]:
    """The contracts that a file brought in, by their primary keys."""
    brought = TakeoverRow.objects.filter(takeover=takeover, contract__isnull=False, annulled_at__isnull=True)
    return list(brought.order_by("contract").values_list("contract", flat=True))


def batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for place in range(0, len(keys), _AT_ONCE):
        yield keys[place : place + _AT_ONCE]


def obstacles(keys: Sequence[int]) -> list[str]:
    """What was done with contracts since, in words."""
    found: dict[str, set[int]] = {}
    further: set[str] = set()
    for some in batches(keys):
        for name, numbers in _since(some):
            found.setdefault(name, set()).update(numbers)
        for parts in takeover_parts():
            further.update(parts.obstacles(some) if parts.obstacles else ())
    return [*(_counted(name, len(numbers)) for name, numbers in found.items() if numbers), *sorted(further)]


def _counted(name: str, number: int) -> str:
    text = ngettext(
        "%(count)s contract has since: %(what)s", "%(count)s contracts have since: %(what)s", number
    )
    return text % {"count": f"{number:,}", "what": name}


def _since(keys: Collection[int]) -> Iterator[tuple[str, set[int]]]:
    """By the name of what there is of contracts, those that have any of it that did not come with them."""
    came_along = dict(_CAME_ALONG)
    for parts in takeover_parts():
        came_along.update(parts.own)
    for related, path in _naming():
        rows = related._base_manager.filter(**{f"{path}__in": keys})
        own = came_along.get(related._meta.label_lower)
        if own is not None:
            rows = rows.exclude(pk__in=rows.filter(own).values("pk")) if own else rows.none()
        name = str(related._meta.verbose_name_plural)
        yield name, set(rows.order_by().values_list(path, flat=True))


def _naming() -> Iterator[tuple[type[Model], str]]:
    """Every model that names a contract, or its application, with the path to the contract."""
    for relation in _related(Contract):
        yield relation.related_model, relation.field.name
    for relation in _related(Application):
        if relation.related_model._meta.model_name not in ("contract", "consent", "applicationitem"):
            yield relation.related_model, f"{relation.field.name}__contract"


def _related(model: type[Model]) -> Iterator[Any]:
    relations: list[Any] = model._meta.get_fields(include_hidden=True)
    reverse = (one for one in relations if one.auto_created and not one.concrete and not one.many_to_many)
    return (one for one in reverse if not one.related_model._meta.auto_created)

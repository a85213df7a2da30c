"""What can be found: each kind of thing once, registered by the app that has it in its `AppConfig.ready`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.urls import reverse


@dataclass(frozen=True)
class Hit:
    """A thing that was found, in words: what it is called, what tells it apart, and where it is shown.

    `facts` are in their order, empty ones left out; `state` is marked, empty where there is none to tell.
    """

    title: str
    facts: Sequence[str]
    url: str
    state: str = ""


class Kind:
    """A kind of thing that can be found.

    `key` names it in the table, `model` its model, as in `contracts.contract`; who may see the objects of
    `seen_with` finds it. `has_amounts`: it is found by an amount, too.
    """

    key: str
    model: str
    has_amounts = False

    @property
    def label(self) -> str:
        """What things of the kind are called."""
        return str(self.table._meta.verbose_name_plural)

    @property
    def seen_with(self) -> str:
        return self.model

    @property
    def table(self) -> type[Model]:
        return apps.get_model(self.model)

    def rows(self) -> QuerySet[Any]:
        """All that can be found, with what `beginnings` and `organisation` ask for."""
        raise NotImplementedError

    def beginnings(self, thing: Any) -> Iterable[str]:
        """By what a thing is found (`portal.search.written`)."""
        raise NotImplementedError

    def organisation(self, thing: Any) -> int | None:
        """Whose thing it is today, by primary key."""
        raise NotImplementedError

    def shown(self) -> QuerySet[Any]:
        """All that can be found, with what `hit` asks for."""
        raise NotImplementedError

    def hit(self, thing: Any) -> Hit:
        """A thing as the results show it."""
        raise NotImplementedError


def page_of(thing: Model) -> str:
    """The address of the staff's page of an object."""
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


_registered: dict[str, Kind] = {}
_further: dict[str, list[Callable[[Any], Iterable[str]]]] = defaultdict(list)


def register(kinds: Iterable[Kind]) -> None:
    """Let things of these kinds be found, from now on, in this order."""
    _registered.update({kind.model: kind for kind in kinds})


def find_also(model: str, beginnings: Callable[[Any], Iterable[str]]) -> None:
    """Let things of a kind be found by what an app above the kind's own says of each, too."""
    _further[model].append(beginnings)


def beginnings_of(kind: Kind, thing: Any) -> Iterator[str]:
    """By what a thing is found: as its kind says, and as other apps add."""
    for say in (kind.beginnings, *_further[kind.model]):
        yield from say(thing)


def kinds() -> list[Kind]:
    """All that is registered."""
    return list(_registered.values())


def kind_of(model: type[Model]) -> Kind:
    """The kind of a model's objects. LookupError for a model that no app registered."""
    label = model._meta.label_lower
    if label not in _registered:
        raise LookupError(f"No app says how {label} is found.")
    return _registered[label]

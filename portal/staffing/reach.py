"""What staff reach: the one point that says which objects are a provider's, and whose staff may meet them.

Each app registers once, for each of its models, how an object leads to its provider. A model that no app
registered is reached by nobody: asking for it raises LookupError.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from portal.staffing.models import Belonging

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Providers:
    """The providers that somebody works for: `every` one, or those of these keys and codes."""

    every: bool = True
    keys: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()

    def at(self, path: str) -> Q:
        """The condition on rows whose provider is at a path of relations."""
        return Q() if self.every else Q(**{f"{path}__in": self.keys})

    def coded_at(self, path: str) -> Q:
        """The same where a row holds a provider's code; one that holds none is of no provider."""
        return Q() if self.every else Q(**{f"{path}__in": {*self.codes, ""}})


EVERY = Providers()

Way = tuple[str, ...] | Callable[[Any, Providers], Q] | None
"""How objects lead to their provider: by one of some paths of relations; by more than that, then as what
gives those that somebody of the staff reaches by their providers; or not at all, as they are of none."""

_ways: dict[str, Way] = {}


def register(ways: Mapping[str, Way]) -> None:
    """Say how objects lead to their provider, by the labels of their models, such as `contracts.contract`."""
    _ways.update(ways)


def by_paths(app: str, models: Mapping[str, Iterable[str]]) -> dict[str, Way]:
    """The ways of an app's models, which are named under the path that they have in common."""
    return {f"{app}.{name}": (path,) for path, names in models.items() for name in names}


def ways() -> Mapping[str, Way]:
    """What is registered."""
    return dict(_ways)


def providers_of(staff: Any) -> Providers:
    """The providers that somebody works for: superusers for all, who is not staff for none.

    Asked once for a `User` at hand, which lasts as long as a request.
    """
    if not staff.is_authenticated or not staff.is_staff:
        return Providers(every=False)
    if staff.is_superuser:
        return Providers()
    if not hasattr(staff, "_providers"):
        staff._providers = _asked(staff)
    known: Providers = staff._providers
    return known


def _asked(staff: Any) -> Providers:
    own = Belonging.objects.filter(kept_by(OuterRef("pk")), staff=staff.pk)
    model: Any = Belonging._meta.get_field("provider").related_model
    found = model._base_manager.annotate(own=Exists(own)).values_list("pk", "code", "own")
    mine = [(key, code) for key, code, is_own in found if is_own]
    return Providers(
        every=len(mine) == len(found),
        keys=frozenset(key for key, _code in mine),
        codes=frozenset(code for _key, code in mine),
    )


def reach_of(staff: Any, model: type[Model]) -> Q:
    """Which objects of a model somebody of the staff reaches. LookupError for a model nobody registered."""
    label = model._meta.label_lower
    if label not in _ways:
        raise LookupError(f"No app says how {label} leads to a provider.")
    way, providers = _ways[label], providers_of(staff)
    if way is None or providers.every:
        return Q()
    if callable(way):
        return way(staff, providers)
    return reduce(or_, (providers.at(path) for path in way))


def kept_by(provider: Any, name: str = "") -> Q:
    """Belongings to a provider, by a field's `name`; to its principal where it is an agent that issues."""
    return Q(**{f"provider{name}": provider}) | Q(**{f"provider__issuing_agents{name}": provider})


def reached_at(model: type[Model], *providers: int) -> Q | None:
    """Which objects of a model are some providers', by primary keys; None where no relation leads to one."""
    way, own = _ways.get(model._meta.label_lower), Providers(every=False, keys=frozenset(providers))
    return reduce(or_, (own.at(path) for path in way)) if isinstance(way, tuple) else None


def within(staff: Any, found: QuerySet[M]) -> QuerySet[M]:
    """Of some objects those that somebody of the staff reaches."""
    reached = reach_of(staff, found.model)
    return found.filter(reached) if reached else found


def reaches(staff: Any, obj: Model) -> bool:
    """Whether somebody of the staff reaches an object."""
    reached = reach_of(staff, type(obj))
    return not reached or type(obj)._base_manager.filter(reached, pk=obj.pk).exists()


def works_for(staff: Any, code: str) -> bool:
    """Whether somebody works for the provider of a code, as it is now; what has no code is of no provider."""
    if not code or staff.is_superuser:
        return True
    return Belonging.objects.filter(kept_by(code, "__code"), staff=staff.pk).exists()


def ensure_works_for(staff: Any, code: str) -> None:
    """ValidationError (code `other_provider`) unless somebody works for the provider of a code."""
    if not works_for(staff, code):
        raise _other_provider()


def ensure_works_for_all(staff: Any) -> None:
    """ValidationError (code `other_provider`) unless somebody works for every provider."""
    if not providers_of(staff).every:
        raise ValidationError(
            _("This concerns all providers. Only somebody who works for all of them can do that."),
            code="other_provider",
        )


def ensure_reaches(actor: Any, target: Model) -> None:
    """ValidationError (code `other_provider`) where staff act on what is of a provider they don't work for.

    Asks nothing of who is not staff, and nothing about what leads to its provider by more than relations.
    """
    way = _ways.get(target._meta.label_lower)
    if not isinstance(way, tuple) or not actor.is_staff or actor.is_superuser:
        return
    providers = {key for path in way if (key := _key_at(target, path))}
    known: frozenset[int] = getattr(actor, "_works_for", frozenset())
    if not providers or providers & known:
        return
    own = Belonging.objects.filter(kept_by(providers, "__in"), staff=actor.pk)
    found = frozenset(own.values_list("provider", flat=True))
    if not found:
        raise _other_provider()
    actor._works_for = known | found


def _key_at(target: Any, path: str) -> int | None:
    """The key at the end of a path of relations, each of which an object may lack."""
    *relations, last = path.split("__")
    for name in relations:
        target = getattr(target, name)
        if target is None:
            return None
    key: int | None = target.pk if last == "pk" else getattr(target, f"{last}_id")
    return key


def _other_provider() -> ValidationError:
    return ValidationError(
        _("This belongs to another provider. Only its own staff can do that."), code="other_provider"
    )

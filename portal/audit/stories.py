"""Which entries tell of an object, and of what belongs to it."""

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any
from unicodedata import normalize

from django.apps import apps
from django.db.models import Model, Q
from django.http import HttpRequest

from portal.audit.books import books, strands
from portal.audit.models import AuditEntry
from portal.audit.names import seen_by
from portal.staffing.reach import reach_of
from portal.typed import whole_number

NONE = Q(pk__in=())


@dataclass(frozen=True)
class Parts:
    """The entries about the objects of `model` that `lookup` leads from to the object."""

    model: str
    lookup: str

    def found(self, of: Model) -> Q:
        keys = (
            apps.get_model(self.model)._base_manager.filter(**{self.lookup: of}).values_list("pk", flat=True)
        )
        # Keys in the trail are text: looked up here, so that the index on them is used.
        return Q(object_type=self.model, object_id__in=[str(key) for key in keys])


@dataclass(frozen=True)
class ToldAt:
    """The entries about another object, a `model` with the key that stands in `holder`, that name this one.

    They name it under `key`, alone or among others, by what stands in its field `by`. Both are attributes,
    such as `contract_id` or `deposit.contract_id`. Where 0.1.0 named none in entries of these `actions`, what
    they state has to be `like` the object: keys, and its attributes that read the same.
    """

    model: str
    holder: str
    key: str
    by: str = "pk"
    actions: tuple[str, ...] = ()
    like: tuple[tuple[str, str], ...] = ()

    def found(self, of: Model) -> Q:
        name = _attribute(of, self.by)
        if name is None:
            return NONE
        kept = AuditEntry.objects.filter(object_type=self.model, object_id=str(_attribute(of, self.holder)))
        told = kept.values_list("pk", "action", "data")
        return Q(
            pk__in=[
                pk
                for pk, action, data in told
                if _names(data.get(self.key), name) or self._was_meant(action, data, of)
            ]
        )

    def _was_meant(self, action: str, data: dict[str, Any], of: Model) -> bool:
        if action not in self.actions or self.key in data:
            return False
        return all(str(data.get(key)) == str(_attribute(of, name)) for key, name in self.like)


def _names(value: Any, name: Any) -> bool:
    return value == name or (isinstance(value, list | dict) and (name in value or str(name) in value))


def _attribute(of: Any, path: str) -> Any:
    return reduce(lambda found, name: getattr(found, name, None), path.split("."), of)


@dataclass(frozen=True)
class AboutTheSame:
    """All entries about the object that an entry is about."""

    def found(self, of: AuditEntry) -> Q:
        return Q(object_type=of.object_type, object_id=of.object_id)


@dataclass(frozen=True)
class Customers:
    """All entries that belong to an organisation, or to one that was united into it."""

    def found(self, of: Any) -> Q:
        return Q(organisation__in=of.as_one())


def story_of(of: Model) -> Q:
    """The entries about an object, and about what belongs to it."""
    own = Q(object_type=of._meta.label_lower, object_id=str(of.pk))
    return reduce(or_, (strand.found(of) for strand in strands(type(of))), own)


def readable_by(request: HttpRequest) -> Q:
    """Which entries somebody may read in the history of an object.

    That is told of what they reach. Who may see the trail reads all of it; others what is told of objects
    that they may see, by apps of which they may see something, and of some objects what their book lets them.
    """
    reached = reach_of(request.user, AuditEntry)
    if request.user.has_perm("audit.view_auditentry"):
        return reached
    may_see = seen_by(request)
    seen = [model._meta.label_lower for model in apps.get_models() if may_see(model)]
    untold = [
        action
        for book in books()
        if not request.user.has_module_perms(book.app)
        for chapter in book.chapters
        for action in chapter.sentences
    ]
    narrowed = {model: allowed for book in books() for model, allowed in book.readable.items()}
    readable = Q(object_type__in=[label for label in seen if label not in narrowed])
    for label in narrowed.keys() & set(seen):
        readable |= Q(object_type=label) & narrowed[label](request)
    return reached & readable & ~Q(action__in=untold)


def matching(text: str) -> Q:
    """The entries that each word of a text fits.

    A word may be the number of an entry, the number of an object, as on a contract or an invoice (then the
    whole story of that object fits), a part of a customer's name, or of the name or address of who did it.
    """
    return reduce(and_, (_fitting(word) for word in text.split()), Q())


def _fitting(word: str) -> Q:
    fits = Q(organisation__name__icontains=word) | Q(organisation__kana__icontains=word)
    fits |= Q(actor__display_name__icontains=word) | Q(actor__email__icontains=word)
    half_width = normalize("NFKC", word)
    if number := whole_number(half_width):
        fits |= Q(sequence=number)
    return reduce(or_, map(story_of, _numbered(half_width)), fits)


def _numbered(word: str) -> list[Model]:
    return [
        found
        for book in books()
        for label, name in book.numbers.items()
        for found in apps.get_model(label)._base_manager.filter(**{f"{name}__iexact": word})
    ]

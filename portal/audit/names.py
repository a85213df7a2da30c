"""The names of the objects that entries tell of, found for many entries at once."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from django.apps import apps
from django.contrib import admin
from django.db.models import IntegerField, Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.typed import whole_number

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Piece:
    """A part of a sentence; with a `url` it leads there."""

    text: str
    url: str = ""

    @property
    def html(self) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.url, self.text) if self.url else escape(self.text)


@dataclass(frozen=True)
class Reference:
    """An object, named by its model as in `contracts.contract` and by what stands in one of its fields."""

    model: str
    value: str
    field: str = "pk"


@dataclass(frozen=True)
class Named:
    """How the objects of a model are named; `joined` are the relations that the name needs."""

    text: Callable[[Any], Any] = str
    joined: tuple[str, ...] = ()


@dataclass
class Names:
    """The objects of a page of entries.

    `named` tells how a model's objects are called. Links lead to those that `may_see` lets somebody see;
    without it there are none.
    """

    named: Callable[[str], Named]
    may_see: Callable[[type[Model]], bool] | None = None
    _found: dict[Reference, Model] = field(default_factory=dict)
    _kept: dict[Hashable, Any] = field(default_factory=dict)

    def load(self, references: Iterable[Reference]) -> None:
        """Find objects: one query for each model, and each field that names its objects."""
        wanted: dict[tuple[str, str], set[str]] = {}
        for reference in references:
            wanted.setdefault((reference.model, reference.field), set()).add(reference.value)
        for (label, name), values in wanted.items():
            if model := _model(label):
                self._find(model, name, values)

    def _find(self, model: type[Model], name: str, values: set[str]) -> None:
        kind = model._meta.pk if name == "pk" else model._meta.get_field(name)
        if isinstance(kind, IntegerField):
            values = {value for value in values if whole_number(value) is not None}
        label = model._meta.label_lower
        found = model._base_manager.filter(**{f"{name}__in": values})
        if joined := self.named(label).joined:
            found = found.select_related(*joined)
        self._found |= {Reference(label, str(getattr(one, name)), name): one for one in found}

    def object(self, reference: Reference) -> Any:
        """The object itself; None where it was not loaded, or is no more."""
        return self._found.get(reference)

    def piece(self, reference: Reference, missing: str = "", *, with_kind: bool = False) -> Piece:
        """An object by its name, where it has one of its kind in front; `missing` where it is no more."""
        found, model = self._found.get(reference), _model(reference.model)
        kind = str(model._meta.verbose_name) if model else reference.model
        if found is None:
            gone = _("%(kind)s %(key)s (no longer there)") % {"kind": kind, "key": reference.value}
            return Piece(missing or gone)
        name = str(self.named(reference.model).text(found))
        return Piece(f"{kind} {name}" if with_kind else name, self._url(found))

    def once(self, key: Hashable, find: Callable[[], Kept]) -> Kept:
        """What `find` gives, asked once for the whole page."""
        if key not in self._kept:
            self._kept[key] = find()
        return cast(Kept, self._kept[key])

    def _url(self, found: Model) -> str:
        model = type(found)
        if self.may_see is None or not self.once(("may_see", model), lambda: self._seen(model)):
            return ""
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[found.pk])

    def _seen(self, model: type[Model]) -> bool:
        return self.may_see is not None and self.may_see(model)


def seen_by(request: HttpRequest) -> Callable[[type[Model]], bool]:
    """Which models somebody may see the objects of, in the admin."""

    def may_see(model: type[Model]) -> bool:
        shown = admin.site._registry.get(model)
        return shown is not None and shown.has_view_or_change_permission(request)

    return may_see


def _model(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None

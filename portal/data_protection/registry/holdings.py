"""What a table holds of people and of organisations; what is left out of their copy, and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

Found = Callable[[Any], Q]
"""Which rows tell of somebody: a condition, by the person or the organisation."""


@dataclass(frozen=True)
class File:
    """A stored file of a row: the field with its name, that with its SHA-256, its name in the copy."""

    field: str
    sha256: str
    name: Callable[[Any], str]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What a table holds of somebody, as their copy shows it; fields are named in one string.

    `of_person` and `of_organisation` give the rows; None where a table tells of none. `shown` goes into the
    copy of either, but where `person_sees` names what alone a person's copy shows: what their organisation
    does is the organisation's. `told` puts a field into words of its own, given the row and
    whom the copy is of. Left out are `staff`, who of the provider's people did it; `inner`, what makes the
    portal work; `hidden`, what lets somebody in; and `withheld`, what the law lets be withheld.
    """

    model: str
    kind: str
    of_person: Found | None = None
    of_organisation: Found | None = None
    shown: str
    person_sees: str | None = None
    files: tuple[File, ...] = ()
    title: Any = None
    told: Mapping[str, Callable[[Any, Any], Any]] = field(default_factory=dict)
    staff: str = ""
    inner: str = ""
    hidden: str = ""
    withheld: str = ""

    @property
    def name(self) -> str:
        """What the rows are called in a copy."""
        return capfirst(str(self.title or self.table._meta.verbose_name_plural))

    @property
    def table(self) -> type[Model]:
        return apps.get_model(self.model)

    def rows(self, of: Model) -> QuerySet[Any]:
        """The rows that tell of a person or an organisation, in the order in which they were stored."""
        is_person = of._meta.label_lower == "organisations.user"
        found = self.of_person if is_person else self.of_organisation
        rows = self.table._base_manager.all()  # what lists leave out is held all the same
        # A row that is found by several relations is one row.
        return (rows.filter(pk__in=rows.filter(found(of)).values("pk")) if found else rows.none()).order_by(
            "pk"
        )

    def fields(self, of: Model) -> list[str]:
        """The fields that the copy of a person or an organisation shows."""
        is_person = of._meta.label_lower == "organisations.user"
        named = self.person_sees if is_person and self.person_sees is not None else self.shown
        return named.split()

    def files_of(self, of: Model) -> tuple[File, ...]:
        """The files that go with the copy: what one's organisation handed in is the organisation's."""
        is_person = of._meta.label_lower == "organisations.user"
        return () if is_person and self.person_sees is not None else self.files

    def named(self) -> Iterator[str]:
        """All fields that it says anything of."""
        for names in (self.shown, self.person_sees or "", self.staff, self.inner, self.hidden, self.withheld):
            yield from names.split()
        for file in self.files:
            yield from (file.field, file.sha256)


@dataclass(frozen=True, kw_only=True)
class Apart:
    """A table that no copy shows, and why. `staff` names its fields that say who of the staff did it."""

    model: str
    kind: str
    why: Any
    staff: str = ""


LEFT_OUT = {
    "staff": _("Who of the provider's staff did it: their data, not those of whom it concerns"),
    "inner": _("Keys, hashes and marks by which the portal works; they say nothing that is not shown"),
    "hidden": _("Lets somebody in, or could: kept encrypted or as a hash, and shown to nobody"),
    "withheld": _("Would hinder the provider's business if it were known (個人情報保護法33条2項2号)"),
}
"""Why fields are left out of a copy."""


def by(*relations: str) -> Found:
    """The rows of which one of these relations leads to whom the copy is of."""
    return lambda of: reduce(or_, (Q(**{relation: of}) for relation in relations))


def acting(application: str = "") -> Found:
    """What belongs to an application is its organisation's, or, once there is a contract, its holder's."""
    path = f"{application}__" if application else ""
    return lambda of: (
        Q(**{f"{path}contract__organisation": of})
        | Q(**{f"{path}contract__isnull": True, f"{path}organisation": of})
    )

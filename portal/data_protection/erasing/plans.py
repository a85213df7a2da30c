"""What an erasure would erase, and what stays: by which law, and until when."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import DateField, DateTimeField, Max
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from contracts.models import Contract, Provider
from portal.data_protection.erasing.accounts import ensure_not_needed
from portal.data_protection.erasing.steps import STEPS, Step, Subject
from portal.data_protection.registry.holdings import Holding
from portal.data_protection.registry.tables import holdings_of
from portal.organisations.models import Organisation, User
from portal.retention.kinds import Kind, Scope, books_kept_until, kind_of, kinds_set_for


@dataclass(frozen=True)
class Going:
    """What goes of a kind: the step, and the keys of the rows."""

    step: Step
    keys: tuple[int, ...]

    @property
    def kind(self) -> Kind:
        return kind_of(self.step.kind)

    @property
    def count(self) -> int:
        return len(self.keys)

    @property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of which rows they are: their names are kept nowhere else."""
        return hashlib.sha256(",".join(map(str, self.keys)).encode()).hexdigest()

    def names(self, most: int) -> list[str]:
        """The first of them by name, for who decides."""
        found = self.step.model._default_manager.filter(pk__in=self.keys[:most]).order_by("pk")
        return [self.step.name(row) for row in found]


@dataclass(frozen=True)
class Staying:
    """What stays of a table of a person or an organisation.

    `until` is the last day on which the law wants it kept, None where that is open: a contract runs, or it is
    the trail.
    """

    title: str
    kind: Kind
    count: int
    until: date | None


def due_of(provider: str, day: date) -> list[Going]:
    """All that is due of a provider, by its code, or of the installation (""), on a day."""
    found = (_going(step, step.due_of(provider, day)) for step in _steps_for(provider))
    return [going for going in found if going.keys]


def count_due(provider: str, day: date) -> int:
    """How many rows `due_of` gives."""
    return sum(step.due_of(provider, day).count() for step in _steps_for(provider))


def _steps_for(provider: str) -> list[Step]:
    kinds = {kind.key for kind in kinds_set_for(provider)}
    return [step for step in STEPS if step.kind in kinds]


def going_of(subject: Subject, kinds: Sequence[str], day: date) -> list[Going]:
    """What goes of somebody who asks for it, of the kinds that are given."""
    found = (_going(step, step.of_somebody(subject, day)) for step in STEPS if step.kind in kinds)
    return [going for going in found if going.keys]


def _going(step: Step, rows: Any) -> Going:
    return Going(step, tuple(rows.values_list("pk", flat=True)))


def erasable_kinds(subject: Subject) -> list[str]:
    """The kinds of which anything of somebody can go."""
    day = localdate()
    return [step.kind for step in STEPS if step.of_somebody(subject, day).exists()]


def ensure_may_go(subject: Subject, kinds: Sequence[str]) -> None:
    """ValidationError for what must stay: by law (`kinds`, `kept_by_law`), and as `ensure_not_needed`."""
    kept = [staying for staying in staying_of(subject) if staying.kind.key in kinds]
    if kept:
        raise ValidationError(
            {"kinds": [ValidationError(_refusal(kind, kept), "kept_by_law") for kind in _kinds_in(kept)]}
        )
    if not kinds:
        raise ValidationError({"kinds": ValidationError(_("Choose what is to be erased."), "nothing")})
    if isinstance(subject, User) and "accounts" in kinds:
        ensure_not_needed(subject)


def _kinds_in(kept: list[Staying]) -> list[Kind]:
    return list({staying.kind.key: staying.kind for staying in kept}.values())


def _refusal(kind: Kind, kept: list[Staying]) -> str:
    said = {"what": kind.what, "law": kind.law}
    days = [staying.until for staying in kept if staying.kind == kind]
    if None in days or not days:
        return (
            _("“%(what)s” can't be erased, as long as a contract runs or they prove others: %(law)s.") % said
        )
    last = max(day for day in days if day)
    return _("“%(what)s” can't be erased until %(day)s: %(law)s.") % {**said, "day": f"{last:%Y-%m-%d}"}


def staying_of(subject: Subject) -> list[Staying]:
    """What stays of somebody whatever they ask for, table by table."""
    return [
        Staying(holding.name, kind_of(holding.kind), count, _until(holding, subject))
        for holding in holdings_of(subject)
        if kind_of(holding.kind).scope == Scope.LAW and (count := holding.rows(subject).count())
    ]


def _until(holding: Holding, subject: Subject) -> date | None:
    """The last day by law for the latest row, by the fiscal year that ends last; None where it is open."""
    if holding.kind == "trail" or (isinstance(subject, Organisation) and _runs(subject)):
        return None
    latest = max(_days(holding, subject), default=localdate())
    starts = Provider.objects.values_list("fiscal_year_starts_in", flat=True)
    return max((books_kept_until(latest, start) for start in starts), default=books_kept_until(latest, 4))


def _runs(organisation: Organisation) -> bool:
    return Contract.objects.filter(organisation=organisation, ends_on__isnull=True).exists()


def _days(holding: Holding, subject: Subject) -> Iterator[date]:
    """The latest days that the rows of a table bear, none of them to come."""
    fields = (holding.table._meta.get_field(name) for name in holding.fields(subject))
    named = [field.name for field in fields if isinstance(field, DateField | DateTimeField)]
    found = holding.rows(subject).order_by().aggregate(**{f"last_{name}": Max(name) for name in named})
    for value in found.values():
        day = localdate(value) if isinstance(value, datetime) else value
        if day:
            yield min(day, localdate())

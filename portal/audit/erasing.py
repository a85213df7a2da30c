"""Erase what records state of persons: values and salts go, the seals hold on.

What 0.1.0 wrote has seals over the values themselves. It keeps its seal and is marked; the entry about the
erasure tells what is left of it, so that nothing else changes unseen (`portal.audit.verify`).
"""

from functools import reduce
from operator import and_

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q

from portal.audit.record import record
from portal.audit.sealing import Format, Record, Sealed, SealedQuerySet

ERASED = "personal_data.erased"
_AT_ONCE = 500


@transaction.atomic
def erase_personal(subject: models.Model, actor: models.Model) -> int:
    """Erase what all records tell of an organisation, or of a person's account; gives how many did.

    What a person did for an organisation is told of the organisation.
    """
    kinds = (model for model in apps.get_models() if issubclass(model, Sealed))
    return sum(erase(SealedQuerySet(model).filter(model.told_of(subject)), actor, subject) for model in kinds)


@transaction.atomic
def erase(records: SealedQuerySet[Record], actor: models.Model, subject: models.Model) -> int:
    """Erase the personal values of the given records of one kind; gives how many had some.

    `subject` is whom they tell of: the entries about the erasure, which name the records, belong there.
    """
    salted = _numbers(records.exclude(salt=""))
    for some in _portions(salted):
        SealedQuerySet(records.model).filter(sequence__in=some).forget()
        record(ERASED, actor, subject, of=records.model._meta.label_lower, records=some)
    plain = _numbers(records.filter(_says_something(records.model), format=Format.PLAIN, erased=False))
    for some in _portions(plain):
        of_them: SealedQuerySet[Record] = SealedQuerySet(records.model).filter(sequence__in=some)
        of_them.forget_plain()
        rests = {str(one.sequence): one.rest_digest() for one in of_them}
        record(ERASED, actor, subject, of=records.model._meta.label_lower, records=some, rests=rests)
    return len(salted) + len(plain)


def _says_something(model: type[Sealed]) -> Q:
    """Those of which something is left to erase."""
    empty = (
        Q(**{f"{column}__isnull": True}) if value is None else Q(**{column: value})
        for column, value in model.PLAIN.items()
    )
    return ~reduce(and_, empty)


def _numbers(records: SealedQuerySet[Record]) -> list[int]:
    return sorted(records.select_for_update(of=("self",)).values_list("sequence", flat=True))


def _portions(numbers: list[int]) -> list[list[int]]:
    return [numbers[first : first + _AT_ONCE] for first in range(0, len(numbers), _AT_ONCE)]

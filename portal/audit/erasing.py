"""Erase what records state of persons: values and salts go, the seals hold on."""

from django.apps import apps
from django.db import models, transaction

from portal.audit.record import record
from portal.audit.sealing import Record, Sealed, SealedQuerySet

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

    `subject` is whom they tell of: the entries about the erasure, which name the records, belong there. What
    0.1.0 wrote stays, as its seals are over the values themselves.
    """
    found = records.exclude(salt="").select_for_update(of=("self",))
    numbers = sorted(found.values_list("sequence", flat=True))
    for first in range(0, len(numbers), _AT_ONCE):
        some = numbers[first : first + _AT_ONCE]
        records.filter(sequence__in=some).forget()
        record(ERASED, actor, subject, of=records.model._meta.label_lower, records=some)
    return len(numbers)

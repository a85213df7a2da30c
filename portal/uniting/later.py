"""What is stored for an organisation after it became another, by somebody who was about to: it goes along."""

from datetime import datetime

from django.db import transaction

from portal.audit.record import record
from portal.organisations.models import Organisation
from portal.uniting.relations import RELATIONS, Relation


def bring_all_over(at: datetime) -> int:
    """Bring over what was stored for organisations that are others by now; gives for how many that was."""
    gone = Organisation.objects.filter(united_into__isnull=False).order_by("pk")
    return sum(_bring_over(one, at) for one in gone)


@transaction.atomic
def _bring_over(going: Organisation, at: datetime) -> bool:
    both = Organisation.objects.filter(pk__in=[going.pk, going.united_into_id])
    found = {one.pk: one for one in both.select_for_update(of=("self",)).order_by("pk")}
    gone, kept = found.pop(going.pk), *found.values()
    counts = {}
    for relation in RELATIONS:
        if not relation.carry:
            continue
        before = _what_is_there(relation, gone)
        relation.carry(kept, gone, at)
        if moved := len(before - _what_is_there(relation, gone)):
            counts[f"{relation.label}.{relation.field}"] = moved
    if counts:
        record("organisation.brought_over", None, kept, united=gone.pk, counts=counts)
    return bool(counts)


def _what_is_there(relation: Relation, organisation: Organisation) -> set[tuple[object, ...]]:
    """The rows that name an organisation, each with its amount where it has one: a balance stays, empty."""
    names = {field.name for field in relation.model._meta.get_fields()}
    return set(relation.of(organisation).values_list("pk", *({"amount"} & names)))

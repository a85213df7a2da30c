"""Append an entry to the audit trail, inside the transaction of the operation that it tells of."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from portal.audit.models import AuditEntry
from portal.audit.sealing import append
from portal.staffing.reach import ensure_reaches


def record(
    action: str,
    actor: models.Model | None,
    target: models.Model,
    *,
    personal: Mapping[str, Any] | None = None,
    **data: Any,
) -> AuditEntry:
    """Append what was done; it stands or falls with the caller's transaction.

    `action` is a dotted key such as "contract.accepted"; `actor` is None for the portal itself. The entry
    belongs to the organisation that `target` is or names. `data` holds what JSON can, and dates and Decimals,
    but no floats; it stays for ever. What tells of persons (names, addresses, phone and account numbers), and
    all that people wrote in their own words, goes into `personal`, which can be erased.

    Call it as the last step: from here on, other writers of entries wait until the transaction ends. Raises
    TransactionManagementError outside a transaction and TypeError for floats; ValidationError (code
    `other_provider`) where staff acted on what is of a provider they don't work for, so that nothing is kept.
    """
    if actor:
        ensure_reaches(actor, target)
    entry = AuditEntry(
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        action=action,
        object_type=target._meta.label_lower,
        object_id=str(target.pk),
        organisation_id=_organisation_id(target),
        data=_as_stored(data),
        personal=_as_stored(personal) if personal else None,
    )
    append(entry)
    return entry


def _organisation_id(target: models.Model) -> int | None:
    if target._meta.label_lower == "organisations.organisation":
        return cast(int, target.pk)
    return cast("int | None", getattr(target, "organisation_id", None))


def _as_stored(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as the database will give them back, so that the seal can be checked later."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(data), cls=DjangoJSONEncoder))
    if any(isinstance(value, float) for value in _leaves(plain)):
        raise TypeError("Audit data hold no floats: amounts are whole yen or Decimal.")
    return plain


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield value

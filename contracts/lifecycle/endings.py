"""What follows from the end of a contract, whoever brought it about."""

import json
from datetime import date, datetime
from typing import Any

from django.core import serializers

from contracts.extensions.registered import debts_due_on as known_due_on
from contracts.extensions.registered import make_debts_due
from contracts.models import Contract, Task, TermsVersion
from contracts.policies.rulebooks import governing_version, rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.stored import day, to_stored


def settle_end(
    contract: Contract,
    version: TermsVersion,
    ends_on: date,
    at: datetime,
    debts_due_on: date | None = None,
) -> None:
    """Do what follows the end of a contract once its day is known: erasure of data, authorised users, debts.

    `debts_due_on` is the day on which open debts fall due, where the terms say so. May be called again when
    the end moves. Runs inside the transaction of the operation that set the end.
    """
    if debts_due_on:
        make_debts_due(contract, debts_due_on)
    contract.authorised_users.filter(starts_on__gt=ends_on).delete()
    contract.authorised_users.exclude(ends_on__lte=ends_on).update(ends_on=ends_on)
    if version.policy.data_erasure is None:
        return
    erasure = rulebook_for(version).data_erasure(ends_on)
    due = {
        "due_on": max(erasure.erase_by, japan_date(at)),
        "decision": to_stored(erasure),
        "terms_version": version,
    }
    Task.objects.update_or_create(
        contract=contract,
        kind=Task.Kind.DATA_ERASURE,
        defaults=due,
        create_defaults={**due, "created_at": at},
    )


def as_it_is(contract: Contract) -> dict[str, Any]:
    """What an end changes of a contract, as it is before, for `go_on`; with the end that it has already."""
    rows = [*contract.items.all(), *contract.authorised_users.all()]
    through, due_on = contract.billed_through_on, known_due_on(contract)
    end = contract.ends_on and {
        "ends_on": contract.ends_on.isoformat(),
        "billed_through_on": through and through.isoformat(),
        "kind": contract.end_kind,
        "debts_due_on": due_on and due_on.isoformat(),
    }
    return {
        "end": end,
        "billed_from_on": contract.billed_from_on and contract.billed_from_on.isoformat(),
        "rows": json.loads(serializers.serialize("json", rows)),
    }


def go_on(contract: Contract, before: dict[str, Any]) -> None:
    """Let a contract that was to end go on, with what the end cut off as it was before.

    What was changed since stays changed. Runs inside the caller's transaction.
    """
    make_debts_due(contract, None)
    ended_on = contract.ends_on
    contract.ends_on, contract.end_kind, contract.billed_through_on = None, "", None
    contract.billed_from_on = day(before["billed_from_on"])
    contract.save()
    for found in serializers.deserialize("json", json.dumps(before["rows"])):
        if _is_cut_off(found.object, ended_on):
            found.save()
    begun_since = contract.items.filter(ends_on=ended_on).exclude(
        pk__in=[row["pk"] for row in before["rows"]]
    )
    if ended_on:
        # What is charged once ends on the day on which it begins, whether or not the contract does.
        products = governing_version(contract, ended_on).policy.products
        once = [product.key for product in products if product.kind == "one_time"]
        begun_since.exclude(product__in=once).update(ends_on=None, billed_through_on=None)
    contract.tasks.undone().filter(kind=Task.Kind.DATA_ERASURE).delete()


def _is_cut_off(row: Any, ended_on: date | None) -> bool:
    """Whether an end cut a row off, or took it away, and nothing changed it since."""
    now = type(row).objects.filter(pk=row.pk).first()
    return now is None or now.ends_on == ended_on

"""What follows from the end of a contract, whoever brought it about."""

from datetime import date, datetime

from contracts.models import Contract, Task, TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.stored import to_stored


def settle_end(contract: Contract, version: TermsVersion, ends_on: date, at: datetime) -> None:
    """Do what follows the end of a contract once its day is known: erasure of data, authorised users.

    May be called again when the end moves. Runs inside the transaction of the operation that set the end.
    """
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

"""What a contract states of its customer by what that customer is called, and where it is."""

from collections.abc import Iterable
from datetime import date

from contracts.models import Contract, ContractParticular
from contracts.rules.calendar.period import japan_date


def keep_stated(contract: Contract, keys: Iterable[str], on: date) -> None:
    """Let a contract go on stating what it states of its customer, when the customer itself changes that.

    Of what neither the application nor a report has stated, a contract states what its organisation does. It
    is kept as dated facts from the day on which the customer became its customer. Runs inside the caller's
    transaction.
    """
    organisation, stated = contract.organisation, contract.particulars_on(on)
    since = max(
        (party.starts_on for party in contract.parties.all() if party.starts_on <= on),
        default=contract.formed_on or japan_date(contract.applied_at),
    )
    ContractParticular.objects.bulk_create(
        ContractParticular(contract=contract, key=key, value=str(getattr(organisation, key)), starts_on=since)
        for key in keys
        if not stated.get(key) and getattr(organisation, key)
    )

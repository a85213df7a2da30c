"""Organisations whose place in a contract somebody else took: what was theirs stays theirs to read."""

from datetime import date, timedelta
from itertools import pairwise

from contracts.models import Contract
from portal.organisations.models import Organisation


def former_contract(organisation: Organisation, number: str) -> Contract | None:
    """The contract of a number that an organisation had before a succession; None for any other."""
    contracts = Contract.objects.formerly_of(organisation).select_related(
        "service__provider", "contracted_version__service", "application__organisation", "organisation"
    )
    return (
        contracts.prefetch_related("items", "suspensions", "parties__organisation")
        .filter(number=number)
        .first()
    )


def last_day_of(contract: Contract, organisation: Organisation) -> date:
    """The last day on which an organisation that had a contract was its customer.

    ValueError for one that never was, or still is.
    """
    customers = [(contract.application.organisation_id, date.min)]
    customers += [(party.organisation_id, party.starts_on) for party in contract.parties.all()]
    for (customer, _since), (_next, taken_over_on) in reversed(list(pairwise(customers))):
        if customer == organisation.pk:
            return taken_over_on - timedelta(days=1)
    raise ValueError(f"{organisation} is no former customer of {contract}")

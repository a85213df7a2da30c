"""Formation, service start and billing start, worked out again after each fact that may settle them."""

from contracts.lifecycle.items import begin_items
from contracts.lifecycle.tasks import ask_to_dispatch
from contracts.models import Contract
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.life.formation import Formation
from contracts.rules.stored import to_stored


def update_formation(contract: Contract) -> Formation:
    """Store the formation, and begin what was applied for.

    Saves the contract. Runs inside the transaction of the operation that stored the new fact.
    """
    decision = store_formation(contract)
    begun = begin_items(contract)
    if begun and contract.billed_from_on:
        ask_to_dispatch(contract, contract.formation_version, begun, contract.billed_from_on)
    return decision


def store_formation(contract: Contract) -> Formation:
    """Decide by the terms that were agreed to, and store dates and decision with the contract."""
    decision = rulebook_for(contract.formation_version).formation(contract.facts)
    contract.formed_on = decision.formed_on
    contract.service_starts_on = decision.service_starts_on
    contract.billed_from_on = decision.billed_from_on
    contract.formation = to_stored(decision)
    contract.save()
    return decision

"""Who gets the e-mails on a contract: those who act for the customer, and whom the terms name beside them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils.timezone import localdate

from contracts.correspondence.sending import address_in, people_of, recipients
from contracts.models import Contract
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.policy.addressees import Correspondence
from portal.organisations.company.concerned import Topic
from portal.organisations.models import Organisation
from portal.outbox.models import Mail


def told_of(contract: Contract, topic: Topic = Topic.CONTRACTS) -> list[str]:
    """The addresses that e-mails of a class on a contract go to now."""
    return _once(*people_of(contract.organisation, topic, about=contract), *named(contract, "contract"))


def told_as_party(
    contract: Contract, organisation: Organisation, topic: Topic = Topic.CONTRACTS
) -> list[str]:
    """The same for who is or was its customer: whom the terms name stands beside its customer of today."""
    is_customer = contract.organisation_id == organisation.standing_id
    return told_of(contract, topic) if is_customer else people_of(organisation, topic, about=contract)


def told_of_steps(contract: Contract) -> list[str]:
    """The same for what follows from its application: who applied, until the contract passes on."""
    return _once(*recipients(contract.application), *named(contract, "contract"))


def told_of_acceptance(contract: Contract) -> list[str]:
    """The addresses that an acceptance on a contract goes to; its moment is that of the first one."""
    return _once(*named(contract, "acceptance"), *recipients(contract.application))


def next_address(mail: Mail, addresses: Sequence[str]) -> str:
    """Where an acceptance goes when sent again: to its address, or the next one where that refused it."""
    if mail.address not in addresses:
        return addresses[0]
    place = addresses.index(mail.address)
    return addresses[(place + 1) % len(addresses)] if mail.refused_at else mail.address


def named_by_organisation(contracts: QuerySet[Contract]) -> dict[int, list[str]]:
    """Whom the terms in force name for contracts, by the primary key of the customer, each once.

    Of organisations whose contracts name nobody there is nothing. Its queries don't grow with the contracts.
    """
    rulebooks, found = Rulebooks(), defaultdict[int, list[str]](list)
    related = contracts.select_related("application", "service", "organisation")
    for contract in related.prefetch_related("particulars", "parties").order_by("pk"):
        found[contract.organisation_id] += named(contract, "contract", rulebooks)
    return {organisation: _once(*addresses) for organisation, addresses in found.items() if addresses}


def named(contract: Contract, of: Correspondence, rulebooks: Rulebooks | None = None) -> Iterator[str]:
    """The address of whom the terms in force name, as the customer stated it for today; none without one."""
    version = (rulebooks or Rulebooks()).governing(contract, localdate())
    rule = version.policy.addressees.get(of)
    if rule:
        yield from address_in(contract.particulars_on(localdate()).get(rule.particular, ""))


def _once(*addresses: str) -> list[str]:
    return list(dict.fromkeys(addresses))

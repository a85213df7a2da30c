"""Which version governs which contracts on a day, as conditions for the database."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from contracts.models import Contract, ContractAgent, IndividualAgreement, SalesAgent, Service, TermsVersion
from contracts.policies.rulebooks import Rulebooks


def governed_on(day: date, path: str) -> Iterator[tuple[Q, TermsVersion]]:
    """Each version that is in force for any contract on a day, with the condition on rows that it governs.

    The rows have their contract at a path. A version stands once for each of its agents, and for what was
    agreed individually; no contract fits two conditions. Queries don't grow with the number of contracts.
    """
    books, agreed = Rulebooks(), _with_agreements()
    for service in Service.objects.select_related("provider"):
        version = books.in_force(service, day)
        if version is None:
            continue
        others = Q(**{f"{path}__service": service})
        if version.takes_agreements:
            own = agreed[service.pk]
            for contract in own:
                governing = books.in_force_for(contract, day) or version
                yield Q(**{path: contract.pk}), governing
            others &= ~Q(**{f"{path}__in": [contract.pk for contract in own]})
        agents = list(SalesAgent.objects.filter(service=service)) if version.takes_agents else []
        for agent in agents:
            sold = Exact(_agent_on(day, path, agents[0]), agent.pk)
            yield others & Q(sold), version.sold_by(agent, day)
        if not agents:
            yield others, version.sold_by(None, day)


def _with_agreements() -> dict[int, list[Contract]]:
    """The contracts about which anything was agreed individually, by the primary keys of their services."""
    found: dict[int, list[Contract]] = defaultdict(list)
    made = IndividualAgreement.objects.values("contract")
    contracts = Contract.objects.filter(pk__in=made).select_related("service", "application")
    for contract in contracts.prefetch_related("agreements"):
        found[contract.service_id].append(contract)
    return found


def _agent_on(day: date, path: str, first: SalesAgent) -> Coalesce:
    """The primary key of a contract's agent on a day: the last that began, else that of the application."""
    begun = ContractAgent.objects.filter(contract=OuterRef(path), starts_on__lte=day).order_by("-starts_on")
    last = Subquery(begun.values("agent")[:1])
    return Coalesce(last, F(f"{path}__application__agent"), first.pk, output_field=BigIntegerField())

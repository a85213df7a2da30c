"""Which version governs which contracts on a day, as conditions for the database."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from datetime import date

from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from contracts.models import Contract, ContractAgent, IndividualAgreement, SalesAgent, Service, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.policy.schema import Policy


def governed_on(
    day: date, path: str, part: str, alike: Callable[[Policy], Hashable]
) -> Iterator[tuple[Q, TermsVersion]]:
    """The versions in force for any contracts on a day, each with the condition on rows that it governs.

    The rows have their contract at a path. A version stands once for each of its agents. What was agreed
    individually about a part of the policy (its key) stands once for all contracts of which it gives `alike`
    the same; no contract fits two conditions. Queries don't grow with the number of contracts.
    """
    books, agreed = Rulebooks(), _agreed_about(part)
    for service in Service.objects.select_related("provider"):
        version = books.in_force(service, day)
        if version is None:
            continue
        others = Q(**{f"{path}__service": service})
        if version.takes_agreements and agreed[service.pk]:
            governing: dict[Hashable, TermsVersion] = {}
            contracts: dict[Hashable, list[int]] = defaultdict(list)
            for contract in agreed[service.pk]:
                own = books.in_force_for(contract, day) or version
                rules = alike(own.policy)
                governing.setdefault(rules, own)
                contracts[rules].append(contract.pk)
            for rules, own in governing.items():
                yield Q(**{f"{path}__in": contracts[rules]}), own
            others &= ~Q(**{f"{path}__in": [contract.pk for contract in agreed[service.pk]]})
        agents = list(SalesAgent.objects.filter(service=service)) if version.takes_agents else []
        for agent in agents:
            sold = Exact(_agent_on(day, path, agents[0]), agent.pk)
            yield others & Q(sold), version.sold_by(agent, day)
        if not agents:
            yield others, version.sold_by(None, day)


def _agreed_about(part: str) -> dict[int, list[Contract]]:
    """The contracts with agreements that state anything of a part, by the primary keys of their services."""
    found: dict[int, list[Contract]] = defaultdict(list)
    made = IndividualAgreement.objects.filter(rules__contains=part).values("contract")
    contracts = Contract.objects.filter(pk__in=made).select_related("service", "application")
    for contract in contracts.prefetch_related("agreements"):
        found[contract.service_id].append(contract)
    return found


def _agent_on(day: date, path: str, first: SalesAgent) -> Coalesce:
    """The primary key of a contract's agent on a day: the last that began, else that of the application."""
    begun = ContractAgent.objects.filter(contract=OuterRef(path), starts_on__lte=day).order_by("-starts_on")
    last = Subquery(begun.values("agent")[:1])
    return Coalesce(last, F(f"{path}__application__agent"), first.pk, output_field=BigIntegerField())

"""Sales agents and their customers: whose they are on a day, and what the agent's people may do for them.

Whoever is the agent on a day sees all of what it is about, and decides; who was it before sees nothing.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from contracts.models import Application, Contract, ContractAgent, ContractRequest, SalesAgent
from contracts.rules.calendar.period import japan_date
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership, Organisation, User


def contracts_of(agents: QuerySet[SalesAgent], day: date) -> QuerySet[Contract]:
    """The contracts of which one of some agents is the agent on a day."""
    since = _agent_since(day, OuterRef("pk"))
    sold = Contract.objects.annotate(sold_by=_agent(since, F("application__agent")))
    return sold.filter(sold_by__in=agents)


def applications_of(agents: QuerySet[SalesAgent], day: date) -> QuerySet[Application]:
    """The applications whose agent, or that of their contract, is one of some agents on a day."""
    since = _agent_since(day, OuterRef("contract"))
    sold = Application.objects.annotate(sold_by=_agent(since, F("agent")))
    return sold.filter(sold_by__in=agents)


def customers_of(agents: QuerySet[SalesAgent], day: date) -> QuerySet[Organisation]:
    """The organisations that have a contract of one of some agents on a day, or applied with one."""
    holding = contracts_of(agents, day).values("organisation")
    applying = applications_of(agents, day).values("organisation")
    known = Organisation.objects.filter(Q(pk__in=holding) | Q(pk__in=applying))
    return known.filter(united_into__isnull=True)


def seller_of(asked: Application | ContractRequest | Contract, day: date) -> SalesAgent | None:
    """Who is the sales agent of something on a day; None where none sells the service."""
    if isinstance(asked, ContractRequest):
        asked = asked.contract
    if isinstance(asked, Application):
        contract = Contract.objects.filter(application=asked).first()
        agent = contract.agent_on(day) if contract else asked.agent
    else:
        agent = asked.agent_on(day)
    return agent or asked.service.first_agent


def agents_for(person: User, organisation: Organisation) -> QuerySet[SalesAgent]:
    """The sales agents as which somebody acts in an organisation: its member, with the right to do so."""
    own = Membership.objects.acting().filter(user=person, organisation=organisation, user__is_active=True)
    may = any(one.may_on(Right.SALES) for one in own)
    return organisation.sales_agents.all() if may else SalesAgent.objects.none()


def acts_as_agent(person: User, agent: SalesAgent) -> bool:
    """Whether somebody acts for a sales agent; nobody does for one that has no organisation."""
    return agent.organisation is not None and agents_for(person, agent.organisation).exists()


def agent_deciding(
    person: User, asked: Application | ContractRequest, at: datetime, *, refusing: bool = False
) -> SalesAgent | None:
    """The sales agent for which somebody decides; None: staff, for the provider.

    ValidationError for who acts neither for the provider nor for the agent (`not_agent`), and where the terms
    leave the decision, or a refusal, to the provider (`provider_decides`).
    """
    if person.is_staff:
        return None
    agent = seller_of(asked, japan_date(at))
    if agent is None or not acts_as_agent(person, agent):
        raise ValidationError(
            _("This is another agent's, or you don't act for this one any more. Nothing was changed."),
            code="not_agent",
        )
    if not may_decide(asked, refusing=refusing):
        raise ValidationError(
            _("By the terms the provider decides this, and not the sales agent."), code="provider_decides"
        )
    return agent


def may_decide(asked: Application | ContractRequest, *, refusing: bool = False) -> bool:
    """Whether the terms let the sales agent decide something, or refuse it."""
    what = asked.kind if isinstance(asked, ContractRequest) else "application"
    rule = asked.governing_version.policy.left_to_agent(what)
    return rule is not None and (rule.refuses or not refusing)


def told_of_agent(agent: SalesAgent | None) -> dict[str, Any]:
    """What the audit trail holds of the agent for which something was done."""
    return {"for_agent": agent.names["ja"]} if agent else {}


def _agent_since(day: date, contract: OuterRef) -> Subquery:
    begun = ContractAgent.objects.filter(contract=contract, starts_on__lte=day).order_by("-starts_on")
    return Subquery(begun.values("agent")[:1])


def _agent(since: Subquery, applied_with: F) -> Coalesce:
    """The key of the latest agent, else of the one that was applied with, else of the service's first."""
    sellers = SalesAgent.objects.filter(service=OuterRef("service")).order_by("position")
    return Coalesce(since, applied_with, Subquery(sellers.values("pk")[:1]), output_field=BigIntegerField())

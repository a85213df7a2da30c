"""The rules of sales agents, as proposals to a second person."""

from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.models import SalesAgent
from contracts.policies.rulebooks import version_in_force
from contracts.publishing.agents import AGENT_RULES as AGENT_RULES_KEY
from contracts.publishing.agents import agent_rules_problems, layer_of, publish_agent_rules
from contracts.publishing.publish import PublicationRefused
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text
from contracts.wording.policy_changes import policy_changes
from contracts.wording.problems import problem_texts
from portal.approvals.kinds import Kind, Line, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class AgentRulesData(Strict):
    """A version of the rules of a service's agent, by its key: the rules in TOML, the text in Markdown."""

    service: str
    agent: str
    source: str
    text: str


def _agent(wanted: AgentRulesData) -> SalesAgent:
    sellers = SalesAgent.objects.select_related("service__provider")
    return sellers.get(service__slug=wanted.service, key=wanted.agent)


def _subject(wanted: AgentRulesData) -> Subject:
    agent = _agent(wanted)
    name = f"{agent.service.name} {agent.name}"
    return Subject(about=agent, name=name, provider=agent.service.provider.code)


def _lines(wanted: AgentRulesData) -> Iterator[Line]:
    """What changes for contracts with the agent on the day, by the terms that govern then."""
    agent = _agent(wanted)
    _ensure_fits(agent, wanted)
    layer = layer_of(agent, wanted.source, wanted.text)
    before = agent.rules_on(layer.effective_on)
    yield Line(gettext("Version"), before.version if before else "", layer.version)
    last = day_text(before.effective_on) if before else ""
    yield Line(gettext("Effective date"), last, day_text(layer.effective_on))
    version = version_in_force(agent.service, layer.effective_on)
    if version is None or before is None:
        return
    then = version.sold_by(agent, layer.effective_on)
    for change in policy_changes(then, then.with_agent_layer(layer)):
        yield Line(change.what, change.old, change.new)


def _ensure_fits(agent: SalesAgent, wanted: AgentRulesData) -> None:
    if problems := agent_rules_problems(agent, source=wanted.source, text=wanted.text):
        raise ValidationError({"source": problem_texts(problems)})


def _publish(wanted: AgentRulesData, approval: Proposal, at: datetime) -> str:
    agent = _agent(wanted)
    try:
        rules = publish_agent_rules(
            agent,
            source=wanted.source,
            text=wanted.text,
            at=at,
            staff=approval.proposed_by,
            approval=approval,
        )
    except PublicationRefused as refused:
        raise ValidationError({"source": problem_texts(refused.problems)}) from refused
    return gettext("The rules are published: %(rules)s.") % {"rules": rules}


def _binds_nobody(wanted: AgentRulesData, amount: int, staff: User) -> Proposal.Without | None:
    return None if _agent(wanted).binds_customers else Proposal.Without.UNBOUND


AGENT_RULES = Kind(
    key=AGENT_RULES_KEY,
    label=_("Rules of a sales agent"),
    data=AgentRulesData,
    right="contracts.change_salesagent",
    subject=_subject,
    lines=_lines,
    carry_out=_publish,
    form=lambda wanted: reverse("admin:contracts_salesagent_publish", args=[_agent(wanted).pk]),
    spared=_binds_nobody,
)

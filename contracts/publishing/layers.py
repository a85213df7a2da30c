"""Whether the rules of agents still fit a version of the terms."""

from datetime import date

from contracts.models import AgentRules, SalesAgent, TermsVersion
from contracts.problems.reasons import Reason
from contracts.rules.policy.fitting import misfits
from contracts.rules.problems import Problem


def broken_agent_rules(version: TermsVersion) -> list[Problem]:
    """The rules of agents that don't fit a version about to be published, each with agent and version."""
    if not version.takes_agents:
        return []
    agents = SalesAgent.objects.filter(service=version.service_id).prefetch_related("rules")
    return [
        Problem(problem.path, Reason("with_agent", {"rules": str(rules), "why": problem.reason}))
        for agent in agents
        for rules in _holding_from(agent, version.effective_on)
        for problem in misfits(
            version.rules_source,
            version.terms,
            rules.layer,
            max(rules.effective_on, version.effective_on),
        )
    ]


def _holding_from(agent: SalesAgent, day: date) -> list[AgentRules]:
    """The rules by which an agent sells from a day on: those of that day, and those to come."""
    first = agent.rules_on(day)
    later = [one for one in agent.rules.all() if one.effective_on > day and one != first]
    return [first, *later] if first else []

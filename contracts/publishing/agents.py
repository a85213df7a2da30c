"""Sales agents, and publishing the rules by which they sell."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.guards import field_error
from contracts.extensions.registered import tell_rules_changed
from contracts.models import AgentRules, SalesAgent, Service, TermsVersion
from contracts.problems.reasons import Reason
from contracts.publishing.drafts import text_problems
from contracts.publishing.issuers import save_issuer
from contracts.publishing.publish import PublicationRefused
from contracts.rules.policy.agents import read_agent_rules
from contracts.rules.policy.fitting import misfits
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.service_file import AgentFile
from contracts.rules.problems import Problem
from contracts.terms.markdown import TermsSyntaxError, parse
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import Organisation, User

AGENT_RULES = "agent_rules"
"""The kind of proposal that publishes a version of an agent's rules."""


@transaction.atomic
def save_agent(service: Service, key: str, file: AgentFile, position: int) -> SalesAgent:
    """Create or update a sales agent of a service, and how it issues invoices, if it does.

    The same again writes no audit entry. PolicyError for a code that somebody else issues under.
    """
    agent = service.agents.select_for_update().filter(key=key).first() or SalesAgent(service=service, key=key)
    issuer, changed = None, False
    if file.issuer:
        issuer, changed = save_issuer(file.issuer, file.fiscal_year_starts_in, service.provider)
    values = {"names": file.name.model_dump(), "role": file.role, "position": position, "issuer": issuer}
    if agent.pk and not changed and all(getattr(agent, name) == value for name, value in values.items()):
        return agent
    for name, value in values.items():
        setattr(agent, name, value)
    agent.full_clean()
    agent.save()
    record(
        "agent.saved",
        None,
        agent,
        service=service.slug,
        key=key,
        role=file.role,
        position=position,
        issuer=file.issuer.model_dump(mode="json") if file.issuer else None,
    )
    return agent


@transaction.atomic
def name_organisation(agent: SalesAgent, organisation: Organisation | None, staff: User) -> SalesAgent:
    """Say which organisation a sales agent is, whose members then have its desk; None closes the desk.

    ValidationError (`organisation`) for one that was united into another (`united`), and for the same again
    (`no_change`).
    """
    current = SalesAgent.objects.select_for_update(of=("self",)).get(pk=agent.pk)
    if organisation and organisation.united_into_id:
        text = _("This organisation was united into another one. Choose that one.")
        raise field_error("organisation", text, "united")
    before = current.organisation_id
    if before == (organisation.pk if organisation else None):
        raise field_error("organisation", _("This is the sales agent's organisation already."), "no_change")
    current.organisation = organisation
    current.save(update_fields=["organisation"])
    record(
        "agent.organisation_named",
        staff,
        current,
        service=current.service.slug,
        agent=current.key,
        organisation=current.organisation_id,
        before={"organisation": before},
    )
    return current


@transaction.atomic
def publish_agent_rules(
    agent: SalesAgent,
    *,
    source: str,
    text: str,
    at: datetime,
    staff: User | None,
    approval: Proposal | None = None,
) -> AgentRules:
    """Publish a version of an agent's rules: its text in Markdown and its rules in TOML.

    The same again gives the version that is there. They must fit every published version of the terms that
    governs while they hold. Where the agent has contracts it raises ValidationError without the approval of a
    second person (`second_person`). PublicationRefused with every problem, each with its path, and what the
    terms decide themselves with its line and their article.
    """
    locked = SalesAgent.objects.select_for_update(of=("self",)).select_related("service").get(pk=agent.pk)
    if problems := agent_rules_problems(locked, source=source, text=text):
        raise PublicationRefused(problems)
    known = _known(locked, source, text)
    if known is None and locked.binds_customers:
        ensure_second_person(approval, AGENT_RULES)
    return known or store_rules(locked, source=source, text=text, at=at, staff=staff)


def agent_rules_problems(agent: SalesAgent, *, source: str, text: str) -> list[Problem]:
    """Why an agent's rules could not be published as they are; nothing where they could, or are."""
    problems: list[Problem] = []
    try:
        read_agent_rules(source)
    except PolicyError as error:
        problems += error.problems
    try:
        parse(text)
    except TermsSyntaxError as error:
        problems += text_problems(error)
    if problems or _known(agent, source, text):
        return problems
    return [*_order_problems(agent, source), *_misfits(agent, layer_of(agent, source, text))]


def store_rules(agent: SalesAgent, *, source: str, text: str, at: datetime, staff: User | None) -> AgentRules:
    """Store rules that were found to fit, within the caller's transaction."""
    header, _rules = read_agent_rules(source)
    rules = AgentRules.objects.create(
        agent=agent,
        version=header.version,
        title=header.title,
        effective_on=header.effective_on,
        text=text,
        source=source,
        published_at=at,
    )
    tell_rules_changed(agent.service_id)
    record(
        "agent.rules_published",
        staff,
        rules,
        service=agent.service.slug,
        agent=agent.key,
        version=header.version,
        effective_on=header.effective_on,
        content_hash=rules.content_hash,
    )
    return rules


def _known(agent: SalesAgent, source: str, text: str) -> AgentRules | None:
    return agent.rules.filter(source=source, text=text).first()


def layer_of(agent: SalesAgent, source: str, text: str) -> Layer:
    """An agent's rules as those of a contract; PolicyError for what can't be read."""
    header, _rules = read_agent_rules(source)
    return Layer(
        "agent",
        header.title,
        header.effective_on,
        source,
        version=header.version,
        text=text,
        seller=agent.key,
    )


def _order_problems(agent: SalesAgent, source: str) -> Iterator[Problem]:
    header, _rules = read_agent_rules(source)
    if agent.rules.filter(version=header.version).exists():
        yield Problem("version", Reason("agent_version_published", {"version": header.version}))
    last = agent.rules.order_by("effective_on").last()
    if last and last.effective_on >= header.effective_on:
        values = {"day": last.effective_on, "version": last.version}
        yield Problem("effective_on", Reason("agent_not_later", values))


def _misfits(agent: SalesAgent, layer: Layer) -> Iterator[Problem]:
    """What does not fit the terms, by the versions that govern from the first day of the rules on."""
    published = TermsVersion.objects.published().filter(service=agent.service_id).order_by("effective_on")
    versions = [one.read_on(date.max) for one in published.prefetch_related("revisions")]
    begun = [one for one in versions if one.effective_on <= layer.effective_on]
    governing = [*begun[-1:], *(one for one in versions if one.effective_on > layer.effective_on)]
    taking = [one for one in governing if one.takes_agents]
    if governing and not taking:
        yield Problem("", Reason("no_agents_in_terms", {"version": governing[0].name}))
    found: dict[Problem, None] = {}
    for version in taking:
        day = max(version.effective_on, layer.effective_on)
        found |= dict.fromkeys(misfits(version.rules_source, version.terms, layer, day))
    yield from found

"""The sales agent of a contract: who it is, and another from a day on."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.deciding.guards import field_error, locked_contract
from contracts.extensions.registered import is_priced, tell_facts_changed, unsettled
from contracts.models import Contract, ContractAgent, SalesAgent, TermsVersion
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.governing import version_on
from contracts.rules.policy.reading import PolicyError
from contracts.wording.formats import day_text
from contracts.wording.problems import problem_texts
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import User


def ensure_sells(agent: SalesAgent, day: date) -> None:
    """ValidationError (`agent`) for an agent that can't sell on a day: without rules, prices or account."""
    if agent.rules_on(day) is None:
        text = _("The sales agent %(agent)s has no rules; nothing can be contracted with it.")
        raise field_error("agent", text % {"agent": agent.name}, "agent_without_rules")
    if not is_priced(agent, day):
        text = _("The sales agent %(agent)s has no prices on %(day)s; nothing can be contracted with it.")
        raise field_error("agent", text % {"agent": agent.name, "day": day_text(day)}, "agent_without_prices")
    if why := why_not_billing(agent, day):
        raise field_error("agent", why, "agent_without_account")


def why_not_billing(agent: SalesAgent, day: date) -> str:
    """Why an agent can't bill its customers on a day, in words; empty where it can, or does not bill."""
    if not agent.is_counterparty:
        return ""
    if agent.issuer is None:
        text = _("Nothing is known of the sales agent %(agent)s that its invoices have to state.")
    elif not agent.issuer.on(day).bank_account:
        text = _("The sales agent %(agent)s has no bank account to which customers could pay.")
    else:
        return ""
    return text % {"agent": agent.name}


@transaction.atomic
def change_agent(
    contract: Contract, agent: SalesAgent, starts_on: date, staff: User, at: datetime
) -> ContractAgent:
    """Let another sales agent be that of a contract from the first of a month to come on.

    ValidationError names the field: `starts_on` for another day, or one after the end of the contract;
    `agent` for one that does not sell the service, is its agent already or has no rules, prices or account
    then, and where its rules don't fit what was agreed individually; `__all__` where something is open: what
    is owed by then stays owed to who is the counterparty now. Nothing is stored then.
    """
    current = locked_contract(contract)
    ensure_no_own_cause(staff, current.organisation)
    before = current.agent_on(starts_on)
    _ensure_day(current, starts_on, japan_date(at))
    if agent.service_id != current.service_id:
        raise field_error("agent", _("This agent does not sell the service of the contract."), "no_agent")
    if agent == before:
        raise field_error("agent", _("This is the contract's sales agent on that day already."), "no_change")
    ensure_sells(agent, starts_on)
    _ensure_nothing_open(current)
    _ensure_fits(current, agent, starts_on)
    row = ContractAgent.objects.create(contract=current, agent=agent, starts_on=starts_on)
    tell_facts_changed(current.pk)
    record(
        "contract.agent_changed",
        staff,
        current,
        agent=agent.key,
        starts_on=starts_on,
        before={"agent": before.key if before else ""},
    )
    return row


def _ensure_day(contract: Contract, starts_on: date, today: date) -> None:
    if starts_on.day != 1 or starts_on <= today:
        text = _("An agent changes with the first day of a month to come: months are charged whole.")
        raise field_error("starts_on", text, "no_first_day")
    if contract.ends_on and starts_on > contract.ends_on:
        text = _("The contract ends on %(day)s.") % {"day": day_text(contract.ends_on)}
        raise field_error("starts_on", text, "ended")
    last = contract.agents.order_by("starts_on").last()
    if last and last.starts_on >= starts_on:
        text = _("Another agent begins on %(day)s; choose a later day.") % {"day": day_text(last.starts_on)}
        raise field_error("starts_on", text, "order")


def _ensure_nothing_open(contract: Contract) -> None:
    requests = contract.requests.filter(status__in=contract.requests.model.OPEN)
    undecided = [_("request %(number)s") % {"number": asked.number} for asked in requests]
    if found := [*undecided, *unsettled(contract)]:
        text = _("Settle first what is open: %(open)s. Until then the contract stays with its sales agent.")
        named = pgettext("between things", ", ").join(found)
        raise ValidationError(text % {"open": named}, code="open_items")


def _ensure_fits(contract: Contract, agent: SalesAgent, starts_on: date) -> None:
    """The agent's rules must go with what was agreed individually, by every version from the day on."""
    published = TermsVersion.objects.published().filter(service=contract.service_id)
    versions = [one.read_on(date.max) for one in published.prefetch_related("revisions")]
    for day in {max(one.effective_on, starts_on) for one in versions}:
        version = version_on(versions, day) or contract.contracted_version
        try:
            version.sold_by(agent, day, contract.agreed_on(day)).policy  # noqa: B018 (whether it can be read)
        except PolicyError as error:
            raise ValidationError({"agent": problem_texts(error.problems)}) from error

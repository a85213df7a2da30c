"""The pages on the provider's side: which of them make sense for a contract, and what they say of it."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.admin.pages import ReadOnlyAdmin
from contracts.lifecycle.provider_ends.non_renewals import may_decline
from contracts.lifecycle.suspensions import SUSPENDED
from contracts.models import Contract, Suspension, TermsVersion
from contracts.policies.rulebooks import governing_version

PROVIDER_ACTIONS = (
    "suspend",
    "pause",
    "lift",
    "demand",
    "decline",
    "terminate",
    "represent",
    "device",
    "agree",
    "change_agent",
)
Facts = list[tuple[Any, Any]]


class ContractPages(ReadOnlyAdmin):
    """What the pages about one contract share, whatever they do."""

    def target(self, request: HttpRequest, object_id: str) -> Contract:
        """The contract of an address; 404 where there is none."""
        contract: Contract = get_object_or_404(self.get_queryset(request), pk=object_id)
        return contract


def governing(contract: Contract) -> TermsVersion:
    """The version that governs the contract today, with what was agreed individually."""
    return governing_version(contract, localdate())


def open_suspension(contract: Contract) -> Suspension | None:
    """The stop that goes on today, or the next one."""
    today = localdate()
    lasting = [stop for stop in contract.suspensions.all() if stop.ends_on is None or stop.ends_on >= today]
    return min(lasting, key=lambda stop: stop.starts_on, default=None)


def provider_offers(contract: Contract) -> Iterator[tuple[str, bool]]:
    """Each action, and whether it makes sense for a contract as it is now."""
    policy = governing(contract).policy
    today = localdate()
    ended = contract.state_on(today) == Contract.State.ENDED or contract.ends_on == today
    running = contract.service_starts_on is not None and not ended
    stopped = open_suspension(contract)
    suspended = stopped is not None and stopped.kind in SUSPENDED
    yield "suspend", running and (stopped is None or suspended) and policy.suspension is not None
    yield "pause", running and stopped is None and policy.pause is not None
    yield "lift", stopped is not None
    formed = contract.formed_on is not None and not ended
    rule = policy.termination
    yield "demand", formed and rule is not None and any(ground.since for ground in rule.grounds)
    yield "decline", formed and may_decline(contract, today)
    yield "terminate", formed and rule is not None
    last = contract.parties.order_by("starts_on", "pk").last()
    yield "represent", last is not None and len(last.successors) > 1
    yield "device", running and policy.device_return is not None
    yield "agree", not ended and policy.individual_agreements is not None
    yield "change_agent", formed and policy.agents is not None


def contract_facts(contract: Contract) -> Facts:
    """What an action page says of the contract that it is about."""
    return [
        (_("Contract number"), contract.number),
        (_("Organisation"), contract.organisation),
        (_("Service"), contract.service),
        (_("Accepted at"), contract.accepted_at or "—"),
        (_("Formed on"), contract.formed_on or "—"),
        (_("Wanted start"), contract.wanted_start_on or "—"),
    ]

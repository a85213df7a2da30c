"""Organisations whose place in a contract somebody else took: what was theirs stays theirs to read."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Prefetch, prefetch_related_objects

from contracts.models import Application, ApplicationMessage, Contract, ContractRequest, RequestMessage
from contracts.rules.calendar.period import JAPAN
from portal.organisations.models import Membership, Organisation


def former_contract(membership: Membership, number: str) -> Contract | None:
    """The contract of a number that a member's organisation had before a succession; None for any other."""
    contracts = Contract.objects.formerly_shown_to(membership).select_related(
        "service__provider", "contracted_version__service", "application__organisation", "organisation"
    )
    return (
        contracts.prefetch_related("items", "suspensions", "parties__organisation", "parties__request")
        .filter(number=number)
        .first()
    )


def last_day_of(contract: Contract, organisation: Organisation) -> date:
    """The last day on which an organisation that had a contract was its customer.

    ValueError for one that never was, or still is.
    """
    customers = [(contract.application.organisation_id, date.min)]
    customers += [(party.organisation_id, party.starts_on) for party in contract.parties.all()]
    for (customer, _since), (_next, taken_over_on) in reversed(list(pairwise(customers))):
        if customer == organisation.pk:
            return taken_over_on - timedelta(days=1)
    raise ValueError(f"{organisation} is no former customer of {contract}")


def own_requests(contract: Contract, organisation: Organisation) -> Iterator[ContractRequest]:
    """What a former customer asked for while it acted for a contract, as it stood when that ended.

    The succession that it reported is among it. What was decided, said or withdrawn afterwards is not in
    them, and they know the former customer alone: they are for showing, not for saving.
    """
    own = set(organisation.memberships.values_list("user", flat=True))
    contract.organisation = organisation
    for tenure in _tenures(contract):
        if tenure.customer != organisation.pk:
            continue
        # Who represents successors can be named for a day ahead, and acts from then on.
        others = Membership.objects.filter(organisation=tenure.followed_by).exclude(user__in=own)
        told = RequestMessage.objects.filter(at__lte=tenure.until).select_related("by")
        asked = contract.requests.filter(submitted_at__gte=tenure.since, submitted_at__lte=tenure.until)
        for request in (
            asked.exclude(requested_by__in=others.values("user"))
            .select_related("terms_version__service", "requested_by")
            .prefetch_related(Prefetch("messages", told))
        ):
            _forget(request, tenure.until)
            request.contract = contract
            yield request


def former_application(membership: Membership, number: str) -> Application | None:
    """The application that a former customer sent, as it stood when the contract that it led to passed on.

    It is for showing, not for saving. None for one that the organisation still acts for, or never sent, and
    where the member doesn't see the contract.
    """
    organisation = membership.organisation
    sent = Application.objects.filter(number=number, organisation=organisation, contract__isnull=False)
    application = (
        membership.seen_of(sent, "contract")
        .exclude(contract__organisation=organisation)
        .select_related(
            "service__provider", "terms_version__service", "organisation", "applicant", "contract"
        )
        .first()
    )
    if application is None:
        return None
    until = next(_tenures(application.contract)).until
    _as_decided_until(application, until)
    told = ApplicationMessage.objects.filter(at__lte=until).select_related("by")
    prefetch_related_objects([application], Prefetch("messages", told))
    return application


def _as_decided_until(application: Application, until: datetime) -> None:
    if application.decided_at is None or application.decided_at <= until:
        return
    accepted_at = application.contract.accepted_at
    accepted = accepted_at is not None and accepted_at <= until
    application.status = application.Status.ACCEPTED if accepted else application.Status.SUBMITTED
    application.decided_at = accepted_at if accepted else None
    application.decided_by = None
    application.refusal_reason = application.refusal_note = ""


class _Tenure(NamedTuple):
    """The moments between which an organisation acted for a contract in the portal, and who followed it."""

    customer: int
    since: datetime
    until: datetime
    followed_by: int


def _tenures(contract: Contract) -> Iterator[_Tenure]:
    """Of each customer but the present one, in order."""
    customer, since = contract.application.organisation_id, contract.applied_at
    known = set()
    for party in contract.parties.all():
        decided_at = party.request.decided_at if party.request and party.request_id not in known else None
        known.add(party.request_id)
        until = decided_at or datetime.combine(party.starts_on, time(), JAPAN)
        yield _Tenure(customer, since, until, party.organisation_id)
        customer, since = party.organisation_id, until


def _forget(request: ContractRequest, until: datetime) -> None:
    """Take out of a request what became of it after a moment."""
    if request.completed_at and request.completed_at > until:
        request.completed_at = None
    if request.formed_at and request.formed_at > until:
        request.formed_at = None
    decided = request.decided_at is not None and request.decided_at <= until
    if request.withdrawn_at and request.withdrawn_at > until:
        request.withdrawn_at = None
        request.status = request.Status.ACCEPTED if decided else request.Status.SUBMITTED
    if request.withdrawn_at is None and not decided:
        request.status = request.Status.SUBMITTED
        request.decided_at = request.decided_by = None
        request.refusal_reason = request.refusal_note = ""
        request.decision = {}

"""A move, or a new name, reported once: a request on each contract that it concerns, by that one's terms."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.lifecycle.stated import keep_stated
from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.company.reported import Report
from contracts.requests.data import RequestData
from contracts.requests.decide import submit_request
from contracts.requests.kind import ChangedLine, Note
from contracts.requests.lines import changed_lines
from contracts.requests.offer import Offer
from contracts.requests.registry import drafted, kind_of, offer_of
from contracts.requests.verdict import Verdict, verdict
from contracts.requests.what_if.asking import ask
from contracts.rules.calendar.period import japan_date
from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for
from portal.organisations.company.details import change_details
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User


@dataclass(frozen=True)
class Planned:
    """What a report becomes on one contract: the request, what its terms say to it, what it changes.

    `problem` says why it can't be reported like this; then nothing of the report can be sent.
    """

    contract: Contract
    version: TermsVersion
    data: RequestData
    verdict: Verdict | None
    lines: Sequence[ChangedLine] = ()
    notes: Sequence[Note] = ()
    problem: str = ""


@dataclass(frozen=True)
class Plan:
    """All requests that a report becomes, and the contracts that it leaves out, each with why."""

    planned: Sequence[Planned]
    left_out: Sequence[tuple[Contract, str]]

    @property
    def can_be_sent(self) -> bool:
        return not any(one.problem for one in self.planned)


def plan(organisation: Organisation, report: Report, at: datetime, without: Collection[str] = ()) -> Plan:
    """What a report sent at a moment would become; nothing is stored.

    `without` are the numbers of contracts that are to be left as they are.
    """
    planned, left_out, books = [], [], Rulebooks()
    for contract in _contracts_of(organisation):
        found = _planned(contract, report, at, books)
        if isinstance(found, Planned) and contract.number in without:
            left_out.append((contract, _("You left it out.")))
        elif isinstance(found, Planned):
            planned.append(found)
        elif found:
            left_out.append((contract, found))
    return Plan(planned, left_out)


@transaction.atomic
def send_report(
    organisation: Organisation,
    person: User,
    report: Report,
    at: datetime,
    key: UUID,
    without: Collection[str] = (),
) -> list[ContractRequest]:
    """Send a report: one request for each contract that it concerns, and the organisation's own details.

    All or nothing. The same `key` gives the requests that it gave before. ValidationError where a contract's
    terms refuse it (`not_possible`), where nothing would change (`no_change`), at the field for what the
    organisation can't state, and for who does not act for it (`not_acting`).
    """
    ensure_acts_for(person, organisation, Right.CONTRACTS)
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if before := _sent_before(current, key):
        return before
    found = plan(current, report, at, without)
    _ensure_possible(found)
    sent = list(_sent(found, person, report, at, key))
    _change_own(current, person, report, at, sent)
    record(
        "organisation.reported",
        person,
        current,
        kind=report.kind,
        starts_on=report.starts_on,
        requests=[one.number for one in sent],
    )
    return sent


def _contracts_of(organisation: Organisation) -> Iterator[Contract]:
    contracts = Contract.objects.filter(organisation=organisation).select_related(
        "service__provider", "contracted_version__service", "application", "organisation"
    )
    prefetched = contracts.prefetch_related("items", "suspensions", "requests", "particulars", "parties")
    for contract in prefetched.order_by("pk"):
        contract.organisation = organisation
        yield contract


def _planned(contract: Contract, report: Report, at: datetime, books: Rulebooks) -> Planned | str:
    """The request that a report becomes on a contract, or why there is none; empty where nothing is due."""
    if contract.end_kind and (contract.ends_on is None or contract.ends_on < report.starts_on):
        return ""
    if contract.formed_on is None:
        return _("The contract is not formed yet. Report it once it is.")
    version = kind_of(report.kind).governing(contract, at, books)
    data = report.data_for(contract, version, max(report.starts_on, contract.formed_on))
    if data is None:
        return ""
    offer = offer_of(contract, report.kind, at)
    if offer is None:
        return _("Its terms ask for no report of this.")
    return _asked(contract, offer, data, at)


def _asked(contract: Contract, offer: Offer, data: RequestData, at: datetime) -> Planned:
    kind = offer.kind
    try:
        answer = ask(contract, kind, data, at)
    except ValidationError as error:
        return Planned(contract, offer.version, data, None, problem=" ".join(error.messages))
    found = verdict(kind, answer.version, answer.decision, data.wanted_on)
    request = drafted(contract, kind, data, at)
    request.decided = answer.decision
    return Planned(
        contract,
        answer.version,
        data,
        found,
        lines=changed_lines(request),
        notes=tuple(kind_of(kind).notes(offer, answer.decision)),
        problem=found.outcome if found.refused else "",
    )


def _ensure_possible(found: Plan) -> None:
    problems = [f"{one.contract}: {one.problem}" for one in found.planned if one.problem]
    if problems:
        raise ValidationError(
            [ValidationError(problem, code="not_possible") for problem in problems], code="not_possible"
        )


def _sent(found: Plan, person: User, report: Report, at: datetime, key: UUID) -> Iterator[ContractRequest]:
    for one in found.planned:
        keep_stated(one.contract, report.own, japan_date(at))
        yield submit_request(one.contract, person, report.kind, one.data, at, _key_of(key, one.contract))


def _change_own(
    organisation: Organisation, person: User, report: Report, at: datetime, sent: Sequence[ContractRequest]
) -> None:
    """The organisation's own details, which may be as reported already where a contract is not yet."""
    try:
        change_details(organisation, person, report.own, report.starts_on, japan_date(at))
    except ValidationError as error:
        if not sent or getattr(error, "code", "") != "no_change":
            raise


def _sent_before(organisation: Organisation, key: UUID) -> list[ContractRequest]:
    keys = [_key_of(key, one) for one in Contract.objects.filter(organisation=organisation)]
    return list(ContractRequest.objects.filter(submission_key__in=keys).order_by("pk"))


def _key_of(key: UUID, contract: Contract) -> UUID:
    """What tells the request of a report on one contract from a later one."""
    return uuid5(key, contract.number)

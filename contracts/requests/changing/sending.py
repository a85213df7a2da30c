"""The contents of a contract changed in one go: every request that it takes, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.guards import locked_contract
from contracts.models import Contract, ContractRequest
from contracts.requests.changing.bundle import Bundle
from contracts.requests.changing.judging import JudgedLine, Wanted, beside, judge
from contracts.requests.changing.rows import changeable
from contracts.requests.decide import submit_request
from portal.audit.record import record
from portal.organisations.models import User


@dataclass(frozen=True)
class Sending:
    """What is sent; `key` is that of the page it comes from."""

    key: UUID
    wanted: Wanted
    all_or_nothing: bool


@transaction.atomic
def submit_changes(contract: Contract, person: User, sending: Sending, at: datetime) -> list[ContractRequest]:
    """Send all that a change of the contents takes; what is asked for alone is a request like any other.

    The same key gives the requests that are there.

    Each is decided by its own article. ValidationError where nothing would change (`nothing_changes`), where
    one of them can't be asked for or would be refused (`not_possible`), was asked for already, and as for
    `submit_request`; nothing is stored then.
    """
    current = locked_contract(contract)
    if sent := sent_before(current, sending.key):
        return sent
    lines = _judged(current, sending, at)
    several = len(lines) > 1
    requests = []
    for place, line in enumerate(lines):
        bundle = Bundle(
            sending.key,
            sending.all_or_nothing and several,
            beside(line.kind, line.offer, lines[:place]),
        )
        key = bundle.key_of(line.wish.product) if several else sending.key
        requests.append(
            submit_request(
                contract, person, line.kind.key, line.data, at, key, bundle=bundle if several else None
            )
        )
    if several:
        record(
            "request.sent_together",
            person,
            current,
            requests=[one.number for one in requests],
            how="together" if sending.all_or_nothing else "each",
            at=at,
        )
    return requests


def _judged(contract: Contract, sending: Sending, at: datetime) -> list[JudgedLine]:
    """The lines of a change that can be sent as it is."""
    found = changeable(contract, at)
    if found is None:
        raise ValidationError(_("This can't be asked for on this contract now."), code="not_possible")
    try:
        lines = judge(found, sending.wanted)
    except ValueError as error:
        raise ValidationError(
            _("The contract has changed meanwhile; check it once more."), "not_possible"
        ) from error
    if not lines:
        raise ValidationError(_("Nothing would change."), code="nothing_changes")
    for line in lines:
        if not line.possible:
            said = line.problems or [line.verdict.outcome if line.verdict else ""]
            raise ValidationError(f"{line.offered.line.name}: {' '.join(said)}", code="not_possible")
    return lines


def sent_before(contract: Contract, key: UUID) -> list[ContractRequest]:
    """What was sent already from the same page; nothing before that."""
    own = contract.requests.order_by("pk")
    return list(own.filter(sent_together=key)) or list(own.filter(submission_key=key))

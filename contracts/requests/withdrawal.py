"""Taking a request back: while it is undecided, and later where the terms provide for it."""

from datetime import date, datetime
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence import contract_mails as mail
from contracts.deciding.guards import locked_contract
from contracts.lifecycle.items import NewQuantity, set_quantity
from contracts.models import ContractRequest
from contracts.models.request import RequestDecision
from contracts.receipts.received import Received, ensure_asked_by, keep_paper
from contracts.requests.change_contracts import drop_acceptance, rest_follows
from contracts.requests.changing.companions import bound, let_fall
from contracts.requests.kind import Context, settled_on
from contracts.requests.registry import kind_of
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import day_text
from portal.audit.record import record
from portal.organisations.models import User

Status = ContractRequest.Status


@transaction.atomic
def withdraw_request(
    request: ContractRequest, person: User, at: datetime, *, received: Received | None = None
) -> ContractRequest:
    """Take a request back: free while it is undecided; once accepted, where the terms provide for it.

    Staff do what was `received` beside the portal, at the moment of receipt.

    What took effect with its receipt can be taken back until its last day, as long as staff have not seen it.
    While it is undecided, what goes together with it or not at all is taken back with it.

    What was prepared for an accepted change is then charged in one sum that staff enter (a task tells them).
    ValidationError where it was refused, has taken effect, or can't be undone, and for who may not act for
    the contract (`not_acting`, `no_right`).
    """
    contract = locked_contract(request.contract)
    current = ContractRequest.objects.select_for_update().get(pk=request.pk)
    current.contract = contract
    ensure_asked_by(person, contract.organisation, received, current.governing_version, contract.pk)
    kind, context = kind_of(current.kind), Context(at=at, actor=person)
    details: dict[str, Any] = {"number": current.number, "was": current.status}
    details |= keep_paper(current, received)
    together = bound(current) if current.is_open else []
    if not current.is_open:
        kind.undo(current, context)
        drop_acceptance(current)
    elif current.counts_by_itself:
        _ensure_not_begun(current, japan_date(at))
        given_up = _given_up_with_the_end(current) if kind.ends_contract else []
        kind.put_back(current, context)
        for new in given_up:
            set_quantity(contract, new)
    current.status, current.withdrawn_at, current.completed_at = Status.WITHDRAWN, at, None
    current.save()
    rest_follows(current, context)
    mail.request_withdrawn(current.pk)
    record("request.withdrawn", person, contract, at=at, **details)
    for one in together:
        let_fall(one, current, person, at)
    return current


def _given_up_with_the_end(ending: ContractRequest) -> list[NewQuantity]:
    """What the customer gave up of each product, since the end was asked for, with the contract's last day.

    Nothing of that has begun while the contract was to end; it counts once the contract goes on.
    """
    contract = ending.contract
    given_up = {}
    for one in contract.requests.filter(submitted_at__gt=ending.submitted_at).order_by("submitted_at"):
        settled = one.status == Status.ACCEPTED or one.counts_by_itself
        if settled and kind_of(one.kind).gives_up and settled_on(one) == contract.ends_on:
            given_up[one.product] = kind_of(one.kind).new_quantity(one)
    return [new for new in given_up.values() if new]


def has_begun(request: ContractRequest, today: date) -> bool:
    """Whether what counts by its receipt has taken effect by a day."""
    last_day = request.decided.settled_on if request.decided else None
    return request.counts_by_itself and last_day is not None and today > last_day


def _ensure_not_begun(request: ContractRequest, today: date) -> None:
    """ValidationError (code `begun`) once what counts by its receipt has taken effect."""
    if has_begun(request, today):
        last_day = cast(date, cast(RequestDecision, request.decided).settled_on)
        raise ValidationError(
            _("This took effect on %(day)s and can't be taken back any more."),
            code="begun",
            params={"day": day_text(last_day)},
        )

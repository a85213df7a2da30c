"""What customers ask for on a contract: cancellation and changes of products; staff decide, dates follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts import mail
from contracts.formats import day_text
from contracts.models import Contract, ContractRequest, NumberCounter, TermsVersion
from contracts.operations import changes
from contracts.operations.checks import locked_contract, locked_undecided
from contracts.operations.items import end_contract
from contracts.operations.numbers import next_number
from contracts.operations.rulebooks import rulebook_for, version_in_force
from contracts.rules.decision import Decision
from contracts.rules.period import japan_date
from portal.audit.record import record
from portal.organisations.models import User

Kind = ContractRequest.Kind


@dataclass(frozen=True, kw_only=True)
class ChangeData:
    """What the form of a change holds.

    `kind` is a `ContractRequest.Kind` other than cancellation. `quantity` is the new total for `quantity_up`
    and `quantity_down`, what comes in addition for `add_item` and `add_option`, and what goes for `drop_item`
    and `drop_option` (0: all of it).
    """

    kind: str
    product: str
    wanted_on: date
    quantity: int = 0
    user_ids_deleted: bool = False


@transaction.atomic
def request_cancellation(
    contract: Contract, person: User, wanted_on: date | None, at: datetime
) -> ContractRequest:
    """Record a wish to cancel, with the decision of the rules in force on the day of submission.

    Comes back `refused` where the terms refuse it (late, say); otherwise `submitted`, for staff to decide.
    ValidationError where the contract is not formed, ends already, or a cancellation is under way.
    """
    current = locked_contract(contract)
    _ensure_can_end(current)
    version = _governing(current, at)
    decision = rulebook_for(version).cancellation(at, wanted_on)
    request = ContractRequest(
        contract=current,
        terms_version=version,
        kind=Kind.CANCELLATION,
        requested_by=person,
        submitted_at=at,
        wanted_on=wanted_on,
    )
    return _received(request, decision, refused=decision.outcome == "refused")


@transaction.atomic
def request_change(contract: Contract, person: User, data: ChangeData, at: datetime) -> ContractRequest:
    """Record a wish to change a product, with the decision of the rules in force on the day of submission.

    Comes back `refused` or `submitted` as for `request_cancellation`. ValidationError names the field
    (`kind`, `product`, `quantity`, `wanted_on`) of what can't be asked for at all.
    """
    current = locked_contract(contract)
    version = _governing(current, at)
    request = ContractRequest(
        contract=current,
        terms_version=version,
        kind=data.kind,
        requested_by=person,
        submitted_at=at,
        wanted_on=data.wanted_on,
        product=data.product,
        quantity=data.quantity,
        user_ids_deleted=data.user_ids_deleted,
    )
    changes.check(request, version.policy)
    decision = changes.decide(request)
    if decision.effective_on:
        changes.ensure_possible(request, decision.effective_on)
    return _received(request, decision, refused=decision.outcome == "refused")


def _ensure_can_end(contract: Contract) -> None:
    if contract.formed_on is None:
        raise ValidationError(_("The contract is not formed yet."), code="not_formed")
    if contract.ends_on:
        message = _("The contract already ends on %(day)s.")
        raise ValidationError(message, code="ends_already", params={"day": day_text(contract.ends_on)})
    if contract.requests.filter(kind=Kind.CANCELLATION, status=ContractRequest.Status.SUBMITTED).exists():
        raise ValidationError(_("The cancellation was already asked for."), code="asked_already")


def _governing(contract: Contract, at: datetime) -> TermsVersion:
    return version_in_force(contract.service, japan_date(at)) or contract.contracted_version


def _received(request: ContractRequest, decision: Decision, *, refused: bool) -> ContractRequest:
    request.number = next_number(NumberCounter.Kind.REQUEST, japan_date(request.submitted_at))
    request.decision = decision.to_json()
    if refused:
        request.status = ContractRequest.Status.REFUSED
        request.decided_at = request.submitted_at
    request.save()
    record(
        "request.refused_by_terms" if refused else "request.submitted",
        request.requested_by,
        request.contract,
        number=request.number,
        kind=request.kind,
        wanted_on=request.wanted_on,
        product=request.product,
        quantity=request.quantity,
        decision=request.decision,
    )
    told = mail.request_decided if refused else mail.request_received
    transaction.on_commit(partial(told, request.pk))
    return request


@transaction.atomic
def decide_request(request: ContractRequest, staff: User, accept: bool, at: datetime) -> ContractRequest:
    """Accept a request, which then takes effect on the dates of its decision, or refuse it.

    ValidationError when somebody decided before, or when what happened since leaves no room for it: it can
    be refused then.
    """
    contract = locked_contract(request.contract)
    current = locked_undecided(request)
    current.contract = contract
    current.status = ContractRequest.Status.ACCEPTED if accept else ContractRequest.Status.REFUSED
    current.decided_at = at
    current.decided_by = staff
    if accept:
        _take_effect(current)
    current.save()
    record(f"request.{current.status}", staff, contract, number=current.number, at=at)
    transaction.on_commit(partial(mail.request_decided, current.pk))
    return current


def _take_effect(request: ContractRequest) -> None:
    if request.kind != Kind.CANCELLATION:
        changes.take_effect(request)
        return
    if request.contract.ends_on:
        raise ValidationError(_("The contract already ends; refuse this request."), code="ends_already")
    decision: Mapping[str, Any] = request.decision
    end_contract(
        request.contract,
        date.fromisoformat(decision["ends_on"]),
        date.fromisoformat(decision["billed_through_on"]),
        Contract.EndKind.CANCELLED,
    )

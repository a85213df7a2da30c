"""What customers ask for on a running contract: submitted, decided, completed.

What differs from kind to kind (`contracts.requests.kinds`) the kind itself says: what can be asked for, what
the rules say, and how it is carried out.
"""

from dataclasses import replace
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contracts.applications.reviews import ensure_checked
from contracts.correspondence import contract_mails as mail
from contracts.correspondence import letters
from contracts.deciding.agents import agent_deciding, seller_of, told_of_agent
from contracts.deciding.guards import (
    ensure_others_decide,
    field_error,
    locked_contract,
    locked_undecided,
)
from contracts.deciding.numbers import next_number
from contracts.models import (
    Contract,
    ContractRequest,
    IssuedLetter,
    NumberCounter,
    SalesAgent,
)
from contracts.models.request import RequestDecision
from contracts.receipts.received import (
    Received,
    ensure_may_enter,
    ensure_received,
    keep_receipt,
    personal_of_receipt,
    told_of_receipt,
)
from contracts.requests.change_contracts import (
    begin,
    ensure_could_begin,
    keep,
    queue_acceptance,
    rest_follows,
)
from contracts.requests.changing.bundle import Bundle
from contracts.requests.changing.companions import bound, let_fall
from contracts.requests.changing.imagined import contract_with
from contracts.requests.data import RequestData
from contracts.requests.kind import Context
from contracts.requests.rechecks import overriding_reason
from contracts.requests.registry import drafted, judged, kind_of
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.succession import DebtsSaid
from contracts.wording.formats import day_text
from contracts.wording.reasons import NOT_POSSIBLE
from portal.approvals.models import Proposal
from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for, ensure_no_own_cause
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User
from portal.search.indexing import index

Status = ContractRequest.Status


def submit_request(
    contract: Contract,
    person: User,
    kind: str,
    data: RequestData,
    at: datetime,
    submission_key: UUID,
    *,
    monthly_fee: int | None = None,
    received: Received | None = None,
    bundle: Bundle | None = None,
) -> ContractRequest:
    """Record what a customer asks for, with the decision of the rules in force on the day of submission.

    `kind` is the key of a kind, `data` of that kind's class. `monthly_fee`, in yen without tax, is for kinds
    that end the contract: it prices the rest of the minimum term. Without it whoever knows prices is asked
    (`contracts.extensions`). With `received`, staff enter what came beside the portal: `person` is who does,
    and `at` the moment of receipt, by which everything is decided. `bundle` is what it is sent together with.

    Comes back `refused` where the rules refuse it (late, say); otherwise `submitted`, for staff to decide.
    The same `submission_key`, or the same wish on the contract while the first one is open, gives the request
    that is there. ValidationError names the field of `data` that can't be asked for, or says that the person
    may not act for the contract (`not_acting`, `no_right`), and stores nothing; for what was `received` as
    for `ensure_received`, and `ensure_may_enter`. With a `bundle` it objects to the same wish that is open
    (`asked_already`).
    """
    try:
        return _submit(contract, person, kind, data, at, submission_key, monthly_fee, received, bundle)
    except IntegrityError:
        sent_before = _sent_before(contract, submission_key)
        if sent_before is None:
            raise
        return sent_before


@transaction.atomic
def _submit(
    contract: Contract,
    person: User,
    kind: str,
    data: RequestData,
    at: datetime,
    submission_key: UUID,
    monthly_fee: int | None,
    received: Received | None,
    bundle: Bundle | None,
) -> ContractRequest:
    current = locked_contract(contract)
    agent = None
    if received:
        seller = seller_of(current, japan_date(received.entered_at))
        agent = ensure_may_enter(person, current.organisation, current.service, seller)
    else:
        ensure_acts_for(person, current.organisation, Right.CONTRACTS, current.pk)
    sent_before = _sent_before(current, submission_key)
    if sent_before:
        return sent_before
    request = drafted(current, kind, data, at)
    request.requested_by = None if received else person
    request.submission_key = submission_key
    request.content_hash = request.wish_hash()
    same = current.requests.filter(status__in=ContractRequest.OPEN, content_hash=request.content_hash).first()
    if same:
        return same if bundle is None else _asked_already(same)
    if received:
        ensure_received(received, request.governing_version, kind)
        _ensure_after_formation(current, at)
    if bundle:
        request.sent_together, request.all_or_nothing = bundle.key, bundle.all_or_nothing
    asked = drafted(contract_with(current, bundle.beside), kind, data, at) if bundle else request
    decision, context = judged(asked, monthly_fee)
    return _received(request, decision, context, received, agent)


def _asked_already(same: ContractRequest) -> NoReturn:
    message = _("This was asked for already: %(number)s. It waits for a decision.")
    raise ValidationError(message, "asked_already", {"number": same.number})


def _sent_before(contract: Contract, submission_key: UUID) -> ContractRequest | None:
    return ContractRequest.objects.filter(submission_key=submission_key, contract=contract).first()


def _ensure_after_formation(contract: Contract, received_at: datetime) -> None:
    """ValidationError (`at`) for what is said to have come before there was the contract."""
    if contract.formed_on and japan_date(received_at) < contract.formed_on:
        message = _("The contract was formed on %(day)s; nothing about it can have come before.")
        raise field_error("at", message % {"day": day_text(contract.formed_on)}, "before_formation")


def _received(
    request: ContractRequest,
    decision: RequestDecision,
    context: Context,
    received: Received | None,
    agent: SalesAgent | None,
) -> ContractRequest:
    """Store a request, and what follows from its receipt.

    Letters and entries bear the moment at which that happens; what was received before is decided by then.
    """
    refused = decision.outcome == "refused"
    stored_at = received.entered_at if received else request.submitted_at
    context = replace(context, at=stored_at)
    request.number = next_number(NumberCounter.Kind.REQUEST, japan_date(stored_at))
    request.decided = kind_of(request.kind).completed(request, decision, context)
    request.proof_wanted = not refused and request.rule.proof == "required"
    if refused:
        request.status = Status.REFUSED
        request.decided_at = stored_at
    request.save()
    index(request)
    if received:
        keep_receipt(request, received, request.kind, agent)
    if not refused and request.governing_version.policy.effect_of(request.kind):
        request.replaced = kind_of(request.kind).take_effect_at_receipt(request, context)
        request.save(update_fields=["replaced"])
        rest_follows(request, context)
    if refused:
        letters.on_request(request, IssuedLetter.Kind.REFUSAL, stored_at)
    elif kind_of(request.kind).ends_contract:
        letters.on_request(request, IssuedLetter.Kind.CANCELLATION_RECEIPT, stored_at)
    mail.request_received(request.pk)
    record(
        "request.entered" if received else "request.submitted",
        received.staff if received else request.requested_by,
        request.contract,
        number=request.number,
        kind=request.kind,
        wanted_on=request.wanted_on,
        product=request.product,
        quantity=request.quantity,
        outcome=decision.outcome,
        at=request.submitted_at,
        **(told_of_receipt(received) if received else {}),
        **told_of_agent(agent),
        personal={"details": request.payload, **(personal_of_receipt(received) if received else {})},
    )
    return request


@transaction.atomic
def accept_request(
    request: ContractRequest,
    staff: User,
    at: datetime,
    *,
    override_reason: str = "",
    successor: Organisation | None = None,
    representative: int | None = None,
    takes_debts: DebtsSaid | None = None,
    approval: Proposal | None = None,
) -> ContractRequest:
    """Accept a request, which then takes effect on the dates of its decision.

    Conditions and deadline are checked again, with what happened since. With `override_reason`, and the
    approval of a second person who may do that, one is accepted whose deadline has moved before its receipt,
    by a closure entered since, say. A change that waits for the notice of its completion takes effect with
    `complete_request`, one that the e-mail of its acceptance forms once the mail server took that.

    For a succession, `successor` is the organisation in the portal that takes the customer's place (None: a
    new one), and `representative` the place of the one whom the provider picks where none was named;
    `takes_debts` is whether the contract's open debts pass, where that follows neither from the terms nor
    from the law; those that a document names are chosen afterwards.

    Where the terms leave it to the sales agent, who acts for it decides as staff do.
    What goes together with it or not at all is accepted with it, in the order in which it was sent.

    ValidationError when somebody decided before (code `already_decided`), for who asked for it
    (`own_request`), where a document or a check is missing (`documents_missing`, `checks_missing`), or what
    happened since leaves no room for it (`conditions_changed`, `late_now` on `override_reason`,
    `second_person`), and as for `agent_deciding`.
    """
    locked_contract(request.contract)
    context = Context(
        at=at,
        actor=staff,
        successor=successor,
        representative=representative,
        takes_debts=takes_debts,
    )
    together = bound(request)
    for one in together:
        if one.pk < request.pk:
            _accept_beside(one, staff, at)
    accepted = _accept(request, staff, context, override_reason, approval)
    for one in together:
        if one.pk > request.pk:
            _accept_beside(one, staff, at)
    return accepted


def _accept_beside(request: ContractRequest, staff: User, at: datetime) -> None:
    """Accept what goes together with another request; what stands against it bears its number."""
    try:
        _accept(request, staff, Context(at=at, actor=staff))
    except ValidationError as error:
        raise ValidationError(f"{request.number}: {' '.join(error.messages)}", "together") from error


def _accept(
    request: ContractRequest,
    staff: User,
    context: Context,
    override_reason: str = "",
    approval: Proposal | None = None,
) -> ContractRequest:
    at, successor = context.at, context.successor
    contract = locked_contract(request.contract)
    current = locked_undecided(request)
    ensure_others_decide(staff, current)
    current.decided_for = agent = agent_deciding(staff, current, at)
    if successor:
        ensure_no_own_cause(staff, successor)
    current.contract = contract
    kind = kind_of(current.kind)
    if current.counts_by_itself:
        return _acknowledged(current, staff, at)
    _ensure_complete(current)
    overridden = overriding_reason(current, override_reason.strip(), approval)
    current.status, current.decided_at, current.decided_by = Status.ACCEPTED, at, staff
    current.decided = kind.as_things_are(current, context)
    if current.waits_for_formation:
        current.save()
        ensure_could_begin(current, context)
        queue_acceptance(current, at)
    else:
        if not current.waits_for_completion:
            begin(current, context)
        current.save()
        rest_follows(current, context)
        if not kind.ends_contract:
            letters.on_request(current, IssuedLetter.Kind.ACCEPTANCE, at)
        mail.request_decided(current.pk)
    record(
        "request.accepted",
        staff,
        contract,
        number=current.number,
        kind=current.kind,
        at=at,
        **told_of_agent(agent),
        personal={"override_reason": overridden},
    )
    return current


def _acknowledged(request: ContractRequest, staff: User, at: datetime) -> ContractRequest:
    """Note that staff have seen what took effect with its receipt; nothing else is asked, or changes."""
    request.status, request.decided_at, request.decided_by = Status.ACCEPTED, at, staff
    request.replaced = {}
    request.save()
    mail.request_decided(request.pk)
    record(
        "request.accepted",
        staff,
        request.contract,
        number=request.number,
        kind=request.kind,
        at=at,
        **told_of_agent(request.decided_for),
        personal={"override_reason": ""},
    )
    return request


def _ensure_complete(request: ContractRequest) -> None:
    if request.waits_for_documents:
        raise ValidationError(_("The document that proves it is missing."), code="documents_missing")
    ensure_checked(request)


@transaction.atomic
def complete_request(request: ContractRequest, staff: User, at: datetime) -> ContractRequest:
    """Issue the notice of completion (設定完了通知): the accepted change can be used from its day on.

    ValidationError where the request does not wait for it, or no longer fits the contract, and for who asked
    for it (`own_request`).
    """
    contract = locked_contract(request.contract)
    current = ContractRequest.objects.select_for_update().get(pk=request.pk)
    ensure_others_decide(staff, current)
    if not current.waits_for_completion:
        raise ValidationError(_("This request doesn't wait for a completion."), code="not_waiting")
    current.contract = contract
    kind, context = kind_of(current.kind), Context(at=at, actor=staff)
    kind.check_again(current)
    decision = kind.decide(current, japan_date(at))
    if decision.outcome == "refused":
        raise ValidationError(
            _("What the contract contains has changed, and the request no longer fits; refuse it."),
            code="conditions_changed",
        )
    keep(current, kind.completed(current, decision, context), "completion.begins", japan_date(at))
    current.completed_at = at
    kind.take_effect(current, context)
    current.save()
    rest_follows(current, context)
    letters.on_request(current, IssuedLetter.Kind.COMPLETION, at)
    mail.request_completed(current.pk)
    record("request.completed", staff, contract, number=current.number, kind=current.kind, at=at)
    return current


@transaction.atomic
def refuse_request(
    request: ContractRequest, staff: User, reason_key: str, note: str, at: datetime
) -> ContractRequest:
    """Refuse a request for a reason that the terms list for its kind, and tell the customer.

    `reasons.NOT_POSSIBLE` is for what happened since and leaves no room for it. What goes together with it or
    not at all is refused with it, or put back.

    ValidationError names `refusal_reason`, says who was first, that staff asked for it themselves
    (`own_request`), or that it counts by its receipt (`counts_by_itself`), and as for `agent_deciding`.
    """
    contract = locked_contract(request.contract)
    current = locked_undecided(request)
    ensure_others_decide(staff, current)
    current.decided_for = agent = agent_deciding(staff, current, at, refusing=True)
    if current.counts_by_itself:
        raise ValidationError(
            _("By the terms this request counts by its receipt; it can't be refused. Acknowledge it."),
            code="counts_by_itself",
        )
    listed = {reason.key for reason in current.governing_version.policy.refusals_of(current.kind)}
    if reason_key not in {*listed, NOT_POSSIBLE}:
        raise field_error("refusal_reason", _("Choose a reason that the terms list."), "unknown_reason")
    current.contract = contract
    current.refusal_reason, current.refusal_note = reason_key, note.strip()
    current.status, current.decided_at, current.decided_by = Status.REFUSED, at, staff
    current.save()
    letters.on_request(current, IssuedLetter.Kind.REFUSAL, at)
    mail.request_decided(current.pk)
    record(
        "request.refused",
        staff,
        contract,
        number=current.number,
        reason=reason_key,
        at=at,
        **told_of_agent(agent),
        personal={"note": note.strip()},
    )
    for one in bound(current):
        let_fall(one, current, staff, at)
    return current

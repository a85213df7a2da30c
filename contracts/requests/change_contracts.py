"""Changes that a contract of their own makes: formed at the moment at which the acceptance's e-mail is sent.

How accepted requests begin, whatever lets them, is here too.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.correspondence import contract_mails, letters, sending
from contracts.correspondence.acceptance_letters import ensure_day_lasts, ensure_stated_day, file_of
from contracts.correspondence.addressees import next_address
from contracts.deciding.guards import locked_contract
from contracts.lifecycle.claims import ask_for_costs
from contracts.lifecycle.minimum_terms.rest_again import reckon_rest_again
from contracts.lifecycle.tasks import ask_to_post
from contracts.models import Contract, ContractRequest, IssuedLetter
from contracts.models.request import CHANGE_ACCEPTED, RequestDecision
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.kind import Context, Kind
from contracts.requests.registry import kind_of
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import step
from contracts.rules.life.change import Change
from portal.audit.record import record
from portal.outbox import delivery
from portal.outbox import kinds as mails
from portal.outbox.attachments import attachments_of
from portal.outbox.models import Mail
from portal.outbox.queue import drop, enqueue


def begin(request: ContractRequest, context: Context) -> None:
    """Let an accepted request take effect, no earlier than on the day of that where the terms say so.

    ValidationError (`conditions_changed`, or the kind's own) where nothing leaves room for it any more.
    """
    kind = kind_of(request.kind)
    if request.rule.not_before_acceptance:
        begin_no_earlier(request, kind, context, japan_date(context.at), "acceptance.begins")
    kind.take_effect(request, context)


def begin_no_earlier(
    request: ContractRequest, kind: Kind[Any], context: Context, day: date, step_key: str
) -> None:
    """Decide again for a day where the request would begin before it."""
    decided = request.decided
    if not isinstance(decided, Change) or decided.effective_on is None or decided.effective_on >= day:
        return
    decision = kind.decide(request, day)
    if decision.outcome == "refused":
        raise ValidationError(
            _("It can no longer begin on that day; refuse the request."), code="conditions_changed"
        )
    keep(request, kind.completed(request, decision, context), step_key, day)


def keep(request: ContractRequest, decision: RequestDecision, step_key: str, day: date) -> None:
    """Have a request keep a decision on which it begins on a day, with the step that says why."""
    request.decided = replace(decision, steps=(*decision.steps, step(request.rule, step_key, day)))


def rest_follows(request: ContractRequest, context: Context) -> None:
    """An end that is settled costs what is left of the minimum term as the contract is by now."""
    reckon_rest_again(Contract.objects.filter(pk=request.contract_id), context.at)


def ensure_could_begin(request: ContractRequest, context: Context) -> None:
    """ValidationError as for `begin`, which is tried and taken back."""
    with transaction.atomic():
        begin(ContractRequest.objects.get(pk=request.pk), context)
        transaction.set_rollback(True)


def queue_acceptance(request: ContractRequest, at: datetime) -> None:
    """Put the acceptance of a change into the outbox; it takes effect once the mail server took that.

    Its letter has its number from now on. Runs inside the caller's transaction.
    """
    _queue(request, contract_mails.told_of_change(request)[0], letters.acceptance_number(at))


def _queue(request: ContractRequest, address: str, number: str, *, key: str = "") -> None:
    contract = request.contract
    language = contract.application.language
    enqueue(
        CHANGE_ACCEPTED,
        request.pk,
        address,
        sending.sender_of(contract.service.provider, language),
        key=key or _key(request),
        number=request.number,
        organisation=contract.organisation,
        language=language,
        data={"letter": number},
    )


def _key(request: ContractRequest) -> str:
    return f"{CHANGE_ACCEPTED}:{request.pk}"


def acceptance_mail(request: ContractRequest) -> Mail | None:
    """The e-mail that forms the change, as it is sent or was sent first; None where there is none."""
    return Mail.objects.filter(key=_key(request)).first()


def drop_acceptance(request: ContractRequest) -> None:
    """Let the acceptance of a change that came to nothing never go out, unless it has."""
    drop(Mail.objects.filter(kind=CHANGE_ACCEPTED, about=request.pk).exclude(interrupted_at__isnull=False))


def deliver_acceptance(request: ContractRequest, at: datetime) -> None:
    """Store that the acceptance went out at a moment, without giving it to a mail server."""
    mail = acceptance_mail(request)
    if mail:
        delivery.deliver(mail, at)


def _request_of(mail: Mail) -> ContractRequest:
    return ContractRequest.objects.select_related(
        "contract__application__service__provider", "contract__organisation", "terms_version__service"
    ).get(pk=mail.about)


def _written(mail: Mail, at: datetime) -> mails.Written:
    """The acceptance as it goes out at a moment, with its letter: the same ever after, once it went out."""
    request = _request_of(mail)
    issued = request.letters.filter(kind=IssuedLetter.Kind.ACCEPTANCE).first()
    if issued:
        return mails.Written(*contract_mails.change_accepted_text(request), (letters.kept(issued),))
    ensure_day_lasts(at)
    _let_it_begin(request, at)
    letter = letters.drafted_on_request(request, IssuedLetter.Kind.ACCEPTANCE, at, mail.data["letter"])
    data = {"letter": letter.number, "document": letter.document}
    return mails.Written(*contract_mails.change_accepted_text(request), (file_of(mail, letter),), data)


def _let_it_begin(request: ContractRequest, at: datetime) -> None:
    """State the days of a change whose acceptance goes out at a moment."""
    context = _context(request, at)
    ensure_could_begin(request, context)
    if request.rule.not_before_acceptance:
        begin_no_earlier(request, kind_of(request.kind), context, japan_date(at), "acceptance.begins")


def _foreseen(mail: Mail, at: datetime) -> mails.Foreseen:
    request = _request_of(mail)
    _let_it_begin(request, at)
    letter = letters.drafted_on_request(request, IssuedLetter.Kind.ACCEPTANCE, at, mail.data["letter"])
    return mails.Foreseen(*contract_mails.change_accepted_text(request), (letter,))


def _context(request: ContractRequest, at: datetime) -> Context:
    return Context(at=at, actor=request.decided_by)


def _taken(mail: Mail, at: datetime) -> None:
    """Form the change at a moment, unless it was before; others are told with the same letter.

    What was withdrawn meanwhile does not take effect; where that came after the moment, it costs what
    the terms let the provider charge.
    """
    contract = locked_contract(_request_of(mail).contract)
    request = ContractRequest.objects.select_for_update().get(pk=mail.about)
    if request.formed_at:
        return
    request.contract, request.formed_at = contract, at
    letter = ""
    if request.status == request.Status.ACCEPTED:
        letter = _form(request, mail, at)
    elif request.withdrawn_at and at < request.withdrawn_at:
        _charge_what_was_withdrawn(request, request.withdrawn_at)
    request.save()
    record("request.formed", None, contract, number=request.number, formed_at=at, letter=letter)


def _form(request: ContractRequest, mail: Mail, at: datetime) -> str:
    """Let the change take effect, and issue the letter that went out; gives its number."""
    contract, context = request.contract, _context(request, at)
    begin(request, context)
    decision = request.decided
    if decision:
        keep(request, decision, "change.formed", japan_date(at))
    request.save()
    rest_follows(request, context)
    document, pdf = mail.data["document"], attachments_of(mail)[0]
    letter = letters.issued_acceptance(contract, document, pdf, at, request=request).number
    for address in contract_mails.told_of_change(request):
        if address != mail.address:
            _queue(request, address, letter, key=f"{_key(request)}:{address}")
    ask_to_post(contract, request.governing_version, letter, at)
    return letter


def _charge_what_was_withdrawn(request: ContractRequest, withdrawn_at: datetime) -> None:
    rules = rulebook_for(request.governing_version)
    costs = rules.withdrawal_of_change(request.kind, japan_date(withdrawn_at), accepted=True)
    ask_for_costs(request.contract, costs, request.terms_version, withdrawn_at, request=request)


def _check_day(mail: Mail, at: datetime) -> None:
    """ValidationError (`at`) for another day than the one that the letter states which forms the change."""
    if _request_of(mail).waits_for_formation:
        ensure_stated_day(mail, at)


def _is_over(mail: Mail) -> bool:
    """Whether the change was withdrawn, or the contract ended before it was formed."""
    request = _request_of(mail)
    if request.status != request.Status.ACCEPTED:
        return True
    ended_on = request.contract.ends_on
    return request.formed_at is None and ended_on is not None and ended_on < localdate()


CHANGE_ACCEPTANCE = mails.Kind(
    key=CHANGE_ACCEPTED,
    label=gettext_lazy("Acceptance of a change"),
    model="contracts.contractrequest",
    write=_written,
    taken=_taken,
    address=lambda mail: next_address(mail, contract_mails.told_of_change(_request_of(mail))),
    is_over=_is_over,
    check_moment=_check_day,
    foresee=_foreseen,
)

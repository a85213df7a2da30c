"""The acceptance and its e-mail: some terms form the contract at the moment at which that is sent."""

from dataclasses import replace
from datetime import datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.applications.formation import store_formation, update_formation
from contracts.applications.judging import judge_withdrawal
from contracts.correspondence import application_mails, letters, sending
from contracts.correspondence.acceptance_letters import (
    ensure_day_lasts,
    ensure_stated_day,
    file_of,
    stated_day,
)
from contracts.correspondence.addressees import next_address, told_of_acceptance
from contracts.deciding.guards import locked_contract
from contracts.lifecycle.claims import ask_for_costs
from contracts.lifecycle.items import end_contract
from contracts.lifecycle.tasks import ask_to_post
from contracts.models import Contract, IssuedLetter
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.formation import Formation
from portal.audit.record import record
from portal.organisations.models import User
from portal.outbox import delivery, settling
from portal.outbox.attachments import attachments_of
from portal.outbox.kinds import Foreseen, Kind, Written
from portal.outbox.models import Mail
from portal.outbox.queue import drop, enqueue

ACCEPTED = "application_accepted"


def queue_acceptance(contract: Contract, at: datetime) -> Mail:
    """Put the acceptance of a contract into the outbox: one, however often that is asked for.

    Its letter has its number from now on; what it states depends on when it goes out. Runs inside the
    caller's transaction.
    """
    found = acceptance_mail(contract)
    return found or _queue(contract, _recipients(contract)[0], letters.acceptance_number(at))


def acceptance_mail(contract: Contract) -> Mail | None:
    """The e-mail that brings the acceptance, as it is sent or was sent first; None before it is queued."""
    return Mail.objects.filter(key=_key(contract)).first()


def _key(contract: Contract) -> str:
    return f"{ACCEPTED}:{contract.pk}"


def _recipients(contract: Contract) -> list[str]:
    return told_of_acceptance(contract) or [contract.organisation.invoice_email]


def _queue(contract: Contract, address: str, number: str, *, key: str = "") -> Mail:
    application = contract.application
    return enqueue(
        ACCEPTED,
        contract.pk,
        address,
        sending.sender_of(contract.service.provider, application.language),
        key=key or _key(contract),
        number=contract.number,
        organisation=contract.organisation,
        language=application.language,
        data={"letter": number},
    )


def can_send_acceptance(contract: Contract) -> bool:
    """Whether staff may send it: it did not go out, and is not about to."""
    if contract.accepted_at is None or contract.acceptance_sent_at or contract.ends_on:
        return False
    mail = acceptance_mail(contract)
    return mail is None or mail.state in settling.UNSENT


@transaction.atomic
def send_acceptance(contract: Contract, staff: User, at: datetime) -> Mail:
    """Send the acceptance of an accepted application that was refused, interrupted, or never put out.

    ValidationError when it is not accepted, is being sent, or was sent already, and where the contract came
    to nothing or ends. HeldBackError.
    """
    current = locked_contract(contract)
    if current.accepted_at is None:
        raise ValidationError(_("Accept the application first."), code="not_accepted")
    if current.acceptance_sent_at:
        raise ValidationError(_("The acceptance was already sent."), code="already_sent")
    if current.ends_on:
        raise ValidationError(_("The contract came to nothing, or ends."), code="ended")
    mail = acceptance_mail(current)
    if mail is None:
        return queue_acceptance(current, at)
    if mail.state not in settling.UNSENT:
        raise ValidationError(_("The acceptance is being sent."), code="being_sent")
    return settling.send_again(mail, staff, at)


def drop_acceptance(contract: Contract) -> None:
    """Let the acceptance of a contract that came to nothing never go out, unless it has.

    Of one that was interrupted it stays open whether it went out before: staff say so, or leave it.
    """
    drop(Mail.objects.filter(kind=ACCEPTED, about=contract.pk).exclude(interrupted_at__isnull=False))


def deliver_acceptance(contract: Contract, at: datetime) -> None:
    """Store that the acceptance went out at a moment, without giving it to a mail server."""
    mail = acceptance_mail(contract)
    if mail:
        delivery.deliver(mail, at)


def _written(mail: Mail, at: datetime) -> Written:
    """The acceptance as it goes out at a moment, with its letter: the same ever after, once it went out.

    Just before midnight it waits for the next day.
    """
    contract = Contract.objects.select_related("contracted_version__service", "organisation").get(
        pk=mail.about
    )
    issued = contract.letters.filter(kind=IssuedLetter.Kind.ACCEPTANCE, request__isnull=True).first()
    if issued:
        return Written(
            *application_mails.acceptance_text(contract, contract.decided_formation), (letters.kept(issued),)
        )
    ensure_day_lasts(at)
    formation = _formed_by_it(contract, at)
    letter = letters.drafted_acceptance(contract, formation, mail.data["letter"], at)
    data = {"letter": letter.number, "document": letter.document}
    return Written(*application_mails.acceptance_text(contract, formation), (file_of(mail, letter),), data)


def _formed_by_it(contract: Contract, at: datetime) -> Formation:
    """The formation of a contract whose acceptance is sent at a moment."""
    facts = replace(contract.facts, acceptance_sent_at=at)
    return rulebook_for(contract.formation_version).formation(facts)


def _foreseen(mail: Mail, at: datetime) -> Foreseen:
    contract = Contract.objects.select_related("contracted_version__service", "organisation").get(
        pk=mail.about
    )
    formation = _formed_by_it(contract, at)
    letter = letters.drafted_acceptance(contract, formation, mail.data["letter"], at)
    return Foreseen(*application_mails.acceptance_text(contract, formation), (letter,))


def _taken(mail: Mail, at: datetime) -> None:
    """Let the acceptance be sent at a moment, unless it was before; others are told with the same letter.

    A contract that was withdrawn meanwhile is formed where the acceptance went out before that. Of one that
    was ended otherwise, or withdrawn before, the moment alone is stored.
    """
    contract = locked_contract(Contract(pk=mail.about))
    if contract.acceptance_sent_at:
        return
    contract.acceptance_sent_at = at
    if not contract.ends_on:
        update_formation(contract)
    elif _was_withdrawn_after(contract, at):
        _form_what_was_withdrawn(contract)
    else:
        contract.save(update_fields=["acceptance_sent_at"])
    letter = _issued(contract, mail, at)
    if not contract.ends_on:
        ask_to_post(contract, contract.formation_version, letter, at)
        for address in _recipients(contract)[1:]:
            _queue(contract, address, letter, key=f"{_key(contract)}:{address}")
    record("contract.acceptance_sent", None, contract, sent_at=at, letter=letter)


def _was_withdrawn(contract: Contract) -> bool:
    return contract.end_kind == Contract.EndKind.WITHDRAWN


def _was_withdrawn_after(contract: Contract, at: datetime) -> bool:
    withdrawn_at = contract.application.decided_at
    return _was_withdrawn(contract) and withdrawn_at is not None and at < withdrawn_at


def _form_what_was_withdrawn(contract: Contract) -> None:
    """Form a contract whose acceptance went out before its withdrawal, which then ends it.

    What the withdrawal costs, now that it came after formation, staff get to enter. The portal took the
    withdrawal: it stands, even where service would have started by then.
    """
    application = contract.application
    withdrawn_at = cast(datetime, application.decided_at)
    store_formation(contract)
    end_contract(contract, japan_date(withdrawn_at), None, Contract.EndKind.WITHDRAWN)
    ask_for_costs(
        contract, judge_withdrawal(application, withdrawn_at), application.terms_version, withdrawn_at
    )


def _issued(contract: Contract, mail: Mail, at: datetime) -> str:
    """Issue the letter that went out; gives its number.

    Of a contract that was withdrawn the letter may be that of a later try, or be lost with a restore: what is
    not of the day is not issued.
    """
    if _was_withdrawn(contract) and stated_day(mail) != japan_date(at):
        return ""
    return letters.issued_acceptance(contract, mail.data["document"], attachments_of(mail)[0], at).number


def _check_day(mail: Mail, at: datetime) -> None:
    """ValidationError (`at`) for another day than the one that the letter states which forms the contract.

    What was withdrawn is not sent again: of that the moment is taken as it is.
    """
    contract = Contract.objects.get(pk=mail.about)
    if contract.acceptance_sent_at or _was_withdrawn(contract):
        return
    ensure_stated_day(mail, at)


def _is_over(mail: Mail) -> bool:
    """Whether the contract was withdrawn, or ended before its acceptance went out."""
    contract = Contract.objects.get(pk=mail.about)
    if contract.end_kind == Contract.EndKind.WITHDRAWN:
        return True
    return contract.ends_on is not None and contract.acceptance_sent_at is None


ACCEPTANCE = Kind(
    key=ACCEPTED,
    label=gettext_lazy("Acceptance of an application"),
    model="contracts.contract",
    write=_written,
    taken=_taken,
    address=lambda mail: next_address(mail, _recipients(Contract.objects.get(pk=mail.about))),
    is_over=_is_over,
    check_moment=_check_day,
    foresee=_foreseen,
)

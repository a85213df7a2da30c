"""Sending the acceptance: some terms form the contract at the moment the mail is sent."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contracts.applications.formation import update_formation
from contracts.correspondence import application_mails as mail
from contracts.correspondence import letters
from contracts.guards import locked_contract
from contracts.models import Contract, IssuedLetter
from contracts.policies.rulebooks import rulebook_for
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.kept_files import StorageError
from portal.organisations.models import User

Clock = Callable[[], datetime]
now: Clock = timezone.now

_log = logging.getLogger(__name__)


def send_acceptance(contract: Contract, staff: User, *, clock: Clock = now) -> Contract:
    """Send the acceptance mail of an accepted application whose sending failed before.

    ValidationError when it is not accepted, was sent already, or when the mail server refuses again.
    HeldBackError.
    """
    ensure_free()
    current = Contract.objects.get(pk=contract.pk)
    if current.accepted_at is None:
        raise ValidationError(_("Accept the application first."), code="not_accepted")
    if current.acceptance_sent_at:
        raise ValidationError(_("The acceptance was already sent."), code="already_sent")
    if not _send(current, staff, clock):
        raise ValidationError(
            _("The mail server did not take the acceptance. Please try again later."), code="not_sent"
        )
    current.refresh_from_db()
    return current


def send_first_acceptance(contract_pk: int, clock: Clock) -> None:
    """Send the acceptance right after it was decided; a failure leaves it to staff to send again."""
    _send(Contract.objects.get(pk=contract_pk), None, clock)


def _send(contract: Contract, staff: User | None, clock: Clock) -> bool:
    sent_at = clock()
    facts = replace(contract.facts, acceptance_sent_at=sent_at)
    decision = rulebook_for(contract.formation_version).formation(facts)
    letter = letters.drafted_acceptance(contract, decision, sent_at)
    attachment = letters.attachment(letter)
    sent = mail.application_accepted(contract, decision, attachment)
    if sent:
        _record_sent(contract, staff, sent_at, letter)
        if letter.pk:
            _keep(letter, attachment[1])
    return sent


def _keep(letter: IssuedLetter, pdf: bytes) -> None:
    """Store the PDF that went out. Where that can't be done now, it is made again when it is asked for."""
    try:
        letters.keep(letter, pdf)
    except StorageError:
        _log.warning("The PDF of letter %s could not be stored", letter.number, exc_info=True)


@transaction.atomic
def _record_sent(contract: Contract, staff: User | None, sent_at: datetime, letter: IssuedLetter) -> None:
    current = locked_contract(contract)
    if current.acceptance_sent_at:
        return
    current.acceptance_sent_at = sent_at
    update_formation(current)
    letter.save()
    record("contract.acceptance_sent", staff, current, sent_at=sent_at)

"""E-mails that bring customers the letters about their deposits: one for each letter."""

import logging

from django.db import transaction
from django.utils.timezone import localdate

from billing.correspondence.letters import email_on
from billing.correspondence.mail import deposit_mail
from billing.correspondence.mail_ledger import hand_over_each, put_back
from billing.models import DepositLetter, DepositMail
from billing.models.mail import MailQuerySet
from portal.audit.record import record
from portal.installation.holding import HeldBackError
from portal.organisations.models import User

_log = logging.getLogger(__name__)


def queue_deposit_mail(letter: DepositLetter) -> None:
    """Put the e-mail of a new letter into the ledger; it goes out once the letter is stored."""
    contract = letter.deposit.contract
    mail = DepositMail.objects.create(
        letter=letter,
        address=email_on(contract, localdate()),
        language=contract.application.language,
    )
    transaction.on_commit(lambda: send_deposit_mails(DepositMail.objects.filter(pk=mail.pk)))


def deposit_mails_to_send() -> MailQuerySet:
    """Those that nobody has begun to hand over."""
    return DepositMail.objects.unclaimed()


def send_deposit_mails(mails: MailQuerySet) -> None:
    """Hand over those that wait; where the mail server can't be reached, they wait on.

    So they do while the installation is held back.
    """
    waiting = mails.unclaimed().select_related("letter__deposit__contract", "letter__provider")
    try:
        hand_over_each(waiting, deposit_mail)
    except (OSError, HeldBackError):
        _log.exception("E-mails about deposits could not be handed over; they wait.")


@transaction.atomic
def send_deposit_mail_again(mail: DepositMail, staff: User) -> None:
    """Put an e-mail that was interrupted or refused back among those that wait, to the address of now.

    Raises ValidationError for another e-mail.
    """
    current = DepositMail.objects.select_for_update(of=("self",)).select_related(
        "letter__deposit__contract__organisation"
    )
    found = current.get(pk=mail.pk)
    contract = found.letter.deposit.contract
    put_back(found, _address_of_now(found.letter))
    record(
        "deposit_mail.again",
        staff,
        contract,
        deposit=found.letter.deposit_id,
        kind=found.letter.kind,
        personal={"address": found.address},
    )


def _address_of_now(letter: DepositLetter) -> str:
    """Where invoices go; for who is no longer the customer of the contract, its own address."""
    contract = letter.deposit.contract
    if contract.organisation_id != letter.organisation_id:
        return letter.organisation.invoice_email
    return email_on(contract, localdate())

"""E-mails that bring customers the letters about their deposits: one for each letter."""

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from billing.correspondence.letters import addressee_in, email_on
from billing.correspondence.mail import written_deposit
from billing.models import DepositLetter
from contracts.correspondence.sending import sender_of
from portal.outbox.kinds import Kind
from portal.outbox.models import Mail
from portal.outbox.queue import enqueue

DEPOSIT = "deposit"


def queue_deposit_mail(letter: DepositLetter) -> Mail:
    """Put the e-mail of a new letter into the outbox. Runs inside the caller's transaction."""
    contract = letter.deposit.contract
    language = contract.application.language
    return enqueue(
        DEPOSIT,
        letter.pk,
        email_on(contract, localdate()),
        sender_of(letter.provider, language),
        key=f"{DEPOSIT}:{letter.pk}",
        number=contract.number,
        organisation=letter.organisation,
        language=language,
    )


def deposit_mail(letter: DepositLetter) -> Mail | None:
    """The newest e-mail of a letter; letters from before there was a ledger have none."""
    return Mail.objects.filter(kind=DEPOSIT, about=letter.pk).first()


def _address_of_now(mail: Mail) -> str:
    """Where invoices go; for who is no longer the customer of the contract, its own address."""
    related = ("deposit__contract__organisation", "organisation")
    letter = DepositLetter.objects.select_related(*related).get(pk=mail.about)
    contract = letter.deposit.contract
    if contract.organisation_id != letter.organisation.standing_id:
        return letter.organisation.invoice_email
    return email_on(contract, localdate())


DEPOSITS = Kind(
    key=DEPOSIT,
    label=_("Letter about a deposit"),
    model="billing.depositletter",
    write=written_deposit,
    address=_address_of_now,
    addressee=lambda mail: addressee_in(DepositLetter.objects.get(pk=mail.about).document),
)

"""E-mails about set-offs that customers declare: that one arrived, and how it was answered."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, override

from billing.correspondence.letters import issuer_on
from billing.models import SetOffDeclaration
from contracts.correspondence.addressees import told_as_party
from contracts.correspondence.sending import sender_of
from contracts.wording.formats import moment_text, yen_text
from portal.organisations.company.concerned import Topic
from portal.outbox.kinds import Kind
from portal.outbox.queue import enqueue

SET_OFF_DECLARATION = "set_off_declaration"

_SUBJECTS = {
    SetOffDeclaration.State.SUBMITTED: gettext_noop("We received your declaration of a set-off (%(number)s)"),
    SetOffDeclaration.State.BOOKED: gettext_noop("Your set-off is booked (%(number)s)"),
    SetOffDeclaration.State.REFUSED: gettext_noop("Your set-off could not be booked (%(number)s)"),
}


def tell_of_declaration(declaration: SetOffDeclaration) -> None:
    """Put the e-mails about a declaration as it stands into the outbox, in the caller's transaction."""
    invoice = declaration.invoice
    language = invoice.contract.application.language
    with override(language):
        subject = _(_SUBJECTS[SetOffDeclaration.State(declaration.state)]) % {"number": invoice.number}
        text = render_to_string("billing/email/set_off_declaration.txt", _values(declaration))
    for address in told_as_party(invoice.contract, declaration.organisation, Topic.BILLING):
        enqueue(
            SET_OFF_DECLARATION,
            declaration.pk,
            address,
            sender_of(declaration.provider, language),
            key=f"{SET_OFF_DECLARATION}:{declaration.pk}:{declaration.state}:{address}",
            number=invoice.number,
            organisation=declaration.organisation,
            language=language,
            subject=subject,
            text=text.strip() + "\n",
        )


def _values(declaration: SetOffDeclaration) -> dict[str, object]:
    address = reverse("billing:invoice-set-offs", args=[declaration.invoice.number])
    return {
        "declaration": declaration,
        "recipient": declaration.organisation.name,
        "amount": yen_text(declaration.amount),
        "declared_at": moment_text(declaration.declared_at),
        "url": settings.PORTAL_URL + address,
        "issuer": issuer_on(declaration.provider, localdate()),
    }


SET_OFF_DECLARATIONS = Kind(
    key=SET_OFF_DECLARATION,
    label=gettext_lazy("Declaration of a set-off"),
    model="billing.setoffdeclaration",
)

"""What payers are told of the invoices that a payment meets which names none (民法488条2項, 3項)."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import override

from billing.correspondence.letters import email_of
from billing.models import BankTransaction
from contracts.correspondence.sending import sender_of
from contracts.models import Contract, Provider
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import Organisation
from portal.outbox.kinds import Kind
from portal.outbox.models import Mail
from portal.outbox.queue import enqueue

APPROPRIATION = "payment_appropriation"

CHOSEN = "chosen"
"""Not by an order: the provider's staff named the invoices of one payment."""

_TEXTS: dict[str, Any] = {
    Provider.PaymentOrder.LAW: _lazy(
        "A payment that names no invoice meets, by the Civil Code (488-4), what is due before what is not,"
        " then what bears more late interest, then what was due first; what is alike is met in proportion."
    ),
    Provider.PaymentOrder.DUE_FIRST: _lazy(
        "A payment that names no invoice meets those due first, as the provider has named them"
        " (Civil Code 488-2)."
    ),
    CHOSEN: _lazy("The provider has named these invoices for it (Civil Code 488-2)."),
}


def order_text(order: str) -> str:
    """An order in which invoices are met, as a sentence: the key of a provider's order, or CHOSEN."""
    return str(_TEXTS[order])


def tell_payer(
    entry: BankTransaction, organisation: Organisation, parts: Mapping[str, int], credit: int, order: str
) -> Mail:
    """Put into the outbox which invoices an entry met, yen by number, by which order, and what became credit.

    Runs inside the caller's transaction.
    """
    provider = entry.account.provider
    language = _language(organisation, provider)
    with override(language):
        amount = yen_text(sum(parts.values()) + credit)
        values: dict[str, Any] = {
            "organisation": organisation,
            "provider": provider,
            "amount": amount,
            "day": day_text(entry.booked_on),
            "parts": [{"number": number, "amount": yen_text(part)} for number, part in parts.items()],
            "credit": yen_text(credit) if credit else "",
            "order": order_text(order),
            "url": settings.PORTAL_URL + reverse("billing:invoice-list"),
        }
        subject = _("What your payment of %(amount)s was set against") % {"amount": amount}
        text = render_to_string("billing/email/appropriation.txt", values)
    told_before = Mail.objects.filter(kind=APPROPRIATION, about=entry.pk, organisation=organisation).count()
    return enqueue(
        APPROPRIATION,
        entry.pk,
        email_of(organisation, provider, localdate()),
        sender_of(provider, language),
        key=f"{APPROPRIATION}:{entry.pk}:{organisation.pk}:{told_before + 1}",
        number=day_text(entry.booked_on),
        organisation=organisation,
        language=language,
        subject=subject,
        text=text.strip() + "\n",
    )


def _language(organisation: Organisation, provider: Provider) -> str:
    theirs = Contract.objects.filter(organisation=organisation, service__provider=provider.kept_by)
    newest = theirs.select_related("application").order_by("-pk").first()
    return newest.application.language if newest else "ja"


APPROPRIATIONS = Kind(
    key=APPROPRIATION,
    label=_lazy("What a payment was set against"),
    model="billing.banktransaction",
)

"""E-mails that tell customers what they are charged once, and why, or that it was withdrawn."""

from datetime import date, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from billing.correspondence.letters import email_on, issuer_on
from billing.models import Adjustment
from contracts.correspondence.addressees import named
from contracts.correspondence.sending import sender_of
from contracts.models.fields import in_current_language
from contracts.wording.explain import explain
from contracts.wording.formats import day_text, yen_text
from portal.outbox.kinds import Kind, Written
from portal.outbox.models import Mail
from portal.outbox.queue import enqueue

CHARGED = "charged_once"


def tell(adjustment: Adjustment) -> None:
    """Put the e-mails about a charge, or its withdrawal, into the outbox, in the caller's transaction.

    They go where invoices go, and to whom the terms name for e-mails on the contract.
    """
    contract = adjustment.contract
    language = contract.application.language
    key = f"{CHARGED}:{adjustment.pk}:{'withdrawn' if adjustment.withdrawn_at else 'charged'}"
    own = email_on(contract, localdate())
    beside = {f"{key}:{address}": address for address in named(contract, "contract") if address != own}
    for one, address in {key: own, **beside}.items():
        enqueue(
            CHARGED,
            adjustment.pk,
            address,
            sender_of(contract.issuer_on(localdate()), language),
            key=one,
            number=contract.number,
            organisation=contract.organisation,
            language=language,
        )


def was_told(adjustment: Adjustment) -> bool:
    """Whether the customer was told of a charge."""
    return Mail.objects.filter(kind=CHARGED, about=adjustment.pk).exists()


def _written(mail: Mail, at: datetime) -> Written:
    adjustment = Adjustment.objects.select_related(
        "contract__service__provider", "contract__organisation", "terms_version__service"
    ).get(pk=mail.about)
    contract = adjustment.contract
    with override(mail.language):
        facts = {"name": in_current_language(adjustment.names), "number": contract.number}
        subject = (
            _("Withdrawn: %(name)s (%(number)s)") if adjustment.withdrawn_at else _("%(name)s (%(number)s)")
        )
        explanation = explain(adjustment.decision, adjustment.terms_version)
        values = {
            "recipient": contract.name_on(localdate()),
            "adjustment": adjustment,
            "contract": contract,
            "name": facts["name"],
            "amount": yen_text(adjustment.amount),
            "taxed": adjustment.tax != Adjustment.Treatment.OUTSIDE,
            "sentences": [step.sentence for step in explanation.steps],
            "articles": "、".join(link.label for link in explanation.articles),
            "due": _due_text(adjustment.due_on),
            "url": settings.PORTAL_URL + reverse("contracts:contract-detail", args=[contract.number]),
            "issuer": issuer_on(contract.issuer_on(localdate()), localdate()),
        }
        text = render_to_string("billing/email/charged_once.txt", values)
    return Written(" ".join((subject % facts).split()), text.strip() + "\n")


def _due_text(due_on: date | None) -> str:
    return day_text(due_on) if due_on else _("with the invoice that states it")


def _is_over(mail: Mail) -> bool:
    """What was withdrawn is not told as a charge any more."""
    return (
        _tells_of(mail)[0] == "charged"
        and Adjustment.objects.filter(pk=mail.about, withdrawn_at__isnull=False).exists()
    )


def _tells_of(mail: Mail) -> list[str]:
    """Of what it tells, and the address of whom the terms name where it goes there."""
    return mail.key.split(":", 3)[2:]


def _address_of_now(mail: Mail) -> str:
    if len(_tells_of(mail)) > 1:
        return mail.address
    contract = Adjustment.objects.select_related("contract__organisation").get(pk=mail.about).contract
    return email_on(contract, localdate())


CHARGED_ONCE = Kind(
    key=CHARGED,
    label=gettext_lazy("One-off charge"),
    model="billing.adjustment",
    write=_written,
    address=_address_of_now,
    is_over=_is_over,
)

"""E-mails about claims for outages: that one arrived, and how it was decided."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, override

from billing.correspondence.letters import issuer_on
from billing.models import OutageClaim
from contracts.correspondence.addressees import told_of
from contracts.correspondence.sending import sender_of
from contracts.models.fields import in_current_language
from contracts.wording.formats import moment_text, yen_text
from portal.organisations.company.concerned import Topic
from portal.outbox.kinds import Kind
from portal.outbox.queue import enqueue

OUTAGE_CLAIM = "outage_claim"

_SUBJECTS = {
    OutageClaim.State.SUBMITTED: gettext_noop("We received your claim for an outage (%(number)s)"),
    OutageClaim.State.ACCEPTED: gettext_noop("Your claim for an outage is accepted (%(number)s)"),
    OutageClaim.State.REFUSED: gettext_noop("Your claim for an outage could not be accepted (%(number)s)"),
}


def tell_of_claim(claim: OutageClaim) -> None:
    """Put the e-mails about a claim as it stands into the outbox, in the caller's transaction."""
    contract = claim.contract
    language, issuer = contract.application.language, contract.issuer_on(localdate())
    with override(language):
        subject = _(_SUBJECTS[OutageClaim.State(claim.state)]) % {"number": contract.number}
        text = render_to_string("billing/email/outage_claim.txt", _values(claim))
    for address in told_of(contract, Topic.BILLING):
        enqueue(
            OUTAGE_CLAIM,
            claim.pk,
            address,
            sender_of(issuer, language),
            key=f"{OUTAGE_CLAIM}:{claim.pk}:{claim.state}:{address}",
            number=contract.number,
            organisation=contract.organisation,
            language=language,
            subject=subject,
            text=text.strip() + "\n",
        )


def _values(claim: OutageClaim) -> dict[str, object]:
    contract = claim.contract
    credit = claim.outage.credit if claim.outage else None
    return {
        "claim": claim,
        "recipient": contract.name_on(localdate()),
        "contract": contract,
        "service": contract.service.name,
        "begins_at": moment_text(claim.begins_at),
        "ends_at": moment_text(claim.ends_at),
        "claimed_at": moment_text(claim.claimed_at),
        "damage": yen_text(claim.damage) if claim.damage is not None else "",
        "brought": f"{in_current_language(credit.names)} {yen_text(-credit.amount)}" if credit else "",
        "url": settings.PORTAL_URL + reverse("billing:contract-outages", args=[contract.number]),
        "issuer": issuer_on(contract.issuer_on(localdate()), localdate()),
    }


OUTAGE_CLAIMS = Kind(key=OUTAGE_CLAIM, label=gettext_lazy("Claim for an outage"), model="billing.outageclaim")

"""The e-mail that confirms a refusal of new terms, with its certificate."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from contracts.consents.certificate import certificate
from contracts.consents.renewals import Renewal
from contracts.correspondence.sending import sender_of
from contracts.models import Consent
from contracts.wording.dated_lines import cited
from contracts.wording.formats import day_text, moment_text
from contracts.wording.local_text import localised
from portal.organisations.company.concerned import Topic, people_for
from portal.organisations.models import User
from portal.outbox.attachments import keep
from portal.outbox.kinds import Kind, Written
from portal.outbox.models import Mail
from portal.outbox.queue import enqueue

CONSENT_REFUSED = "consent_refused"


def confirm_refusal(consent: Consent, renewal: Renewal) -> None:
    """Tell who refused, and all whom contracts of the organisation concern, in the language of each.

    Runs inside the transaction of the refusal.
    """
    people = [consent.person] if consent.person else []
    for person in dict.fromkeys([*people, *people_for(consent.organisation, Topic.CONTRACTS)]):
        _enqueue(consent, renewal, person)


def _enqueue(consent: Consent, renewal: Renewal, person: User) -> None:
    version, refusal = renewal.version, renewal.rule.refusal
    language = person.language or "ja"
    page = reverse("contracts:consent-renewal", args=[version.service.slug, version.name])
    with override(language):
        values = {
            "organisation": consent.organisation,
            "person": person,
            "service": version.service,
            "version": version,
            "effective_on": day_text(version.effective_on),
            "at": moment_text(consent.at),
            "by": consent.person,
            "consequence": localised(refusal.text) if refusal else "",
            "articles": cited(renewal.previous, refusal.article) if refusal else "",
            "url": str(settings.PORTAL_URL) + page,
        }
        subject = render_to_string("contracts/email/consent_refused_subject.txt", values)
        text = render_to_string("contracts/email/consent_refused.txt", values)
    enqueue(
        CONSENT_REFUSED,
        consent.pk,
        person.email,
        sender_of(version.service.provider, language),
        number=str(consent.sequence),
        organisation=consent.organisation,
        language=language,
        subject=" ".join(subject.split()),
        text=text.strip() + "\n",
    )


def _with_certificate(mail: Mail, at: datetime) -> Written:
    related = ("organisation", "person", "terms_version__service__provider", "application", "notice")
    consent = Consent.objects.select_related(*related).get(pk=mail.about)
    content = certificate(consent, localdate(at))
    return Written(mail.subject, mail.text, (keep(f"consent-{consent.sequence}.pdf", content),))


REFUSAL_RECEIPT = Kind(
    key=CONSENT_REFUSED,
    label=_("Receipt of a refusal of new terms"),
    model="contracts.consent",
    write=_with_certificate,
    right_to_settle="contracts.change_contract",
)

"""Consents to versions of the terms: given, refused, or deemed to be given; each sealed into one chain."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.consents.receipt import confirm_refusal
from contracts.consents.renewals import (
    DueConsent,
    Renewal,
    concerned,
    deemed_consents_due,
    last_answer,
    renewal_of,
)
from contracts.models import Application, Consent, ConsentChain, Notice, TermsVersion
from contracts.rules.calendar.period import japan_date
from portal.audit.record import record
from portal.audit.sealing import append
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User


def record_consent(
    organisation: Organisation,
    version: TermsVersion,
    how: Consent.How,
    at: datetime,
    *,
    person: User | None,
    ip: str | None,
    application: Application | None = None,
    notice: Notice | None = None,
) -> Consent:
    """Append a consent, or a refusal, to the chain; it stands or falls with the caller's transaction.

    Until that ends, others who record consents wait. The caller's audit entry is to hold `consents=seals(…)`.
    Raises TransactionManagementError outside of a transaction.
    """
    consent = Consent(
        organisation=organisation,
        person=person,
        terms_version=version,
        content_hash=version.content_hash,
        how=how,
        application=application,
        notice=notice,
        at=at,
        ip_address=ip,
    )
    append(consent)
    return consent


def seals(*consents: Consent) -> dict[int, str]:
    """The seals of consents by their numbers: what the audit trail holds of each."""
    return {consent.sequence: consent.hash for consent in consents}


@transaction.atomic
def renew_consent(
    organisation: Organisation, person: User, version: TermsVersion, at: datetime, ip: str | None
) -> Consent:
    """Record that an organisation agrees to a new version, also after it refused at first.

    Agreeing again gives the record that is there. ValidationError where it has nothing to agree to, and for
    who may not do so for it (`not_acting`, `no_right`).
    """
    _ensure_answers(person, organisation, version, at)
    ConsentChain.locked()
    last = last_answer(organisation, version)
    if last and last.how != Consent.How.REFUSED:
        return last
    _ensure_asked(organisation, version, at)
    return _answer(organisation, person, version, Consent.How.RENEWED, at, ip)


@transaction.atomic
def refuse_renewal(
    organisation: Organisation, person: User, version: TermsVersion, at: datetime, ip: str | None
) -> Consent:
    """Record that an organisation does not agree to a new version; staff find it among what waits.

    It is confirmed by e-mail, with a certificate. Refusing again gives the record that is there.
    ValidationError where it has agreed already, or has nothing to refuse, and for who may not do so for it
    (`not_acting`, `no_right`).
    """
    _ensure_answers(person, organisation, version, at)
    ConsentChain.locked()
    last = last_answer(organisation, version)
    if last and last.how == Consent.How.REFUSED:
        return last
    if last:
        raise ValidationError(_("Your organisation has agreed to this version."), code="agreed_already")
    renewal = _ensure_asked(organisation, version, at)
    consent = _answer(organisation, person, version, Consent.How.REFUSED, at, ip)
    confirm_refusal(consent, renewal)
    return consent


def _ensure_answers(person: User, organisation: Organisation, version: TermsVersion, at: datetime) -> None:
    """What one agrees to for an organisation holds for all of its contracts that the version concerns."""
    contracts = concerned(version, japan_date(at)).filter(organisation=organisation)
    ensure_acts_for(person, organisation, Right.CONTRACTS, *contracts.values_list("pk", flat=True))


def _ensure_asked(organisation: Organisation, version: TermsVersion, at: datetime) -> Renewal:
    renewal = renewal_of(version)
    contracts = concerned(version, japan_date(at)).filter(organisation=organisation)
    if renewal is None or not renewal.may_be_refused or not contracts.exists():
        raise ValidationError(_("This version doesn't ask your organisation for consent."), code="not_asked")
    return renewal


def _answer(
    organisation: Organisation,
    person: User,
    version: TermsVersion,
    how: Consent.How,
    at: datetime,
    ip: str | None,
) -> Consent:
    consent = record_consent(organisation, version, how, at, person=person, ip=ip)
    record(
        f"consent.{how.value}",
        person,
        organisation,
        consents=seals(consent),
        version=str(version),
        content_hash=version.content_hash,
    )
    return consent


def record_deemed_consents(
    organisation: Organisation, at: datetime, *, person: User | None = None, ip: str | None = None
) -> list[Consent]:
    """Record what an organisation counts as having agreed to by a moment; whenever and how often it is asked.

    With a `person`, that person's use of the portal at this moment counts as use. A consent that notice alone
    brings states when it came about, not when it was recorded.
    """
    if not _due(organisation, at, person):
        return []
    with transaction.atomic():
        ConsentChain.locked()
        consents = [
            record_consent(
                organisation,
                due.renewal.version,
                due.how,
                due.at,
                person=person if due.how == Consent.How.DEEMED_BY_USE else None,
                ip=ip if due.how == Consent.How.DEEMED_BY_USE else None,
                notice=due.notice,
            )
            for due in _due(organisation, at, person)
        ]
        if consents:
            record(
                "consent.deemed",
                person,
                organisation,
                consents=seals(*consents),
                versions=[str(consent.terms_version) for consent in consents],
            )
    return consents


def _due(organisation: Organisation, at: datetime, person: User | None) -> list[DueConsent]:
    return [
        due
        for due in deemed_consents_due(organisation, at)
        if person or due.how == Consent.How.DEEMED_BY_NOTICE
    ]

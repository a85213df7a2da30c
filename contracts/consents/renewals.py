"""New versions and the customers who have not agreed to them yet.

How customers agree to a version is ruled by the one before it: the terms that both sides have agreed on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from contracts.models import Consent, Contract, Notice, NoticeDelivery, TermsVersion
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.consent import ConsentRenewalRule, deemed_by_notice_at
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership, Organisation


@dataclass(frozen=True)
class Renewal:
    """A version, the one that it follows, and that one's rule on how customers agree to the change."""

    version: TermsVersion
    previous: TermsVersion
    rule: ConsentRenewalRule

    @property
    def last_day(self) -> date:
        """The last day of the version before, by which the answer is wanted."""
        return self.version.effective_on - timedelta(days=1)

    @property
    def may_be_refused(self) -> bool:
        """Whether the terms ask customers, or say at least what follows when one objects."""
        return self.rule.rule == "asked" or self.rule.refusal is not None


@dataclass(frozen=True)
class DueConsent:
    """A consent that the terms deem to be given, and has no record yet."""

    renewal: Renewal
    how: Consent.How
    at: datetime
    notice: Notice


def renewal_of(version: TermsVersion) -> Renewal | None:
    """How customers agree to a published version; None for the first, and where the terms say nothing."""
    earlier = TermsVersion.objects.published().filter(
        service=version.service_id, effective_on__lt=version.effective_on
    )
    previous = earlier.select_related("service").order_by("-effective_on").first()
    rule = previous.read_on(version.effective_on).policy.consent_renewal if previous else None
    return Renewal(version, previous, rule) if previous and rule else None


def concerned(version: TermsVersion, day: date) -> QuerySet[Contract]:
    """Contracts made under an earlier version that a version governs, or will govern, on a day or later."""
    return (
        Contract.objects.filter(_concerned_by(day))
        .filter(
            service=version.service_id,
            contracted_version__effective_on__lt=version.effective_on,
        )
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=version.effective_on))
    )


def concerned_of(membership: Membership, version: TermsVersion, day: date) -> QuerySet[Contract]:
    """Those of them that a member sees."""
    return (concerned(version, day) & Contract.objects.shown_to(membership)).order_by("number")


def _concerned_by(day: date) -> Q:
    return Q(ends_on__isnull=True) | Q(ends_on__gte=day)


def asked_of(organisation: Organisation, day: date) -> list[Renewal]:
    """The versions, in force or announced, that an organisation is asked to agree to; the earliest first."""
    versions = (
        TermsVersion.objects.published()
        .filter(
            Exists(_contracts_before(organisation, day)),
            ~Exists(_answers(organisation)),
            ~Exists(_follows(day)),
        )
        .select_related("service__provider")
        .order_by("effective_on", "pk")
    )
    found = (renewal_of(version) for version in versions)
    return [renewal for renewal in found if renewal and renewal.rule.rule == "asked"]


def may_answer(membership: Membership, version: TermsVersion, day: date) -> bool:
    """Whether a member may agree to a version or refuse it: on all contracts that it concerns."""
    contracts = concerned(version, day).filter(organisation=membership.organisation_id)
    return membership.may_on(Right.CONTRACTS, *contracts.values_list("pk", flat=True))


@dataclass(frozen=True)
class AnnouncedTerms:
    """A coming version as a member sees it; `renewal` says how one agrees, None where nobody is asked.

    `answer` is what the organisation said last, `may_answer` whether the member may say it.
    """

    version: TermsVersion
    renewal: Renewal | None = None
    answer: Consent | None = None
    may_answer: bool = False

    @property
    def is_refused(self) -> bool:
        return self.answer is not None and self.answer.how == Consent.How.REFUSED

    @property
    def is_asked(self) -> bool:
        """Whether the terms want an answer that was not given."""
        return self.answer is None and self.renewal is not None and self.renewal.rule.rule == "asked"


def announced_to(membership: Membership, contract: Contract, day: date) -> list[AnnouncedTerms]:
    """The versions that come for a contract, and the one in force where it was refused or is not answered."""
    coming = TermsVersion.objects.announced(contract.service, day)
    found = [_announced(membership, contract, version, day) for version in coming]
    in_force = TermsVersion.objects.in_force(contract.service, day)
    if in_force:
        now = _announced(membership, contract, in_force, day)
        if now.is_refused or now.is_asked:
            found.insert(0, now)
    return found


def _announced(
    membership: Membership, contract: Contract, version: TermsVersion, day: date
) -> AnnouncedTerms:
    renewal = renewal_of(version)
    concerns = concerned(version, day).filter(pk=contract.pk).exists()
    if renewal is None or not renewal.may_be_refused or not concerns:
        return AnnouncedTerms(version)
    answer = last_answer(membership.organisation, version)
    return AnnouncedTerms(version, renewal, answer, may_answer(membership, version, day))


def to_answer(membership: Membership, day: date) -> list[Renewal]:
    """The versions that a member's organisation is asked to agree to, and the member may answer."""
    asked = asked_of(membership.organisation, day)
    return [renewal for renewal in asked if may_answer(membership, renewal.version, day)]


def _contracts_before(organisation: Organisation, day: date) -> QuerySet[Contract]:
    return Contract.objects.filter(
        _concerned_by(day),
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("effective_on")),
        organisation=organisation,
        service=OuterRef("service"),
        contracted_version__effective_on__lt=OuterRef("effective_on"),
    )


def _answers(organisation: Organisation) -> QuerySet[Consent]:
    return Consent.objects.filter(organisation__in=organisation.as_one(), terms_version=OuterRef("pk"))


def _follows(day: date) -> QuerySet[TermsVersion]:
    """Later versions that are in force by now: who is under them need not agree to what they replaced."""
    return TermsVersion.objects.published().filter(
        service=OuterRef("service"), effective_on__gt=OuterRef("effective_on"), effective_on__lte=day
    )


def last_answer(organisation: Organisation, version: TermsVersion) -> Consent | None:
    """The last consent or refusal of an organisation for a version."""
    given = Consent.objects.filter(organisation__in=organisation.as_one(), terms_version=version)
    return given.select_related("person").order_by("-sequence").first()


def deemed_consents_due(organisation: Organisation, at: datetime) -> Iterator[DueConsent]:
    """What an organisation counts as having agreed to by a moment, and no record says so yet."""
    day = japan_date(at)
    told = (
        NoticeDelivery.objects.filter(
            organisation=organisation,
            effective_at__lte=at,
            notice__terms_version__effective_on__lte=day,
        )
        .filter(
            ~Exists(
                Consent.objects.filter(
                    organisation__in=organisation.as_one(), terms_version=OuterRef("notice__terms_version")
                )
            )
        )
        .select_related("notice__terms_version__service")
        .order_by("notice__terms_version__effective_on", "effective_at", "pk")
    )
    seen: set[int] = set()
    for delivery in told:
        version = delivery.notice.terms_version
        if version is None or version.pk in seen or delivery.effective_at is None:
            continue
        seen.add(version.pk)
        renewal = renewal_of(version)
        due = renewal and _due(renewal, delivery.notice, delivery.effective_at, at)
        if due and concerned(version, japan_date(due.at)).filter(organisation=organisation).exists():
            yield due


def _due(renewal: Renewal, notice: Notice, told_at: datetime, at: datetime) -> DueConsent | None:
    version = renewal.version
    if renewal.rule.rule == "deemed_by_use":
        due = DueConsent(renewal, Consent.How.DEEMED_BY_USE, at, notice)
    elif renewal.rule.rule == "deemed_by_notice":
        moment = deemed_by_notice_at(version.effective_on, told_at)
        due = DueConsent(renewal, Consent.How.DEEMED_BY_NOTICE, moment, notice)
    else:
        return None
    in_force = TermsVersion.objects.in_force(version.service, japan_date(due.at))
    return due if in_force == version else None


def open_refusals(day: date) -> QuerySet[Consent]:
    """Refusals that nothing followed: the organisation has not agreed since, and has a contract still."""
    agreed_later = (
        Consent.objects.exclude(how=Consent.How.REFUSED)
        .annotate(whose=_WHOSE)
        .filter(whose=OuterRef("whose"), terms_version=OuterRef("terms_version"))
        .filter(sequence__gt=OuterRef("sequence"))
    )
    going_on = Contract.objects.filter(
        _concerned_by(day),
        organisation=OuterRef("whose"),
        service=OuterRef("terms_version__service"),
    )
    refused = Consent.objects.filter(how=Consent.How.REFUSED).annotate(whose=_WHOSE)
    return refused.filter(Exists(going_on), ~Exists(agreed_later))


_WHOSE = Coalesce(F("organisation__united_into"), F("organisation"))
"""Who the organisation of a consent is today."""

"""Correcting how a published version is read: its rules, from then on or from its first day; not its text."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from contracts.deciding.guards import field_error
from contracts.extensions.registered import tell_rules_changed
from contracts.models import Application, Contract, PolicyRevision, TermsVersion
from contracts.policies.standing import read_into
from contracts.problems.reasons import Reason
from contracts.publishing.impact import Impact, impact_of
from contracts.publishing.publish import broken_layers, unresolved_citations
from contracts.rules.policy.base import Rule, rules_in
from contracts.rules.policy.policy_diff import policy_differences
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import Policy
from contracts.rules.problems import Problem
from contracts.wording.problems import problem_texts
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

CORRECTION = "correction"
"""The kind of proposal that corrects the reading of a published version."""

ONE_DAY = timedelta(days=1)

_OF_THE_TEXT = ("version", "title", "revised_on", "announced_on")
"""What a policy states of its version, and no reading can change."""


def as_corrected(version: TermsVersion, policy_source: str) -> TermsVersion:
    """A published version as it would answer by other rules; nothing is stored."""
    number = latest_reading(version).revision_number + 1
    revision = PolicyRevision(terms_version=version, policy_source=policy_source, number=number)
    return version.with_revision(revision)


def latest_reading(version: TermsVersion) -> TermsVersion:
    """A version by the reading that was put in force last: the one that a correction corrects."""
    return version.read_on(date.max)


def correction_impact(version: TermsVersion, policy_source: str, page: int = 1) -> tuple[date, Impact]:
    """Whose dates and amounts a correction changes, and as of which day they are computed.

    That is today, or the nearest day on which the version governs.
    """
    following = TermsVersion.objects.announced(version.service, version.effective_on).first()
    last = following.effective_on - ONE_DAY if following else date.max
    on = min(max(localdate(), version.effective_on), last)
    return on, impact_of(latest_reading(version), as_corrected(version, policy_source), on, page)


def rests_on(version: TermsVersion) -> bool:
    """Whether decisions on contracts rest on a version or can rest on it, or an application agrees to it."""
    made = Contract.objects.filter(
        service=version.service_id, contracted_version__effective_on__lte=version.effective_on
    )
    asked = Application.objects.filter(terms_version=version, status=Application.Status.SUBMITTED)
    return made.exclude(ends_on__lt=version.effective_on).exists() or asked.exists()


def ensure_correctable(version: TermsVersion, policy_source: str) -> None:
    """ValidationError (`policy`), with every problem, for rules that can't be read into a version."""
    if problems := correction_problems(version, policy_source):
        raise ValidationError({"policy": problem_texts(problems)})


def correction_problems(version: TermsVersion, policy_source: str) -> list[Problem]:
    """Why a version can't be read by some rules; nothing where it can."""
    if version.published_at is None:
        return [Problem("version", Reason("still_draft", {"name": version.name}))]
    try:
        policy = read_into(version, policy_source)
    except PolicyError as error:
        return list(error.problems)
    before = read_into(version, latest_reading(version).rules_source)
    if policy == before:
        return [Problem("", Reason("same_reading"))]
    return [
        *_of_another_version(read_into(version, version.policy_source), policy),
        *unresolved_citations(policy, as_corrected(version, policy_source)),
        *broken_layers(as_corrected(version, policy_source)),
    ]


def concerned_articles(version: TermsVersion, policy_source: str) -> list[str]:
    """The articles whose reading some rules correct, each once."""
    old = read_into(version, latest_reading(version).rules_source)
    new = read_into(version, policy_source)
    differing = [key for found in policy_differences(old, new) for key in found.articles]
    return list(dict.fromkeys(differing or _cited_otherwise(old, new)))


@transaction.atomic
def correct_reading(
    version: TermsVersion,
    *,
    policy_source: str,
    reason: str,
    reaches_back: bool,
    at: datetime,
    staff: User | None,
    approval: Proposal | None = None,
) -> PolicyRevision:
    """Read a published version by other rules, for decisions from the day on or from its first day.

    What was decided before stays as it is, and so does the version's own row. A correction that a catalog
    brought and that waits becomes this one. ValidationError without a reason (`reason`), for rules that don't
    fit the version (`policy`), and without the approval of a second person (`second_person`) where contracts
    rest on the version.
    """
    locked = TermsVersion.objects.select_for_update(of=("self",)).select_related("service").get(pk=version.pk)
    if not reason.strip():
        raise field_error("reason", _("Say what was read wrongly; customers see it."), "missing")
    ensure_correctable(locked, policy_source)
    if rests_on(locked):
        ensure_second_person(approval, CORRECTION)
    revision = _waiting(locked) or PolicyRevision(terms_version=locked, stored_at=at)
    revision.articles = concerned_articles(locked, policy_source)
    revision.number = latest_reading(locked).revision_number + 1
    revision.policy_source, revision.reason = policy_source, reason.strip()
    revision.reaches_back, revision.in_force_at = reaches_back, at
    revision.proposed_by = staff
    revision.approved_by_id = approval.decided_by_id if approval else None
    revision.save()
    tell_rules_changed(locked.service_id)
    record(
        "terms.reading_corrected",
        staff,
        locked,
        service=locked.service.slug,
        name=locked.name,
        number=revision.number,
        articles=revision.articles,
        applies="from_first_day" if reaches_back else "from_then_on",
        digest=revision.digest,
        personal={"reason": revision.reason},
    )
    return revision


@transaction.atomic
def bring_reading(version: TermsVersion, policy_source: str, at: datetime) -> PolicyRevision | None:
    """Take over the rules by which a catalog reads a published version; None where they are known already.

    They are in force at once, from the version's first day, where no contract rests on the version; else they
    wait until staff propose or dismiss them. Rules by which it was read before, or that were dismissed, are
    known: a correction that staff made stays. Raises ValidationError (`policy`) for rules that don't fit the
    version.
    """
    locked = TermsVersion.objects.select_for_update(of=("self",)).select_related("service").get(pk=version.pk)
    waiting = _waiting(locked)
    policy = read_into(locked, policy_source)
    if policy in _known(locked):
        if waiting:
            waiting.delete()
        return None
    if not rests_on(locked):
        with override("ja"):
            reason = _("Corrected by the catalog of services.")
        return correct_reading(
            locked, policy_source=policy_source, reason=reason, reaches_back=True, at=at, staff=None
        )
    ensure_correctable(locked, policy_source)
    if waiting and waiting.policy_source == policy_source:
        return waiting
    brought = waiting or PolicyRevision(terms_version=locked)
    brought.policy_source, brought.stored_at = policy_source, at
    brought.articles = concerned_articles(locked, policy_source)
    brought.save()
    record(
        "terms.reading_brought",
        None,
        locked,
        service=locked.service.slug,
        name=locked.name,
        articles=brought.articles,
        digest=brought.digest,
    )
    return brought


@transaction.atomic
def dismiss_reading(version: TermsVersion, reason: str, staff: User, at: datetime) -> PolicyRevision:
    """Dismiss the rules that a catalog brought and that wait; the same are not brought again.

    ValidationError without a reason (`reason`), and where nothing waits.
    """
    locked = TermsVersion.objects.select_for_update(of=("self",)).select_related("service").get(pk=version.pk)
    if not reason.strip():
        raise field_error("reason", _("Say why it is not read so."), "missing")
    waiting = _waiting(locked)
    if waiting is None:
        raise ValidationError(_("No rules of the catalog wait for this version any more."), "nothing_waits")
    waiting.dismissed_at, waiting.reason = at, reason.strip()
    waiting.save()
    record(
        "terms.reading_dismissed",
        staff,
        locked,
        service=locked.service.slug,
        name=locked.name,
        articles=waiting.articles,
        digest=waiting.digest,
        personal={"reason": waiting.reason},
    )
    return waiting


def _waiting(version: TermsVersion) -> PolicyRevision | None:
    return version.revisions.filter(in_force_at__isnull=True, dismissed_at__isnull=True).first()


def _known(version: TermsVersion) -> list[Policy]:
    """The rules by which a version is read or was read before, and those that were dismissed."""
    settled = version.revisions.exclude(in_force_at__isnull=True, dismissed_at__isnull=True)
    corrected = settled.values_list("policy_source", flat=True)
    return [read_into(version, source) for source in (version.policy_source, *corrected)]


def _of_another_version(published: Policy, policy: Policy) -> Iterator[Problem]:
    for name in _OF_THE_TEXT:
        if getattr(policy, name) != getattr(published, name):
            yield Problem(name, Reason("stays_as_published", {"wanted": getattr(published, name)}))
    if policy.effective.on != published.effective.on:
        yield Problem("effective.on", Reason("stays_as_published", {"wanted": published.effective.on}))


def _cited_otherwise(old: Policy, new: Policy) -> Iterator[str]:
    """The articles of the rules whose citations or readings alone differ."""
    known: list[Rule] = list(rules_in(old))
    for rule in rules_in(new):
        if rule not in known:
            yield from rule.article

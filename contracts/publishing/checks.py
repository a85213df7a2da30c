"""What staff look through before they publish a draft of the terms."""

from dataclasses import dataclass
from datetime import date, datetime

from contracts.models import Notice, TermsVersion
from contracts.notices.check import NoticeCheck, check_notice
from contracts.publishing.publish import publication_problems
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import Policy
from contracts.rules.problems import Problem
from contracts.terms.references import PlacedReference, dangling_references


@dataclass(frozen=True)
class PublicationCheck:
    """`problems` stand in the way of publishing; the rest is for staff to weigh.

    `policy` is None while it can't be read, `previous` where no version was published before. `notice` says
    whether customers could still be told in time if they were told now; None where nothing says so.
    """

    problems: list[Problem]
    policy: Policy | None
    previous: TermsVersion | None
    notice: NoticeCheck | None
    dangling: tuple[PlacedReference, ...]

    @property
    def effective_on(self) -> date | None:
        return self.policy.effective.on if self.policy else None


def check_publication(draft: TermsVersion, at: datetime) -> PublicationCheck:
    """Check a draft as if it was published, and its notice sent, at a moment."""
    policy = _policy(draft)
    return PublicationCheck(
        problems=publication_problems(
            draft.service, name=draft.name, text=draft.text, policy_source=draft.policy_source
        ),
        policy=policy,
        previous=previous_version(draft),
        notice=_notice_check(draft, policy.effective.on, at) if policy else None,
        dangling=dangling_references(draft.terms),
    )


def previous_version(version: TermsVersion) -> TermsVersion | None:
    """The published version that a version follows, as it is read; for a draft the last that is published."""
    published = TermsVersion.objects.published().filter(service=version.service).exclude(pk=version.pk)
    if version.published_at:
        published = published.filter(effective_on__lt=version.effective_on)
    previous = published.select_related("service").order_by("-effective_on").first()
    return previous.read_on(version.effective_on or date.max) if previous else None


def _policy(draft: TermsVersion) -> Policy | None:
    try:
        return draft.policy if draft.policy_source else None
    except PolicyError:
        return None


def _notice_check(draft: TermsVersion, effective_on: date, at: datetime) -> NoticeCheck | None:
    notice = Notice(service=draft.service, purpose=Notice.Purpose.TERMS_CHANGE, effective_on=effective_on)
    check = check_notice(notice, at)
    return check if check and check.provided else None

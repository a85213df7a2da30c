"""Publishing a version of the terms, as a proposal to a second person."""

from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.comparison.table import ComparisonTable, Side
from contracts.models import Contract, TermsVersion
from contracts.publishing.checks import check_publication, previous_version
from contracts.publishing.lives import check_lives, keep_accepted
from contracts.publishing.lives_in_words import life_lines
from contracts.publishing.publish import PUBLICATION as PUBLICATION_KEY
from contracts.publishing.publish import PublicationRefused, publish_version
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text
from contracts.wording.policy_changes import policy_changes
from contracts.wording.problems import problem_texts
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User


class PublicationData(Strict):
    """A draft by its key, with the content that is to be published and nothing else."""

    draft: int
    content_hash: str


def _draft(wanted: PublicationData) -> TermsVersion:
    found = TermsVersion.objects.select_related("service__provider").filter(pk=wanted.draft).first()
    if found is None:
        raise OvertakenError(gettext("The draft was deleted."))
    if found.published_at:
        raise OvertakenError(gettext("Version %(name)s is published already.") % {"name": found.name})
    if found.content_hash != wanted.content_hash:
        raise OvertakenError(gettext("The draft was changed since. Propose it again as it is now."))
    return found


def _subject(wanted: PublicationData) -> Subject:
    draft = _draft(wanted)
    provider = draft.service.provider.code
    return Subject(about=draft, name=f"{draft.service.name} {draft.name}", provider=provider)


def _lines(wanted: PublicationData) -> Iterator[Line]:
    draft = _draft(wanted)
    previous = previous_version(draft)
    check = check_publication(draft, now())
    yield Line(gettext("Version"), previous.name if previous else "", draft.name)
    yield Line(
        gettext("Effective date"),
        day_text(previous.effective_on) if previous else "",
        day_text(check.effective_on) if check.effective_on else "",
    )
    if previous and check.policy:
        for change in policy_changes(previous, draft):
            yield Line(change.what, change.old, change.new)
    if previous:
        table = ComparisonTable.of(Side(previous.terms, previous.name), Side(draft.terms, draft.name))
        yield Line(gettext("Passages of the text that change"), "", str(len(table.rows)))
    running = Contract.objects.running_on(localdate()).filter(service=draft.service).count()
    yield Line(gettext("Contracts that run"), "", str(running))
    yield from life_lines(draft, check_lives(draft))
    yield Line(gettext("Content hash"), "", draft.content_hash)


def _publish(wanted: PublicationData, approval: Proposal, at: datetime) -> str:
    draft = _draft(wanted)
    lives = check_lives(draft)
    if lives.problems:
        raise ValidationError(lives.problems)
    try:
        version = publish_version(
            draft.service,
            name=draft.name,
            title=draft.title,
            text=draft.text,
            policy_source=draft.policy_source,
            at=at,
            staff=approval.proposed_by,
            approval=approval,
        )
    except PublicationRefused as refused:
        raise ValidationError(problem_texts(refused.problems, draft.text)) from refused
    keep_accepted(version, lives.changed)
    return gettext("Version %(name)s is published and never changes.") % {"name": version.name}


def _binds_nobody(wanted: PublicationData, amount: int, staff: User) -> Proposal.Without | None:
    return None if _draft(wanted).service.binds_customers else Proposal.Without.UNBOUND


PUBLICATION = Kind(
    key=PUBLICATION_KEY,
    label=_("Publication of terms"),
    data=PublicationData,
    right="contracts.change_termsversion",
    subject=_subject,
    lines=_lines,
    carry_out=_publish,
    form=lambda wanted: reverse("admin:contracts_termsversion_publish", args=[wanted.draft]),
    spared=_binds_nobody,
)

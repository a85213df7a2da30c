"""Drafts of terms versions: a text that staff correct before they write its policy and publish it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from contracts.models import Service, TermsVersion
from contracts.policies.reading import read_known_policy
from contracts.policies.standing import standing_layers
from contracts.problems.reasons import Reason
from contracts.rules.policy.reading import PolicyError
from contracts.rules.problems import Problem
from contracts.terms.markdown import TermsSyntaxError, parse, render
from contracts.terms.tree import Terms
from portal.audit.record import record
from portal.organisations.models import User


class DraftRefused(Exception):  # noqa: N818 - an answer to the one who imports
    """What can't be done with a draft, with every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@transaction.atomic
def create_draft(
    service: Service,
    *,
    name: str,
    terms: Terms,
    source: str,
    staff: User | None,
    brought_at: datetime | None = None,
    based_on: TermsVersion | None = None,
) -> TermsVersion:
    """Store a text as the draft of a version. It has no policy and no effective date yet.

    `source` is the name of the file it came from, for the audit trail; `brought_at` is when a catalog brought
    it, for staff to propose; `based_on` is the version from which a comparison table made it. Raises
    DraftRefused when the service has a version of that name already, drafts included (nothing that staff
    corrected is overwritten), and when the version it is made from is one of another service.
    """
    if based_on is not None and based_on.service_id != service.pk:
        raise _refused(Reason("other_service", {"name": based_on.name}))
    if "/" in name:
        raise _refused(Reason("slash_in_name", {"name": name}))
    existing = TermsVersion.objects.filter(service=service, name=name).first()
    if existing is not None:
        state = Reason("published") if existing.published_at else Reason("draft")
        values = {"name": name, "service": service.slug, "state": state}
        raise _refused(Reason("version_exists", values))
    version = TermsVersion(
        service=service, name=name, title=terms.title, text=render(terms), brought_at=brought_at
    )
    version.content_hash = version.content_digest()
    try:
        version.full_clean()
    except ValidationError as error:
        raise _refused(Reason("not_storable", {"why": " ".join(error.messages)})) from error
    version.save()
    record(
        "terms.draft_created",
        staff,
        version,
        service=service.slug,
        name=name,
        source=source,
        articles=len(terms.articles),
        content_hash=version.content_hash,
        based_on=based_on.name if based_on else "",
    )
    return version


@transaction.atomic
def edit_draft_text(draft: TermsVersion, text: str, *, seen_hash: str, staff: User | None) -> TermsVersion:
    """Store another text, in Markdown, as it was written.

    `seen_hash` is the content hash of what staff had before them. Raises DraftRefused with every problem of
    the text by line, and when the draft is not as it was seen.
    """
    version = _open_draft(draft, seen_hash)
    try:
        terms = parse(text)
    except TermsSyntaxError as error:
        raise DraftRefused(text_problems(error)) from error
    version.text, version.title = text, terms.title
    return _store(version, staff, "text", articles=len(terms.articles))


@transaction.atomic
def edit_draft_policy(
    draft: TermsVersion, source: str, *, seen_hash: str, staff: User | None
) -> TermsVersion:
    """Store another policy. Whether its citations and its day fit is asked when it is published.

    `seen_hash` is as for `edit_draft_text`. Raises DraftRefused with every problem of the policy by path.
    """
    version = _open_draft(draft, seen_hash)
    try:
        read_known_policy(source, standing_layers(version.service, source))
    except PolicyError as error:
        raise DraftRefused(error.problems) from error
    version.policy_source = source
    return _store(version, staff, "policy")


@transaction.atomic
def delete_draft(draft: TermsVersion, staff: User | None) -> None:
    """Remove a draft. Raises DraftRefused for a published version: those stay for ever."""
    version = _open_draft(draft)
    record(
        "terms.draft_deleted",
        staff,
        version,
        service=version.service.slug,
        name=version.name,
        content_hash=version.content_hash,
    )
    version.delete()


def text_problems(error: TermsSyntaxError) -> list[Problem]:
    """The problems of a text, by line."""
    return [Problem("", problem.reason, problem.line) for problem in error.problems]


def changed_meanwhile() -> DraftRefused:
    """The answer to one whose draft is not the one that they saw."""
    return _refused(Reason("draft_changed"))


def _refused(reason: Reason) -> DraftRefused:
    return DraftRefused([Problem("", reason)])


def _open_draft(draft: TermsVersion, seen_hash: str | None = None) -> TermsVersion:
    """The draft as it is now, locked; DraftRefused when it is gone, published or not as it was seen."""
    version = TermsVersion.objects.select_for_update().filter(pk=draft.pk).first()
    if version is None:
        raise _refused(Reason("draft_deleted"))
    if version.published_at:
        raise _refused(Reason("version_published", {"name": version.name}))
    if seen_hash is not None and version.content_hash != seen_hash:
        raise changed_meanwhile()
    return version


def _store(version: TermsVersion, staff: User | None, what: str, **more: Any) -> TermsVersion:
    before = version.content_hash
    version.content_hash = version.content_digest()
    if version.content_hash != before:
        version.save()
        record(
            "terms.draft_changed",
            staff,
            version,
            service=version.service.slug,
            name=version.name,
            what=what,
            content_hash=version.content_hash,
            **more,
        )
    return version

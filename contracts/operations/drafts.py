"""Drafts of terms versions: a text that staff correct before they write its policy and publish it."""

from django.core.exceptions import ValidationError
from django.db import transaction

from contracts.models import Service, TermsVersion
from contracts.terms.markdown import render
from contracts.terms.tree import Terms
from portal.audit.record import record
from portal.organisations.models import User


class DraftRefused(Exception):  # noqa: N818 - an answer to the one who imports
    """A text that can't become a draft, with the reason."""


@transaction.atomic
def create_draft(
    service: Service, *, name: str, terms: Terms, source: str, staff: User | None
) -> TermsVersion:
    """Store a text as the draft of a version. It has no policy and no effective date yet.

    `source` is the name of the file it came from, for the audit trail. Raises DraftRefused when the service
    has a version of that name already, drafts included: nothing that staff corrected is overwritten.
    """
    existing = TermsVersion.objects.filter(service=service, name=name).first()
    if existing is not None:
        state = "published" if existing.published_at else "a draft"
        raise DraftRefused(f"version '{name}' of '{service.slug}' exists already, as {state}")
    version = TermsVersion(service=service, name=name, title=terms.title, text=render(terms))
    version.content_hash = version.content_digest()
    try:
        version.full_clean()
    except ValidationError as error:
        raise DraftRefused("; ".join(error.messages)) from error
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
    )
    return version

"""Drafts of applications: kept at each step, sent once, or discarded."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.applications.checks import ApplicationData
from contracts.applications.decide import submit_application
from contracts.deciding.guards import field_error
from contracts.lifecycle.documents import MOST, attach_document, content_type_of, plain_name
from contracts.lifecycle.forgetting import remove_draft
from contracts.models import Application, ApplicationDraft, DraftDocument, Provider, Service
from contracts.models.fields import private_name
from contracts.rules.calendar.period import JAPAN, japan_date
from portal.audit.record import record
from portal.kept_files import DamagedFileError, read_checked, remove_on_commit, store
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User
from portal.retention.models import days_kept


def draft_of(organisation: Organisation, service: Service, person: User) -> ApplicationDraft | None:
    """What a person has begun for an organisation, if anything."""
    return ApplicationDraft.objects.filter(organisation=organisation, service=service, person=person).first()


@transaction.atomic
def save_draft(
    organisation: Organisation,
    service: Service,
    person: User,
    fields: Mapping[str, str | None],
    at: datetime,
) -> ApplicationDraft:
    """Keep what was typed; None takes a field away, and fields that are not named stay as they were.

    Begins the draft where there is none. A change gives the draft another key. ValidationError for who may
    not act for the organisation (`not_acting`, `no_right`).
    """
    ensure_acts_for(person, organisation, Right.CONTRACTS)
    draft, created = ApplicationDraft.objects.select_for_update().get_or_create(
        organisation=organisation,
        service=service,
        person=person,
        defaults={"created_at": at, "updated_at": at},
    )
    kept = {name: value for name, value in {**draft.fields, **fields}.items() if value is not None}
    if kept == draft.fields and not created:
        return draft
    draft.fields = kept
    _touch(draft, at)
    record("application_draft.saved", person, draft, service=service.slug, names=sorted(fields))
    return draft


@transaction.atomic
def discard_draft(draft: ApplicationDraft, person: User) -> None:
    """Throw a draft away, with its documents. One that is gone already is no error.

    ValidationError (code `not_acting`) for anybody but the member who writes it.
    """
    current = ApplicationDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if current is None:
        return
    _ensure_writes(person, current)
    record("application_draft.discarded", person, current, service=current.service.slug)
    remove_draft(current)


@transaction.atomic
def add_draft_document(
    draft: ApplicationDraft, person: User, kind: str, name: str, content: bytes, at: datetime
) -> DraftDocument:
    """Keep a document that is to go with the application; the same content again is the same document.

    ValidationError (`file`) for what is not taken, with code `not_acting` for anybody but the member who
    writes the draft.
    """
    content_type_of(name, content)
    current = _locked(draft)
    _ensure_writes(person, current)
    digest = hashlib.sha256(content).hexdigest()
    there = current.documents.filter(content_hash=digest).first()
    if there:
        return there
    if current.documents.count() >= MOST:
        raise field_error("file", _("There are too many documents."), "too_many")
    document = DraftDocument(
        draft=current,
        kind=kind,
        name=plain_name(name),
        size=len(content),
        content_hash=digest,
        uploaded_at=at,
    )
    document.file.name = private_name(document, document.name)
    store(document.file.name, content)
    document.save()
    _touch(current, at)
    record("application_draft.document_added", person, current, kind=kind, content_hash=digest)
    return document


@transaction.atomic
def remove_draft_document(draft: ApplicationDraft, person: User, document_pk: int, at: datetime) -> None:
    """Take a document out of a draft; one that is gone already is no error.

    ValidationError (code `not_acting`) for anybody but the member who writes the draft.
    """
    current = ApplicationDraft.objects.select_for_update().filter(pk=draft.pk).first()
    document = DraftDocument.objects.filter(draft=current, pk=document_pk).first() if current else None
    if current is None or document is None:
        return
    _ensure_writes(person, current)
    remove_on_commit(str(document.file))
    document.delete()
    _touch(current, at)
    record("application_draft.document_removed", person, current, content_hash=document.content_hash)


@transaction.atomic
def send_draft(
    draft: ApplicationDraft, key: uuid.UUID, data: ApplicationData, at: datetime, ip: str | None
) -> Application:
    """Send what a draft holds as an application with its documents, and remove the draft.

    `key` is that of the content from which `data` was read. However often the same content is sent, there is
    one application. ValidationError as for `check_application`; with code `changed` when the draft holds
    something else by now, `discarded` when it is gone, `document_damaged` where the file of a document is.
    """
    current = ApplicationDraft.objects.select_for_update().filter(pk=draft.pk).first()
    sent = Application.objects.filter(submission_key=key, organisation=draft.organisation_id).first()
    if sent:
        return sent
    if current is None:
        raise ValidationError(_("This draft was sent or discarded on another page."), code="discarded")
    if current.key != key:
        raise ValidationError(
            _("Your application was changed on another page. Please check it again."), code="changed"
        )
    application = submit_application(current.service, current.organisation, current.person, data, key, at, ip)
    for document in current.documents.all():
        attach_document(
            application, current.person, document.name, _content(document), at, kind=document.kind
        )
    remove_draft(current)
    return application


@transaction.atomic
def remove_old_drafts(at: datetime) -> int:
    """Remove the drafts that nobody has touched for as long as their provider keeps them; gives how many.

    Their documents go with them. The audit trail gets a count for each service, and nothing of what was in
    them. A draft that somebody works on at this moment stays.
    """
    return sum(_remove_old_drafts_of(provider, at) for provider in Provider.objects.all())


def _remove_old_drafts_of(provider: Provider, at: datetime) -> int:
    kept = days_kept(provider.code, "drafts")
    first_kept_day = japan_date(at) - timedelta(days=kept)
    untouched = ApplicationDraft.objects.filter(
        service__provider=provider, updated_at__lt=datetime.combine(first_kept_day, time(), JAPAN)
    )
    old = list(untouched.select_for_update(skip_locked=True, of=("self",)).select_related("service"))
    for draft in old:
        remove_draft(draft)
    for service, count in Counter(draft.service for draft in old).items():
        record("application_drafts.removed", None, service, count=count, untouched_for_days=kept)
    return len(old)


def _locked(draft: ApplicationDraft) -> ApplicationDraft:
    current = ApplicationDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if current is None:
        raise ValidationError(_("This draft was sent or discarded on another page."), code="discarded")
    return current


def _content(document: DraftDocument) -> bytes:
    try:
        return read_checked(str(document.file), document.content_hash)
    except DamagedFileError as error:
        text = _("The stored file of “%(name)s” is damaged. Please remove the document and attach it again.")
        raise ValidationError(text % {"name": document.name}, code="document_damaged") from error


def _ensure_writes(person: User, draft: ApplicationDraft) -> None:
    ensure_acts_for(person, draft.organisation, Right.CONTRACTS)
    if person != draft.person:
        raise ValidationError(_("Only the person who writes a draft can change it."), code="not_acting")


def _touch(draft: ApplicationDraft, at: datetime) -> None:
    draft.key = uuid.uuid4()
    draft.updated_at = at
    draft.save()

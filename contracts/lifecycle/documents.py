"""Documents that customers hand in: checked by size and content, stored where only views hand them out."""

import hashlib
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.guards import field_error
from contracts.models import Application, ContractDocument, ContractRequest, IndividualAgreement
from contracts.models.fields import private_name
from portal.audit.record import record
from portal.kept_files import read_checked, store
from portal.organisations.acting import ensure_acts_for, ensure_no_own_cause
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User

LARGEST = 10 * 1024 * 1024
MOST = 20
"""How many documents one application or request takes."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_ENDINGS = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
}


def content_type_of(name: str, content: bytes) -> str:
    """The type of a file by its first bytes; ValidationError (`file`) unless it is one that is taken.

    The ending of its name must agree with it.
    """
    if not content:
        raise field_error("file", _("The file is empty."), "empty")
    if len(content) > LARGEST:
        raise field_error("file", _("The file is larger than 10 MB."), "too_large")
    found = next((kind for start, kind in _STARTS if content.startswith(start)), None)
    if found is None:
        raise field_error("file", _("Only PDF, PNG and JPEG files are taken."), "type")
    if not name.lower().endswith(_ENDINGS[found]):
        raise field_error("file", _("The file's name and its content don't agree."), "type")
    return found


@transaction.atomic
def attach_document(
    target: Application | ContractRequest,
    person: User,
    name: str,
    content: bytes,
    at: datetime,
    *,
    kind: str = "",
) -> ContractDocument:
    """Store a document with an application or a request that waits for a decision.

    `kind` is the key of the document in the policy, where it is one of those that the policy names. The
    same content again gives the document that is there. ValidationError (`file`) for what is not taken, for
    who may not act for the contract (`not_acting`, `no_right`), or when the target was decided.
    """
    content_type_of(name, content)
    current = type(target)._default_manager.select_for_update().get(pk=target.pk)
    ensure_acts_for(person, _handing_in(current), Right.CONTRACTS, _contract_of(current))
    if not current.is_open:
        raise ValidationError(_("This was decided already; nothing can be added."), code="already_decided")
    digest = hashlib.sha256(content).hexdigest()
    there = current.documents.filter(content_hash=digest).first()
    if there:
        return there
    if current.documents.count() >= MOST:
        raise field_error("file", _("There are too many documents."), "too_many")
    return keep_document(current, person, name, content, at, kind=kind)


@transaction.atomic
def add_for(
    target: Application | ContractRequest, staff: User, name: str, content: bytes, at: datetime
) -> ContractDocument:
    """Store a document that reached staff on paper, with what waits for a decision.

    ValidationError (`file`) as for `attach_document`, for staff's own organisation (`own_request`), or when
    the target was decided.
    """
    content_type_of(name, content)
    current = type(target)._default_manager.select_for_update().get(pk=target.pk)
    ensure_no_own_cause(staff, _handing_in(current))
    if not current.is_open:
        raise ValidationError(_("This was decided already; nothing can be added."), code="already_decided")
    there = current.documents.filter(content_hash=hashlib.sha256(content).hexdigest()).first()
    return there or keep_document(current, staff, name, content, at)


def content_of(document: ContractDocument) -> bytes:
    """The document as it was handed in. Raises DamagedFileError where it is missing or was altered."""
    return read_checked(str(document.file), document.content_hash)


def keep_document(
    target: Application | ContractRequest | IndividualAgreement,
    person: User,
    name: str,
    content: bytes,
    at: datetime,
    *,
    kind: str = "",
) -> ContractDocument:
    """Store a document where only views hand it out; ValidationError (`file`) for what is not taken."""
    content_type = content_type_of(name, content)
    document = ContractDocument(
        application=target if isinstance(target, Application) else None,
        request=target if isinstance(target, ContractRequest) else None,
        agreement=target if isinstance(target, IndividualAgreement) else None,
        organisation=_handing_in(target),
        kind=kind,
        name=plain_name(name),
        content_type=content_type,
        size=len(content),
        content_hash=hashlib.sha256(content).hexdigest(),
        uploaded_by=person,
        uploaded_at=at,
    )
    document.file.name = private_name(document, document.name)
    store(document.file.name, content)
    document.save()
    record(
        "document.attached",
        person,
        document,
        to=str(target),
        content_hash=document.content_hash,
        size=document.size,
        personal={"name": document.name},
    )
    return document


def _handing_in(target: Application | ContractRequest | IndividualAgreement) -> Organisation:
    if isinstance(target, Application):
        return target.acting_organisation
    return target.contract.organisation


def _contract_of(target: Application | ContractRequest) -> int | None:
    return target.contract_pk if isinstance(target, Application) else target.contract_id


def plain_name(name: str) -> str:
    """The last part of a name, without what could hide in a header or a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(one for one in last if one.isprintable())[-150:]

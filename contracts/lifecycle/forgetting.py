"""Erasing what tells of people: contacts and papers of contracts that ended, drafts that nobody sends."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from contracts.deciding.guards import locked_contract
from contracts.models import (
    ApplicationDraft,
    AuthorisedUser,
    Contract,
    ContractDocument,
    ContractParticular,
    Reminder,
)
from contracts.rules.policy.particulars import OF_CONTACTS, PHONES
from portal.audit.erasing import erase
from portal.audit.models import AuditEntry
from portal.audit.record import record
from portal.kept_files import remove_on_commit
from portal.organisations.models import User

ERASED = "（消去済み）"
"""What stands where words were erased that something must stand for."""

OF_PEOPLE: frozenset[str] = frozenset({*OF_CONTACTS, *PHONES, "representative", "identity_document"})
"""The particulars that tell of people; the rest tells of the organisation and belongs to the contract."""

_WAYS = frozenset({"contact", "phone", "email"})
_OF_SOMEBODY = frozenset({*_WAYS, "name", "address", "purpose"})
_TOLD_OF_PEOPLE = ["particulars", "company", "contact", "name", "to"]


@transaction.atomic
def forget_contacts(contract: Contract, staff: User, day: date) -> None:
    """Erase the contacts and authorised users of a contract that ended before a day.

    The contract, what it contained and who was its customer stay. ValidationError (`runs`) for any other.
    """
    current = locked_contract(contract)
    ensure_ended(current, day)
    application = current.application
    application.particulars = without_people(application.particulars)
    application.save(update_fields=["particulars"])
    ContractParticular.objects.filter(contract=current, key__in=OF_PEOPLE).exclude(value="").update(
        value=ERASED
    )
    AuthorisedUser.objects.filter(contract=current).update(
        name=ERASED, address=ERASED, contact=ERASED, purpose="", breach_note=""
    )
    Reminder.objects.filter(contract=current).update(to="")
    for request in current.requests.all():
        request.payload = without_people(request.payload)
        request.save(update_fields=["payload"])
    erase(_told_of(current), staff, current.organisation)


def ensure_ended(contract: Contract, day: date) -> None:
    """ValidationError (`runs`) unless a contract ended before a day."""
    if contract.ends_on is None or contract.ends_on >= day:
        raise ValidationError(
            _("The contract %(number)s has not ended: its contacts are needed to carry it out.")
            % {"number": contract.number},
            "runs",
        )


def without_people(stated: Any) -> Any:
    """What was stated, with a mark in place of all that tells of people."""
    if isinstance(stated, list):
        return [without_people(part) for part in stated]
    if not isinstance(stated, Mapping):
        return stated
    gone: set[str] = set(OF_PEOPLE)
    if _WAYS & stated.keys():
        gone |= _WAYS if "corporate_number" in stated else _OF_SOMEBODY
    return {
        key: ERASED if key in gone and isinstance(value, str) and value else without_people(value)
        for key, value in stated.items()
    }


def _told_of(contract: Contract) -> Any:
    """The entries of the trail that say who somebody is: not those that say why something was decided."""
    requests = [str(pk) for pk in contract.requests.values_list("pk", flat=True)]
    about = (
        Q(object_type="contracts.contract", object_id=str(contract.pk))
        | Q(object_type="contracts.application", object_id=str(contract.application_id))
        | Q(object_type="contracts.contractrequest", object_id__in=requests)
    )
    return AuditEntry.objects.filter(about, personal__has_any_keys=_TOLD_OF_PEOPLE)


@transaction.atomic
def erase_document(document: ContractDocument, staff: User) -> None:
    """Erase a document that was handed in, with its file; the trail keeps its hash.

    ValidationError (`signed`) for an agreement that was signed: it is a part of the contract.
    """
    if document.agreement_id:
        raise ValidationError(
            _("This is an agreement as it was signed. It is kept with the contract (会社法432条2項)."),
            "signed",
        )
    remove_on_commit(str(document.file))
    record(
        "document.erased",
        staff,
        document.application or document.request.contract,  # type: ignore[union-attr]
        content_hash=document.content_hash,
        uploaded_at=document.uploaded_at,
    )
    document.delete()


def remove_draft(draft: ApplicationDraft) -> None:
    """Remove a draft with its documents: a part of what sends, discards and erases drafts."""
    for name in draft.documents.values_list("file", flat=True):
        remove_on_commit(name)
    draft.delete()

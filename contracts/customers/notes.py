"""Notes of a provider's staff on a customer, for colleagues."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.models import CustomerNote, Provider
from portal.audit.erasing import erase
from portal.audit.models import AuditEntry
from portal.audit.record import record
from portal.organisations.models import Organisation, User
from portal.staffing.reach import reaches, works_for

ADD = "contracts.add_customernote"
LONGEST = 2000


@transaction.atomic
def add_note(
    organisation: Organisation, provider: Provider, text: str, staff: User, at: datetime
) -> CustomerNote:
    """Note something of a customer, for the staff of a provider.

    ValidationError on `text` where nothing is said, or more than `LONGEST` characters; for a customer or a
    provider whose staff this is not (`other_provider`), and on one that was united into another (`united`).
    PermissionDenied without the right.
    """
    if not staff.has_perm(ADD):
        raise PermissionDenied
    if not works_for(staff, provider.code) or not reaches(staff, organisation):
        raise ValidationError(
            _("This belongs to another provider. Only its own staff can do that."), "other_provider"
        )
    if organisation.united_into_id:
        raise ValidationError(_("This organisation was united into another, and stays as it was."), "united")
    said = text.strip()
    if not said:
        raise ValidationError({"text": ValidationError(_("Write what is to be known."), "empty")})
    if len(said) > LONGEST:
        message = _("At most %(longest)s characters.") % {"longest": f"{LONGEST:,}"}
        raise ValidationError({"text": ValidationError(message, "long")})
    note = CustomerNote.objects.create(
        organisation=organisation, provider=provider, author=staff, at=at, text=said
    )
    record("customer_note.added", staff, note, provider=provider.code, personal={"text": said})
    return note


@transaction.atomic
def erase_note(note: CustomerNote, staff: User) -> None:
    """Erase a note, and its words in the trail; that there was one stays."""
    about = AuditEntry.objects.filter(object_type=note._meta.label_lower, object_id=str(note.pk))
    erase(about, staff, note.organisation)
    record("customer_note.erased", staff, note, provider=note.provider.code, at=note.at)
    note.delete()

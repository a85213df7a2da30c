"""Erasing what an application states that led to no contract."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.lifecycle.forgetting import ERASED, erase_document
from contracts.models import Application
from contracts.rules.calendar.period import japan_date
from portal.audit.erasing import erase
from portal.audit.models import AuditEntry
from portal.organisations.models import User


@transaction.atomic
def forget_application(application: Application, staff: User, day: date) -> None:
    """Erase what an application states, what was asked and answered, and what was handed in.

    Number, service, days and decision stay. ValidationError (`needed`) where it led to a contract, or was not
    decided before a day.
    """
    current = Application.objects.select_for_update().get(pk=application.pk)
    if hasattr(current, "contract") or not current.decided_at or japan_date(current.decided_at) >= day:
        raise ValidationError(
            _("The application %(number)s is not decided yet, or led to a contract.")
            % {"number": current.number},
            "needed",
        )
    current.particulars = _erased(current.particulars)
    current.refusal_note = ERASED if current.refusal_note else ""
    current.save(update_fields=["particulars", "refusal_note"])
    current.messages.update(text=ERASED)
    current.checks.exclude(note="").update(note=ERASED)
    for document in current.documents.all():
        erase_document(document, staff)
    if identity := getattr(current, "identity", None):
        identity.reason = ERASED if identity.reason else ""
        identity.person = ERASED if identity.person else ""
        identity.save(update_fields=["reason", "person"])
    told = AuditEntry.objects.filter(object_type="contracts.application", object_id=str(current.pk))
    erase(told, staff, current.organisation)


def _erased(stated: dict[str, Any]) -> dict[str, Any]:
    return {key: ERASED if value else value for key, value in stated.items()}

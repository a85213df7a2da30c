import json
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from portal.audit.models import AuditEntry
from portal.audit.record import record


@admin.register(AuditEntry)
class AuditEntryAdmin(ModelAdmin):
    """Read only: entries come from operations."""

    list_display = ("sequence", "at", "actor", "action", "object_type", "object_id", "organisation")
    list_select_related = ("actor", "organisation")
    list_filter = ("action", "object_type")
    search_fields = ("action", "object_id", "actor__email", "organisation__name")
    date_hierarchy = "at"
    fields = (
        *("sequence", "at", "actor", "action", "object_type", "object_id", "organisation"),
        *("data", "shown_personal", "previous_hash", "hash"),
    )

    @display(description=_("Personal data"))
    def shown_personal(self, obj: AuditEntry) -> str:
        if obj.is_erased:
            return pgettext("personal data", "Erased")
        return json.dumps(obj.personal, ensure_ascii=False) if obj.personal else "—"

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class AuditedAdmin:
    """Mixin for what staff edit in the admin itself: each change goes into the audit trail.

    Django carries out a change and its entry in one transaction. Nothing is deleted.
    """

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        record(f"{obj._meta.model_name}.added", request.user, obj, personal={"changes": message})
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        record(f"{obj._meta.model_name}.changed", request.user, obj, personal={"changes": message})
        return super().log_change(request, obj, message)  # type: ignore[misc]

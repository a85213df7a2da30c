from typing import Any

from django.contrib import admin
from unfold.admin import ModelAdmin

from portal.audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ModelAdmin):
    """Read only: entries come from operations."""

    list_display = ("sequence", "at", "actor", "action", "object_type", "object_id", "organisation")
    list_select_related = ("actor", "organisation")
    list_filter = ("action", "object_type")
    search_fields = ("action", "object_id", "actor__email", "organisation__name")
    date_hierarchy = "at"

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from portal.audit.books import named, tell
from portal.audit.changes import with_values
from portal.audit.exports.admin import ExportedAdmin
from portal.audit.exports.entries import entry_columns, told_entries
from portal.audit.exports.lists import Column
from portal.audit.filters import PORTAL, ChapterFilter, PeriodFilter, PersonFilter
from portal.audit.history import HistoryAdmin
from portal.audit.models import AuditEntry
from portal.audit.names import Names, seen_by
from portal.audit.record import record
from portal.audit.stories import matching


class ToldList(ChangeList):
    """A page of the list, its entries put into words together."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        entries = list(self.result_list)
        for entry, told in zip(entries, tell(entries, Names(named, seen_by(request))), strict=True):
            entry.told = told
        self.result_list = entries


@admin.register(AuditEntry)
class AuditEntryAdmin(HistoryAdmin, ExportedAdmin, ModelAdmin):
    """Read only: entries come from operations."""

    list_display = ("shown_at", "shown_who", "shown_event", "shown_customer", "sequence")
    list_select_related = ("actor",)
    list_filter = (("at", PeriodFilter), ChapterFilter, PersonFilter)
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("sequence",)
    search_help_text = _(
        "Number of a contract, an application, a request, a letter or an invoice; name of a customer or"
        " a person"
    )
    date_hierarchy = "at"
    fieldsets = (
        (None, {"fields": ("sequence", "at", "shown_who", "shown_event", "shown_customer")}),
        (
            _("As it was recorded"),
            {"fields": ("action", "object_type", "object_id", "shown_data", "shown_personal")},
        ),
        (_("Seals"), {"fields": ("previous_hash", "hash")}),
    )

    class Media:
        css = {"all": ("css/staff-history.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ToldList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(matching(search_term)), False

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> AuditEntry | None:
        found: AuditEntry | None = super().get_object(request, *args, **kwargs)
        if found:
            (found.told,) = tell([found], Names(named, seen_by(request)))  # type: ignore[attr-defined]
        return found

    @display(description=_("At"), ordering="sequence")
    def shown_at(self, obj: Any) -> Any:
        return render_to_string("admin/audit/_at.html", {"entry": obj})

    @display(description=_("By"))
    def shown_who(self, obj: Any) -> Any:
        address = reverse("admin:audit_auditentry_changelist")
        return format_html('<a href="{}?by={}">{}</a>', address, obj.actor_id or PORTAL, obj.told.who)

    @display(description=_("Event"))
    def shown_event(self, obj: Any) -> Any:
        return render_to_string("admin/audit/_told.html", {"told": obj.told})

    @display(description=_("Customer"))
    def shown_customer(self, obj: Any) -> Any:
        customer = obj.told.customer
        return customer.html if customer else "—"

    @display(description=_("Data"))
    def shown_data(self, obj: AuditEntry) -> str:
        written = json.dumps(obj.data, ensure_ascii=False, indent=2)
        return format_html('<pre class="told-data">{}</pre>', written)

    @display(description=_("Personal data"))
    def shown_personal(self, obj: AuditEntry) -> str:
        if obj.is_erased:
            return pgettext("personal data", "Erased")
        written = json.dumps(obj.personal, ensure_ascii=False, indent=2) if obj.personal else "—"
        return format_html('<pre class="told-data">{}</pre>', written)

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What stands in the trail before the entry that tells of the export."""
        last = AuditEntry.objects.aggregate(last=Max("sequence"))["last"] or 0
        found: QuerySet[Any] = super().get_export_queryset(request).filter(sequence__lte=last)
        return found

    def columns_to_export(self, request: HttpRequest) -> list[Column]:
        return entry_columns()

    def rows_to_export(self, found: QuerySet[Any]) -> Any:
        return told_entries(found)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class AuditedAdmin(HistoryAdmin, ExportedAdmin):
    """Mixin for what staff edit in the admin itself: each change goes into the audit trail.

    Django carries out a change and its entry in one transaction. Nothing is deleted.
    """

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def save_related(self: Any, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        obj, done = form.instance, "changed" if change else "added"
        message = self.construct_change_message(request, form, formsets, not change)
        record(
            f"{obj._meta.model_name}.{done}",
            request.user,
            obj,
            personal={"changes": list(with_values(message, form, formsets))},
        )

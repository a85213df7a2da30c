"""Every list of the admin can be taken out as a file, by who may see it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from import_export.admin import ExportMixin

from portal.audit.exports.columns import admin_columns
from portal.audit.exports.lists import Column, ListOut
from portal.audit.exports.pages import export_page

AT_ONCE = 500
"""So many rows are in memory, and what they name is fetched for so many at once."""


class ExportedAdmin(ExportMixin):  # type: ignore[misc]
    """Mixin: the list as it is filtered, searched and ordered, in the columns and words that it shows.

    `export_more` names what is offered beside the columns of the list: whatever could stand in it; and
    `export_without` those of its columns that say nothing outside of the page, such as links.
    """

    export_more: tuple[str, ...] = ()
    export_without: tuple[str, ...] = ()

    def init_change_list_template(self) -> None:
        """With both buttons: a list that takes tables in hands them out as well."""
        self.import_export_change_list_template = "admin/import_export/change_list_import_export.html"
        super().init_change_list_template()

    def has_export_permission(self: Any, request: HttpRequest) -> bool:
        """Who sees the list may take it out."""
        allowed: bool = self.has_view_or_change_permission(request)
        return allowed

    def export_action(self: Any, request: HttpRequest) -> HttpResponseBase:
        if not self.has_export_permission(request):
            raise PermissionDenied
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            taken = self.list_to_export(request)
        except IncorrectLookupParameters:
            text = gettext("What was asked for can't be found. This is the whole list.")
            messages.warning(request, text)
            return redirect(address)
        query = request.GET.urlencode()
        page: HttpResponseBase = self.export_of(request, taken, f"{address}?{query}" if query else address)
        return page

    def export_of(
        self: Any, request: HttpRequest, taken: ListOut, back: str, about: Model | None = None
    ) -> HttpResponseBase:
        """The page that hands out a list which stands at `back`, or the file."""
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return export_page(request, taken, back, context, about)

    def list_to_export(self: Any, request: HttpRequest) -> ListOut:
        """The list that the address names. IncorrectLookupParameters where it can't be filtered so."""
        found = self.get_export_queryset(request)
        return ListOut(
            key=self.opts.label_lower,
            columns=self.columns_to_export(request),
            count=found.count(),
            rows=lambda: self.rows_to_export(found),
        )

    def columns_to_export(self: Any, request: HttpRequest) -> list[Column]:
        shown = (name for name in self.get_list_display(request) if name not in self.export_without)
        return admin_columns(self, shown, self.export_more)

    def rows_to_export(self, found: QuerySet[Any]) -> Iterable[Any]:
        """The rows, fetched by and by."""
        return found.iterator(chunk_size=AT_ONCE)

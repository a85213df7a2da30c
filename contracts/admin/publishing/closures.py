"""Days on which a provider is closed. They shift deadlines, so each entry goes through its operation."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from contracts.admin.pages import DAYS
from contracts.models import CompanyClosure
from contracts.publishing.closures import save_closure
from portal.audit.history import HistoryAdmin
from portal.organisations.models import User


@admin.register(CompanyClosure)
class CompanyClosureAdmin(HistoryAdmin, ModelAdmin):
    list_display = ("day", "provider", "note")
    list_filter = ("provider",)
    list_select_related = ("provider",)
    search_fields = ("note",)
    date_hierarchy = "day"
    formfield_overrides = DAYS

    def get_queryset(self, request: HttpRequest) -> QuerySet[CompanyClosure]:
        return super().get_queryset(request).prefetch_related("provider__particulars")

    def save_model(self, request: HttpRequest, obj: CompanyClosure, form: Any, change: bool) -> None:
        save_closure(obj, cast(User, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

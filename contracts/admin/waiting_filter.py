"""The filter of lists by what waits for staff."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contracts.inbox.sources import filtered


class WaitingFilter(admin.SimpleListFilter):
    """Offers what the sources tell of the list's model."""

    title = _("Waiting for")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(source.key, source.label) for source, _listed in filtered(model_admin.model)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for source, listed in filtered(queryset.model):
            if source.key == self.value():
                return queryset.filter(pk__in=listed.found())
        return queryset

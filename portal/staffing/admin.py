"""What all pages of the admin have in common: they show staff nothing but what they reach."""

from typing import Any

from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Field, ForeignObjectRel, QuerySet
from django.forms import Form, ModelChoiceField
from django.http import HttpRequest

from portal.staffing.reach import M, reach_of, within


class ReachedFilter(RelatedFieldListFilter):
    """Offers of what is related what somebody reaches."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        reached = reach_of(request.user, field.remote_field.model)
        ordering = self.field_admin_ordering(field, request, model_admin)
        found: list[Any] = field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=reached)
        return found


class ReachedAdmin:
    """Mixin: lists, searches, pages, choices and filters hold what somebody reaches."""

    def get_queryset(self: Any, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return within(request.user, found)

    def formfield_for_foreignkey(self: Any, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        return _kept_within(request.user, field)

    def get_list_filter(self: Any, request: HttpRequest) -> list[Any]:
        chosen = super().get_list_filter(request)  # type: ignore[misc]
        return [self._reached(one) for one in chosen]

    def _reached(self: Any, chosen: Any) -> Any:
        if not isinstance(chosen, str):
            return chosen
        field = get_fields_from_path(self.model, chosen)[-1]
        return (chosen, ReachedFilter) if _is_relation(field) else chosen


def _is_relation(field: "Field[Any, Any] | ForeignObjectRel") -> bool:
    return bool(field.is_relation)


class ReachedField:
    """Mixin: a field of a form that finds an object by what is typed, among those that `staff` reaches."""

    staff: Any = None

    def reached(self, found: QuerySet[M]) -> QuerySet[M]:
        return within(self.staff, found) if self.staff else found


def keep_within(staff: Any, form: Form) -> None:
    """Let the fields of a form offer and find what somebody reaches."""
    for field in form.fields.values():
        if isinstance(field, ReachedField):
            field.staff = staff
        else:
            _kept_within(staff, field)


def _kept_within(staff: Any, field: Any) -> Any:
    if isinstance(field, ModelChoiceField) and field.queryset is not None:
        field.queryset = within(staff, field.queryset)
    return field

"""What the list of the audit trail can be narrowed by."""

from datetime import MAXYEAR, MINYEAR, datetime, time, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str

from portal.audit.books import chapters
from portal.staffing.reach import within
from portal.typed import whole_number

PORTAL = "portal"


class PeriodFilter(RangeDateFilter):  # type: ignore[misc]
    """From a day to a day, both counted, as days are in Japan."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self._day("from"), self._day("to")
        if first:
            queryset = queryset.filter(at__gte=first)
        if last:
            queryset = queryset.filter(at__lt=last + timedelta(days=1))
        return queryset

    def _day(self, end: str) -> datetime | None:
        written = self.used_parameters.get(f"{self.parameter_name}_{end}")
        day = parse_date_str(written) if isinstance(written, str) else None
        if day is None or not MINYEAR < day.year < MAXYEAR:
            return None
        return datetime.combine(day, time.min, get_current_timezone())


class ChapterFilter(DropdownFilter):  # type: ignore[misc]
    """By the kind of event."""

    title = _("Kind of event")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(chapter.key, chapter.title) for chapter in chapters()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for chapter in chapters():
            if chapter.key == self.value():
                return queryset.filter(action__in=list(chapter.sentences))
        return queryset


class PersonFilter(DropdownFilter):  # type: ignore[misc]
    """By who did it: one of the provider's staff, the portal itself, or whom a link of the list names."""

    title = _("By")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        chosen = whole_number(str(request.GET.get(self.parameter_name, "")))
        known = within(request.user, get_user_model().objects.order_by("email"))
        people = known.filter(Q(is_staff=True) | Q(pk=chosen))
        return [(PORTAL, gettext("The portal")), *((str(person.pk), str(person)) for person in people)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == PORTAL:
            return queryset.filter(actor=None)
        chosen = whole_number(str(self.value() or ""))
        return queryset.filter(actor=chosen) if chosen else queryset

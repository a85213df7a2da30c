"""What lists share: the number and sum of what a row holds."""

from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contracts.admin.pages import ReadOnlyAdmin
from contracts.wording.formats import yen_text


class SummedAdmin(ReadOnlyAdmin):
    """A list of what holds lines with an `amount`: `summed` is the name of their relation."""

    summed = "lines"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        counted: QuerySet[Any] = found.annotate(
            count=Count(self.summed), total=Sum(f"{self.summed}__amount", default=0)
        )
        return counted

    @display(description=_("How many"), ordering="count")
    def shown_count(self, obj: Any) -> int:
        return int(obj.count)

    @display(description=_("Total"), ordering="total")
    def shown_total(self, obj: Any) -> str:
        return yen_text(obj.total)

"""Price lists as they were published."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models import PriceListVersion
from contracts.admin.pages import ReadOnlyAdmin


@admin.register(PriceListVersion)
class PriceListVersionAdmin(ReadOnlyAdmin):
    list_display = ("service", "effective_on", "shown_count")
    list_display_links = ("effective_on",)
    list_filter = ("service",)
    list_select_related = ("service",)
    fields = ("service", "effective_on", "shown_source")

    @display(description=_("Prices"))
    def shown_count(self, obj: PriceListVersion) -> int:
        return len(obj.prices.prices)

    @display(description=_("Price list"))
    def shown_source(self, obj: PriceListVersion) -> str:
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', obj.source)

"""The notes of staff on customers; they are written on the customer's page."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contracts.admin.html import customer_link
from contracts.admin.pages import ReadOnlyAdmin
from contracts.models import CustomerNote


@admin.register(CustomerNote)
class CustomerNoteAdmin(ReadOnlyAdmin):
    list_display = ("at", "organisation", "text", "author", "provider")
    list_select_related = ("organisation", "author", "provider")
    list_prefetch_related = ("provider__particulars",)
    list_filter = ("provider",)
    search_fields = ("text", "organisation__name", "organisation__kana")
    date_hierarchy = "at"
    fields = ("shown_customer", "provider", "author", "at", "text")

    @display(description=_("organisation"))
    def shown_customer(self, obj: CustomerNote) -> str:
        return customer_link(obj.organisation)

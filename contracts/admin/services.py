"""Services and providers, as their files in the catalog describe them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contracts.admin.html import lines, link
from contracts.admin.pages import ReadOnlyAdmin
from contracts.models import Provider, Service


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "slug", "provider")
    list_select_related = ("provider",)
    search_fields = ("slug", "provider__name")
    fields = ("shown_name", "slug", "provider", "shown_summary", "shown_sample_note", "shown_pages")

    @display(description=_("Name"))
    def shown_name(self, obj: Service) -> str:
        return obj.name

    @display(description=_("Summary"))
    def shown_summary(self, obj: Service) -> str:
        return obj.summary

    @display(description=_("What is sample data"))
    def shown_sample_note(self, obj: Service) -> str:
        return obj.sample_note or "—"

    @display(description=_("Public pages"))
    def shown_pages(self, obj: Service) -> str:
        service = link(reverse("contracts:service-detail", args=[obj.slug]), obj.name)
        terms = link(reverse("contracts:terms-history", args=[obj.slug]), _("History of the terms"))
        return lines([service, terms])


@admin.register(Provider)
class ProviderAdmin(ReadOnlyAdmin):
    list_display = ("name", "code", "registration_number", "phone")
    search_fields = ("name", "code", "registration_number")
    fields = (
        "code",
        "name",
        "name_en",
        "registration_number",
        "postal_code",
        "address",
        "phone",
        "email",
        "shown_bank_account",
        "shown_reminders",
        "fiscal_year_starts_in",
        "shown_services",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        return super().get_queryset(request).prefetch_related("services")

    @display(description=_("Payment reminders"))
    def shown_reminders(self, obj: Provider) -> str:
        text = _("after %(after_days)s days, %(days_to_pay)s days to pay")
        return lines(text % step for step in obj.reminders)

    @display(description=_("Bank account"))
    def shown_bank_account(self, obj: Provider) -> str:
        account: dict[str, Any] = obj.bank_account
        return " ".join(str(account.get(part, "")) for part in ("bank", "branch", "kind", "number", "holder"))

    @display(description=_("services"))
    def shown_services(self, obj: Provider) -> str:
        return "、".join(service.name for service in obj.services.all())

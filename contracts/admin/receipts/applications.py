"""The pages on which staff enter an application of a customer, known or new."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from contracts.admin.receipts.forms import ApplicationBeginning, dressed
from contracts.models import Application, ContractRequest
from contracts.views.entering.applications import ApplicationEntry
from portal.staffing.admin import keep_within

RIGHT = "contracts.add_application"


class StaffEntry(ApplicationEntry):
    """An application as staff enter it."""

    def __init__(self, admin: ModelAdmin, request: HttpRequest) -> None:
        super().__init__(request)
        self.admin = admin
        self.beginning = ApplicationBeginning(self.posted)
        keep_within(request.user, self.beginning)
        if not self.posted and "organisation" in request.GET:
            self.beginning.initial["organisation"] = request.GET["organisation"]

    def dressed(self, form: forms.Form) -> forms.Form:
        return dressed(form)

    def address_of(self, stored: Application | ContractRequest) -> str:
        return reverse("admin:contracts_application_change", args=[stored.pk])

    def page(self, step: str, shown: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin.admin_site.each_context(self.request),
            "opts": self.admin.opts,
            "title": _("Enter an application that came beside the portal"),
            "back_url": reverse("admin:contracts_application_changelist"),
            "media": self.beginning.media,
            **shown,
        }
        return TemplateResponse(self.request, "admin/receipts/application.html", context)


def enter(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The pages on which an application is entered."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    return StaffEntry(admin, request).answer()

"""The pages on which staff enter a request of a customer."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from contracts.admin.receipts.forms import dressed
from contracts.models import Application, Contract, ContractRequest
from contracts.requests.decide import submit_request
from contracts.views.entering.requests import RequestEntry

RIGHT = "contracts.add_contractrequest"


class StaffEntry(RequestEntry):
    """A request as staff enter it."""

    def __init__(self, admin: ModelAdmin, request: HttpRequest, contract: Contract) -> None:
        self.admin = admin
        super().__init__(request, contract, submit_request)

    def dressed(self, form: forms.Form) -> forms.Form:
        return dressed(form)

    def address_of(self, stored: Application | ContractRequest) -> str:
        return reverse("admin:contracts_contractrequest_change", args=[stored.pk])

    def page(self, step: str, shown: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin.admin_site.each_context(self.request),
            "opts": self.admin.opts,
            "original": self.contract,
            "title": _("Enter what came beside the portal"),
            "back_url": reverse("admin:contracts_contract_change", args=[self.contract.pk]),
            "media": self.beginning.media,
            **shown,
        }
        return TemplateResponse(self.request, "admin/receipts/request.html", context)


def enter_request(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The pages on which a request on a contract is entered."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    contract = get_object_or_404(
        admin.get_queryset(request).select_related(
            "service__provider", "contracted_version__service", "application", "organisation"
        ),
        pk=pk,
    )
    return StaffEntry(admin, request, contract).answer()

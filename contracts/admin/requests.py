"""Requests on running contracts: staff see what the rules decided, and accept or refuse."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.forms import ConfirmForm, RefusalForm
from contracts.admin.html import explained
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.models import ContractRequest
from contracts.operations.requests import accept_request, complete_request, refuse_request
from contracts.products_shown import product_lines
from contracts.reasons import request_refusal_choices
from portal.organisations.models import User

STATUS_COLOURS = {
    "submitted": "info",
    "asked_back": "warning",
    "accepted": "success",
    "refused": "danger",
    "withdrawn": "default",
}


@admin.register(ContractRequest)
class ContractRequestAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "kind",
        "contract",
        "shown_organisation",
        "shown_status",
        "submitted_at",
        "wanted_on",
    )
    list_filter = ("status", "kind", "contract__service")
    search_fields = ("number", "contract__number", "contract__organisation__name")
    date_hierarchy = "submitted_at"
    fieldsets = (
        (None, {"fields": ("number", "kind", "status", "contract", "shown_organisation")}),
        (
            _("What is asked for"),
            {"fields": ("shown_product", "wanted_on", "user_ids_deleted", "requested_by", "submitted_at")},
        ),
        (_("Decision of the rules"), {"fields": ("terms_version", "shown_decision")}),
        (_("Decision"), {"fields": ("decided_at", "decided_by")}),
    )
    actions_detail = ("accept", "refuse", "complete")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContractRequest]:
        return (
            super()
            .get_queryset(request)
            .select_related(
                "contract__organisation", "contract__service", "terms_version__service", "requested_by"
            )
        )

    def offered(self, obj: ContractRequest) -> Collection[str]:
        if obj.is_open:
            return ("accept", "refuse")
        return ("complete",) if obj.waits_for_completion else ()

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, obj: ContractRequest) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=_("Organisation"))
    def shown_organisation(self, obj: ContractRequest) -> str:
        return str(obj.contract.organisation)

    @display(description=_("Product"))
    def shown_product(self, obj: ContractRequest) -> str:
        if not obj.product:
            return "—"
        (line,) = product_lines(obj.terms_version.policy, [(obj.product, obj.quantity)])
        return f"{line.name} × {line.quantity} {line.unit}" if line.quantity else line.name

    @display(description=_("Decision of the rules"))
    def shown_decision(self, obj: ContractRequest) -> str:
        return explained(obj.decision, obj.terms_version)

    @action(
        description=_("Accept"),
        url_path="accept",
        permissions=["act"],
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self._asked(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            accept_request(asked, staff, now())
            return _t("Request %(number)s is accepted.") % {"number": asked.number}

        page = ActionPage(
            title=asked.get_kind_display(),
            button=_("Accept"),
            form=ConfirmForm,
            act=act,
            facts=self._facts(asked),
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Refuse"),
        url_path="refuse",
        permissions=["act"],
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self._asked(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            refuse_request(asked, staff, data["refusal_reason"], data["note"], now())
            return _t("Request %(number)s is refused.") % {"number": asked.number}

        page = ActionPage(
            title=asked.get_kind_display(),
            button=_("Refuse"),
            form=partial(RefusalForm, request_refusal_choices(asked)),
            act=act,
            facts=self._facts(asked),
            danger=True,
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Issue the notice of completion"),
        url_path="complete",
        permissions=["act"],
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
    )
    def complete(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self._asked(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            complete_request(asked, staff, now())
            return _t("The notice of completion of %(number)s is issued.") % {"number": asked.number}

        page = ActionPage(
            title=asked.get_kind_display(),
            button=_("Issue the notice"),
            form=ConfirmForm,
            act=act,
            facts=self._facts(asked),
        )
        return run_action(self, request, object_id, page)

    def _asked(self, request: HttpRequest, object_id: str) -> ContractRequest:
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def _facts(self, asked: ContractRequest) -> list[tuple[Any, Any]]:
        return [
            (_("Reception number"), asked.number),
            (_("Contract number"), asked.contract.number),
            (_("Organisation"), asked.contract.organisation),
            (_("Product"), self.shown_product(asked)),
            (_("Wanted date"), asked.wanted_on or "—"),
            (_("Decision of the rules"), self.shown_decision(asked)),
        ]

"""Direct debits: mandates, requests to the bank, and its results."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.pages import SummedAdmin
from billing.admin.receivables.forms import DebitForm, MandateForm, ResultFileForm
from billing.admin.steps import StepPage, run_steps
from billing.approvals.direct_debits import DIRECT_DEBIT, DirectDebitData
from billing.models import DebitMandate, DirectDebitBatch, DirectDebitLine
from billing.receivables.bank.accounts import save_mandate
from billing.receivables.direct_debits import preview_debit, take_results
from contracts.admin.html import lines, link
from contracts.admin.pages import ReadOnlyAdmin
from contracts.admin.proposing import proposing
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import User

STATUS_COLOURS = {DirectDebitBatch.Status.REQUESTED: "warning", DirectDebitBatch.Status.SETTLED: "success"}
_NOT_DONE = ~Q(lines__result="") & ~Q(lines__result=DirectDebitLine.Result.DONE)


@admin.register(DebitMandate)
class DebitMandateAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "provider", "bank_code", "branch_code", "account_number", "ended_on")
    list_select_related = ("organisation", "provider")
    list_prefetch_related = ("provider__particulars",)
    list_filter = ("provider", ("ended_on", admin.EmptyFieldListFilter))
    search_fields = ("organisation__name", "organisation__kana", "holder", "customer_number")
    fields = (
        "organisation",
        "provider",
        "bank_code",
        "bank_name",
        "branch_code",
        "branch_name",
        "account_kind",
        "account_number",
        "holder",
        "customer_number",
        "used",
        "ended_on",
    )
    actions_list = ("add_mandate",)

    @action(
        description=_("Add a mandate"),
        url_path="add-mandate",
        permissions=["act"],
        icon="add",
        variant=ActionVariant.PRIMARY,
    )
    def add_mandate(self, request: HttpRequest) -> HttpResponse:
        def act(staff: User, data: dict[str, Any]) -> str:
            values = {name: data[name] for name in data if name not in ("provider", "organisation", "on")}
            stored = save_mandate(data["provider"], data["organisation"], values, staff, data["on"])
            return gettext("The mandate of %(name)s is stored.") % {"name": stored.organisation.name}

        page = StepPage(
            title=_("Add a mandate"),
            button=_("Store"),
            form=MandateForm,
            act=act,
            note=_("A mandate that the customer gave before ends with the new one."),
        )
        return run_steps(self, request, page)


@admin.register(DirectDebitBatch)
class DirectDebitBatchAdmin(SummedAdmin):
    list_display = ("debit_on", "account", "shown_status", "shown_count", "shown_total", "shown_failed")
    list_display_links = ("debit_on",)
    list_select_related = ("account",)
    list_filter = ("status", "account")
    date_hierarchy = "debit_on"
    fields = (
        "account",
        "debit_on",
        "status",
        "shown_file",
        "shown_count",
        "shown_total",
        "shown_lines",
        "requested_at",
        "requested_by",
        "settled_at",
    )
    actions_list = ("request_debit",)
    actions_detail = ("take_results",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        batches = super().get_queryset(request)
        counted: QuerySet[Any] = batches.annotate(failed=Count("lines", filter=_NOT_DONE))
        return counted

    def offered(self, obj: Any) -> tuple[str, ...]:
        return ("take_results",) if obj.status == DirectDebitBatch.Status.REQUESTED else ()

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, obj: DirectDebitBatch) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=_("Not done"))
    def shown_failed(self, obj: Any) -> int:
        return int(obj.failed)

    @display(description=_("Request file"))
    def shown_file(self, obj: DirectDebitBatch) -> str:
        return link(reverse("billing:debit-request", args=[obj.pk]), gettext("Download"))

    @display(description=_("Invoices"))
    def shown_lines(self, obj: DirectDebitBatch) -> str:
        return lines(
            f"{line.invoice.number} {line.invoice.organisation.name} {yen_text(line.amount)}"
            f" {line.get_result_display()}"
            for line in obj.lines.select_related("invoice__organisation")
        )

    @action(
        description=_("Request a direct debit"),
        url_path="request-debit",
        permissions=["act"],
        icon="account_balance",
        variant=ActionVariant.PRIMARY,
    )
    def request_debit(self, request: HttpRequest) -> HttpResponse:
        """Show what is due on a day, and propose the file for the bank when that is confirmed."""

        def wanted(data: dict[str, Any]) -> DirectDebitData:
            return DirectDebitData(account=data["account"].pk, debit_on=data["debit_on"])

        page = StepPage(
            title=_("Request a direct debit"),
            button=_("Propose"),
            form=DebitForm,
            act=proposing(request, DIRECT_DEBIT, wanted),
            kind=DIRECT_DEBIT,
            preview=lambda data: preview_debit(data["account"], data["debit_on"]),
            shown="admin/billing/_debit.html",
        )
        return run_steps(self, request, page)

    @action(
        description=_("Import the results"),
        url_path="take-results",
        permissions=["act"],
        icon="upload_file",
        variant=ActionVariant.PRIMARY,
    )
    def take_results(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = get_object_or_404(DirectDebitBatch, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            settled = take_results(batch, data["file"], staff)
            failed = settled.lines.exclude(result=DirectDebitLine.Result.DONE).count()
            return gettext("The results for %(day)s are in: %(done)s paid, %(failed)s not done.") % {
                "day": day_text(settled.debit_on),
                "done": settled.lines.count() - failed,
                "failed": failed,
            }

        page = StepPage(
            title=gettext("Import the results for %(day)s") % {"day": day_text(batch.debit_on)},
            button=_("Import"),
            form=ResultFileForm,
            act=act,
        )
        return run_steps(self, request, page)

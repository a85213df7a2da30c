"""Billing runs, and the page that previews and bills a month."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.forms import BillMonthForm
from billing.models import BillingRun
from billing.operations.runs import RunResult, bill, preview
from contracts.admin.html import link
from contracts.admin.pages import ReadOnlyAdmin
from contracts.formats import yen_text
from contracts.rules.period import Month
from portal.organisations.models import User

STATUS_COLOURS = {BillingRun.Status.ISSUING: "warning", BillingRun.Status.DONE: "success"}


@admin.register(BillingRun)
class BillingRunAdmin(ReadOnlyAdmin):
    list_display = (
        "shown_month",
        "provider",
        "shown_status",
        "shown_count",
        "shown_gross",
        "issued_on",
        "finished_at",
    )
    list_filter = ("provider", "status")
    list_select_related = ("provider",)
    date_hierarchy = "month"
    fields = (
        "provider",
        "shown_month",
        "status",
        "shown_invoices",
        "shown_gross",
        "issued_on",
        "started_by",
        "started_at",
        "finished_at",
    )
    actions_list = ("bill_month",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        runs = super().get_queryset(request).select_related("provider")
        return runs.annotate(count=Count("invoices"), gross=Sum("invoices__gross", default=0))

    @display(description=_("Month"), ordering="month")
    def shown_month(self, obj: BillingRun) -> str:
        return str(obj.billed_month)

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, obj: BillingRun) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=_("Invoices"), ordering="count")
    def shown_count(self, obj: Any) -> int:
        return int(obj.count)

    @display(description=_("With tax"), ordering="gross")
    def shown_gross(self, obj: Any) -> str:
        return yen_text(obj.gross)

    @display(description=_("Invoices"))
    def shown_invoices(self, obj: Any) -> str:
        return link(f"{reverse('admin:billing_invoice_changelist')}?run__id__exact={obj.pk}", obj.count)

    @action(
        description=_("Bill a month"),
        url_path="bill-month",
        permissions=["act"],
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
    )
    def bill_month(self, request: HttpRequest) -> HttpResponse:
        """Ask for the month, show what billing it would do, and do it when that is confirmed."""
        today = localdate()
        form = BillMonthForm(
            request.POST or None, initial={"month": str(Month.of(today) + -1), "issued_on": today}
        )
        shown = None
        if request.method == "POST" and form.is_valid():
            provider, month = form.cleaned_data["provider"], form.cleaned_data["month"]
            if "issue" in request.POST:
                result = bill(provider, month, form.cleaned_data["issued_on"], cast(User, request.user))
                _tell(request, result)
                return redirect("admin:billing_billingrun_changelist")
            shown = preview(provider, month)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Bill a month"),
            "form": form,
            "preview": shown,
            "back_url": reverse("admin:billing_billingrun_changelist"),
        }
        return TemplateResponse(request, "admin/billing/bill_month.html", context)


def _tell(request: HttpRequest, result: RunResult) -> None:
    """Say what the run did, and which contracts it could not bill."""
    text = gettext("%(run)s: %(issued)s invoices issued, %(pdfs)s PDFs made.") % {
        "run": result.run,
        "issued": result.issued,
        "pdfs": result.pdfs,
    }
    messages.success(request, text)
    for problem in result.problems:
        messages.warning(
            request,
            gettext("Not billed: %(contract)s (%(service)s): %(reason)s")
            % {"contract": problem.contract, "service": problem.service, "reason": problem.reason},
        )

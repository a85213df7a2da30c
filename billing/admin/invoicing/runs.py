"""Billing runs: the page that begins one, and the page of a run with its progress, preview and approval."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.invoicing.forms import ApprovalForm, BillMonthForm
from billing.admin.invoicing.run_lists import lines_out, totals_out
from billing.invoicing.invoice_mail_text import ISSUED
from billing.invoicing.plain_drawings import trouble_of_run
from billing.models import BillingRun
from billing.runs.progress import progress_of
from billing.runs.states import approve, begin, cancel, may_approve, send_back, submit
from billing.tasks import start_soon
from contracts.admin.forms import CommentForm, ConfirmForm
from contracts.admin.html import link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.forms.problems import add_problems
from contracts.rules.calendar.period import Month
from contracts.wording.formats import yen_text
from portal.approvals.decide import others_with
from portal.audit.exports.lists import ListOut
from portal.installation.health import held
from portal.installation.holding import reason_held
from portal.organisations.models import User
from portal.staffing.admin import keep_within

Status = BillingRun.Status
RIGHT = "billing.change_billingrun"
STATUS_COLOURS = {
    Status.CALCULATING: "warning",
    Status.CALCULATED: "info",
    Status.PREVIEWED: "info",
    Status.APPROVED: "warning",
    Status.ISSUING: "warning",
    Status.DONE: "success",
    Status.CANCELLED: "danger",
}


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
    list_prefetch_related = ("provider__particulars",)
    date_hierarchy = "month"
    fields = (
        "provider",
        "shown_month",
        "shown_progress",
        "shown_preview",
        "shown_invoices",
        "shown_gross",
        "issued_on",
        "started_by",
        "started_at",
        "shown_approvers",
        "approved_by",
        "approved_at",
        "without_second",
        "finished_at",
    )
    actions_list = ("bill_month",)
    actions_detail = (
        "submit_run",
        "approve_run",
        "send_back_run",
        "bill_rest",
        "calculate_again",
        "cancel_run",
    )

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            page = self.admin_site.admin_view(view)
            return cast(URLPattern, path(f"<int:pk>/{route}/", page, name=f"billing_billingrun_{name}"))

        return [
            own("progress", self.progress, "progress"),
            own("totals/export", self.export_totals, "totals_export"),
            own("lines/export", self.export_lines, "lines_export"),
            *super().get_urls(),
        ]

    def offered(self, obj: BillingRun) -> Collection[str]:
        fits = {
            "submit_run": obj.status == Status.CALCULATED and obj.issues_something,
            "approve_run": obj.status == Status.PREVIEWED,
            "send_back_run": obj.status == Status.PREVIEWED,
            "bill_rest": obj.status == Status.CANCELLED or obj.waits_for_correction,
            "calculate_again": obj.status in (Status.CALCULATED, Status.PREVIEWED),
            "cancel_run": obj.status not in (Status.DONE, Status.CANCELLED),
        }
        return [name for name, fit in fits.items() if fit]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """Without what is for a second person alone, for who submitted the run or can't be one."""
        run = BillingRun.objects.select_related("started_by", "provider").filter(pk=object_id).first()
        staff = cast(User, request.user)
        left_out = set()
        if run and not may_approve(run, staff):
            left_out.add("approve_run")
        if run and run.started_by == staff:
            left_out.add("send_back_run")
        actions = super().get_actions_detail(request, object_id)
        return [one for one in actions if not any(one.action_name.endswith(name) for name in left_out)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        runs = super().get_queryset(request).select_related("provider")
        summed: QuerySet[Any] = runs.annotate(
            count=Count("invoices"), gross=Sum("invoices__gross", default=0)
        )
        return summed

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

    @display(description=pgettext_lazy("billing run", "Progress"))
    def shown_progress(self, obj: BillingRun) -> SafeString:
        """Where the run is, in a piece of the page that asks for itself again until the run has ended."""
        return _progress(obj)

    @display(description=_("May approve it"))
    def shown_approvers(self, obj: BillingRun) -> str:
        if obj.status != Status.PREVIEWED or obj.started_by is None:
            return "—"
        return ", ".join(map(str, others_with(RIGHT, obj.started_by, obj.provider.code))) or "—"

    @display(description=pgettext_lazy("billing run", "Preview"))
    def shown_preview(self, obj: BillingRun) -> SafeString | str:
        if not obj.preview:
            return "—"
        return render_to_string("admin/billing/_run_preview.html", {"preview": obj.preview, "run": obj})

    def export_totals(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The totals of a run's preview as a file."""
        return self._export(request, pk, totals_out)

    def export_lines(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """What a run would charge each contract as a file."""
        return self._export(request, pk, lines_out)

    def _export(
        self, request: HttpRequest, pk: int, taken: Callable[[BillingRun], ListOut]
    ) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(self.get_queryset(request), pk=pk)
        if not run.preview:
            raise Http404
        return self.export_of(
            request, taken(run), reverse("admin:billing_billingrun_change", args=[pk]), about=run
        )

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The progress of a run alone; once it has ended the page is loaded anew, with other actions."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(BillingRun, pk=pk)
        response = HttpResponse(_progress(run))
        if not progress_of(run).goes_on:
            response["HX-Refresh"] = "true"
        return response

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
        """Ask for the month, and have it calculated in the background."""
        today = localdate()
        usual = {"month": str(Month.of(today) + -1), "issued_on": today}
        form = BillMonthForm(request.POST or None, initial=usual | request.GET.dict())
        keep_within(request.user, form)
        if request.method == "POST" and form.is_valid():
            run = self._begin(request, form)
            if run:
                return redirect("admin:billing_billingrun_change", run.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Bill a month"),
            "form": form,
            "back_url": reverse("admin:billing_billingrun_changelist"),
        }
        return TemplateResponse(request, "admin/billing/bill_month.html", context)

    def _begin(self, request: HttpRequest, form: BillMonthForm) -> BillingRun | None:
        """The run that was begun; None, with the reason in the form, where it can't be."""
        data = form.cleaned_data
        try:
            run = begin(
                data["provider"],
                data["month"],
                data["issued_on"],
                cast(User, request.user),
                sends_mail=data["sends_mail"],
            )
        except ValidationError as error:
            add_problems(form, error)
            return None
        start_soon(run)
        return run

    @action(
        description=_("Submit for approval"),
        url_path="submit",
        permissions=["act"],
        icon="send",
        variant=ActionVariant.PRIMARY,
    )
    def submit_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(BillingRun, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            submit(run, staff)
            return gettext("The run waits for the approval of a second person.")

        return self._run(request, run, _("Submit for approval"), act)

    @action(
        description=_("Approve and issue"),
        url_path="approve",
        permissions=["act"],
        icon="done_all",
        variant=ActionVariant.PRIMARY,
    )
    def approve_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(BillingRun, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            start_soon(approve(run, staff, seen_hash=data["seen_hash"]))
            return gettext("The run is approved. Its invoices are being issued.")

        form = partial(ApprovalForm, initial={"seen_hash": run.preview_hash})
        return self._run(request, run, _("Approve and issue"), act, form=form, approves=True)

    @action(description=_("Send back"), url_path="send-back", permissions=["act"], icon="undo")
    def send_back_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(BillingRun, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            send_back(run, staff, data["comment"])
            return gettext("The run went back to %(name)s.") % {"name": run.started_by}

        return self._run(request, run, _("Send back"), act, form=CommentForm)

    @action(
        description=_("Cancel the run"),
        url_path="cancel",
        permissions=["act"],
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def cancel_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(BillingRun, pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            cancel(run, staff)
            return gettext("The run is cancelled. Invoices that were issued before stay.")

        return self._run(request, run, _("Cancel the run"), act, danger=True)

    @action(description=_("Bill what is left"), url_path="bill-rest", permissions=["act"], icon="replay")
    def bill_rest(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page that bills a month, filled in for what a run has not issued."""
        return self._bill_again(object_id)

    @action(description=_("Calculate again"), url_path="calculate", permissions=["act"], icon="refresh")
    def calculate_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The same page, for a run whose preview is to be replaced."""
        return self._bill_again(object_id)

    def _bill_again(self, object_id: str) -> HttpResponse:
        run = get_object_or_404(BillingRun, pk=object_id)
        known = {"provider": run.provider_id, "month": str(run.billed_month), "issued_on": run.issued_on}
        return redirect(f"{reverse('admin:billing_billingrun_bill_month')}?{urlencode(known)}")

    def _run(
        self,
        request: HttpRequest,
        run: BillingRun,
        title: Any,
        act: Any,
        *,
        form: Any = ConfirmForm,
        danger: bool = False,
        approves: bool = False,
    ) -> HttpResponse:
        facts = [(_("billing run"), str(run)), (_("Issue date"), run.issued_on)]
        if run.preview:
            total = run.preview["rows"][-1]
            facts += [(_("Invoices"), f"{total['count']:,}"), (_("With tax"), yen_text(total["gross"]))]
        page = ActionPage(
            title=title, button=title, form=form, act=act, facts=facts, danger=danger, approves=approves
        )
        return run_action(self, request, str(run.pk), page)


def _progress(run: BillingRun) -> SafeString:
    mails = reverse("admin:outbox_mail_changelist")
    reason = reason_held()
    values = {
        "run": run,
        "held": held(reason) if reason else None,
        "progress": progress_of(run),
        "drawn_plainly": trouble_of_run(run),
        "address": reverse("admin:billing_billingrun_progress", args=[run.pk]),
        "mails_to_look_at": f"{mails}?state=look_at&kind={ISSUED}",
        "command": f"manage.py bill {run.billed_month} --provider {run.provider.code}",
    }
    return render_to_string("admin/billing/_run_progress.html", values)

"""Files of running contracts: brought, looked at row by row, proposed, annulled."""

from collections.abc import Collection
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.forms import ConfirmForm
from contracts.admin.html import lines
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import fill_in, proposing
from contracts.admin.takeover.forms import AnnulmentForm, FilesForm
from contracts.admin.takeover.rows import shown_row
from contracts.approvals.takeovers import ANNULMENT, TAKEOVER, AnnulmentData, TakeoverData
from contracts.forms.problems import add_problems
from contracts.models import Takeover, TakeoverRow
from contracts.takeover.confirming import new_rows
from contracts.takeover.obstacles import contracts_of, obstacles
from contracts.takeover.staging import discard, stage
from contracts.takeover.template import template
from contracts.takeover.words import place, sentence
from contracts.tasks import take_over_soon
from portal.organisations.models import User

State, Verdict = Takeover.State, TakeoverRow.Verdict
STATE_COLOURS = {
    State.CHECKING: "warning",
    State.CHECKED: "info",
    State.BRINGING: "warning",
    State.DONE: "success",
    State.ANNULLED: "danger",
    State.DISCARDED: "default",
}
PAGE = 50
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@admin.register(Takeover)
class TakeoverAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name",
        "provider",
        "shown_state",
        "shown_count",
        "brought_at",
        "brought_by",
        "confirmed_by",
    )
    list_filter = ("state", "provider")
    list_select_related = ("provider", "brought_by", "confirmed_by")
    list_prefetch_related = ("provider__particulars",)
    search_fields = ("file_name", "file_hash", "rows__old_number")
    fields = (
        "provider",
        "file_name",
        "shown_progress",
        "shown_loose",
        "shown_rows",
        "file_hash",
        "brought_at",
        "brought_by",
        "checked_at",
        "confirmed_at",
        "confirmed_by",
        "done_at",
        "annulled_at",
        "annul_reason",
        "erased_at",
    )
    actions_list = ("bring_files", "download_template")
    actions_detail = ("propose", "discard_file", "annul")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:pk>/progress/",
                self.admin_site.admin_view(self.progress),
                name="contracts_takeover_progress",
            ),
            path("template/", self.admin_site.admin_view(self.template), name="contracts_takeover_template"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(count=Count("rows"))
        return counted

    def offered(self, obj: Takeover) -> Collection[str]:
        fits = {
            "propose": obj.state == State.CHECKED and not obj.loose and new_rows(obj).exists(),
            "discard_file": obj.is_open,
            "annul": obj.state == State.DONE,
        }
        return [name for name, fit in fits.items() if fit]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """With what the address asks of its rows."""
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            found.asked = request.GET
        return found

    @display(description=_("Status"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, obj: Takeover) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=_("contracts"), ordering="count")
    def shown_count(self, obj: Any) -> str:
        return f"{obj.count:,}"

    @display(description=_("Status"))
    def shown_progress(self, obj: Takeover) -> SafeString:
        return _progress(obj)

    @display(description=_("Lines without a contract"))
    def shown_loose(self, obj: Takeover) -> str:
        return lines(f"{place(said)}: {sentence(said)}" for said in obj.loose[:PAGE]) if obj.loose else "—"

    @display(description=_("contracts"))
    def shown_rows(self, obj: Any) -> SafeString:
        """The rows of a verdict, a page of them; what does not fit first."""
        return rows_of(obj, obj.asked)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far a file is; once the work has ended the page is loaded anew."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        takeover = get_object_or_404(self.get_queryset(request), pk=pk)
        response = HttpResponse(_progress(takeover))
        if not _goes_on(takeover):
            response["HX-Refresh"] = "true"
        return response

    def template(self, request: HttpRequest) -> FileResponse:
        """The workbook to be filled in."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        name = gettext("running-contracts.xlsx")
        return FileResponse(BytesIO(template()), as_attachment=True, filename=name, content_type=WORKBOOK)

    @action(description=_("Download the template"), url_path="get-template", icon="download")
    def download_template(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:contracts_takeover_template")

    @action(
        description=_("Bring running contracts"),
        url_path="bring",
        permissions=["act"],
        icon="upload_file",
        variant=ActionVariant.PRIMARY,
    )
    def bring_files(self, request: HttpRequest) -> HttpResponse:
        """Ask for files, and have them checked in the background; nothing comes of them yet."""
        form = FilesForm(request.POST or None, request.FILES or None)
        fill_in(request, form)
        if request.method == "POST" and form.is_valid():
            try:
                takeover = stage(
                    form.cleaned_data["provider"],
                    form.cleaned_data["chosen"],
                    cast(User, request.user),
                    now(),
                )
            except ValidationError as error:
                add_problems(form, error)
            else:
                take_over_soon(takeover)
                messages.success(
                    request,
                    gettext("The file is being checked. Nothing is brought in before it is confirmed."),
                )
                return redirect("admin:contracts_takeover_change", takeover.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Bring running contracts"),
            "form": form,
            "template_url": reverse("admin:contracts_takeover_template"),
            "back_url": reverse("admin:contracts_takeover_changelist"),
        }
        return TemplateResponse(request, "admin/contracts/takeover/bring.html", context)

    @action(
        description=_("Propose to bring in"),
        url_path="propose",
        permissions=["act"],
        icon="send",
        variant=ActionVariant.PRIMARY,
    )
    def propose(self, request: HttpRequest, object_id: str) -> HttpResponse:
        takeover = get_object_or_404(self.get_queryset(request), pk=object_id)
        page = ActionPage(
            title=_("Propose to bring in"),
            button=_("Propose"),
            form=ConfirmForm,
            act=proposing(request, TAKEOVER, lambda data: TakeoverData(takeover=takeover.pk)),
            facts=[
                (_("File"), takeover.file_name),
                *((label, f"{count:,}") for _key, label, count in _counts(takeover)),
            ],
            kind=TAKEOVER,
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Let it be"), url_path="discard", permissions=["act"], icon="delete")
    def discard_file(self, request: HttpRequest, object_id: str) -> HttpResponse:
        takeover = get_object_or_404(self.get_queryset(request), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            discard(takeover, staff)
            return gettext("The file is let be. Nothing was brought in.")

        page = ActionPage(
            title=_("Let it be"),
            button=_("Let it be"),
            form=ConfirmForm,
            act=act,
            facts=[(_("File"), takeover.file_name)],
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Annul"), url_path="annul", permissions=["act"], icon="block")
    def annul(self, request: HttpRequest, object_id: str) -> HttpResponse:
        takeover = get_object_or_404(self.get_queryset(request), pk=object_id)
        stands_against = obstacles(contracts_of(takeover))
        page = ActionPage(
            title=_("Annul all contracts of the file"),
            button=_("Propose"),
            form=AnnulmentForm,
            act=proposing(
                request, ANNULMENT, lambda data: AnnulmentData(takeover=takeover.pk, reason=data["reason"])
            ),
            facts=[
                (_("File"), takeover.file_name),
                (_("contracts"), f"{len(contracts_of(takeover)):,}"),
                (_("What stands against it"), lines(stands_against) if stands_against else "—"),
            ],
            danger=True,
            kind=ANNULMENT,
        )
        return run_action(self, request, object_id, page)


def rows_of(takeover: Takeover, asked: Any) -> SafeString:
    """A page of a file's rows, of the verdict that the address names, else of the first that there is."""
    counts = _counts(takeover)
    named, known = asked.get("verdict"), [key for key, _label, _count in counts]
    shown = named if named in known else next((key for key, _label, count in counts if count), known[0])
    rows = TakeoverRow.objects.filter(takeover=takeover, verdict=shown).select_related("contract")
    page = Paginator(rows.order_by("place"), PAGE).get_page(asked.get("p"))
    found = {
        "counts": [
            {
                "label": label,
                "count": count,
                "url": f"?{urlencode({'verdict': key})}",
                "current": key == shown,
            }
            for key, label, count in counts
        ],
        "rows": [shown_row(row) for row in page],
        "page": page,
        "verdict": shown,
    }
    return render_to_string("admin/contracts/takeover/_rows.html", found)


def _counts(takeover: Takeover) -> list[tuple[str, Any, int]]:
    """By verdict its label and number; what wants to be looked at first."""
    order = (Verdict.REFUSED, Verdict.CHANGED, Verdict.NEW, Verdict.KNOWN)
    counted = TakeoverRow.objects.filter(takeover=takeover).aggregate(
        **{verdict.value: Count("pk", filter=Q(verdict=verdict)) for verdict in order}
    )
    return [(verdict.value, verdict.label, counted[verdict.value]) for verdict in order]


def _goes_on(takeover: Takeover) -> bool:
    return takeover.state in (State.CHECKING, State.BRINGING)


def _progress(takeover: Takeover) -> SafeString:
    rows = TakeoverRow.objects.filter(takeover=takeover)
    if takeover.state == State.CHECKING:
        done, of = rows.exclude(verdict=Verdict.UNCHECKED).count(), rows.count()
    else:
        done = rows.filter(contract__isnull=False).count()
        of = done + new_rows(takeover).count()
    step = {"done": done, "of": of, "percent": 100 * done // of if of else 100}
    values = {
        "takeover": takeover,
        "step": step,
        "goes_on": _goes_on(takeover),
        "address": reverse("admin:contracts_takeover_progress", args=[takeover.pk]),
    }
    return render_to_string("admin/contracts/takeover/_progress.html", values)

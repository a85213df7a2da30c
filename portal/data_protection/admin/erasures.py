"""What is due, what somebody asked for, and what was erased."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.files import download
from contracts.admin.html import lines, link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin
from contracts.admin.proposing import fill_in, second_person, sent_back, told
from contracts.forms.problems import add_problems
from portal.approvals.decide import put_forward
from portal.approvals.kinds import visible_to
from portal.approvals.models import Proposal
from portal.data_protection.admin.forms import ErasureForm, SomebodyForm
from portal.data_protection.admin.shared import chosen_provider, ensure, ensure_theirs, names, providers
from portal.data_protection.erasing.plans import Going, due_of, erasable_kinds, staying_of
from portal.data_protection.erasing.report import number_of
from portal.data_protection.erasing.steps import Subject
from portal.data_protection.models import Erasure
from portal.data_protection.proposed import (
    ERASES,
    ERASURE,
    SEES_ERASURES,
    WAYS,
    ErasureData,
    ensure_may_deal_with,
    going_by,
    request_url,
    somebody_of,
)
from portal.kept_files import read_checked
from portal.organisations.models import Organisation, User
from portal.retention.kinds import kind_of
from portal.staffing.admin import keep_within
from portal.typed import whole_number

MOST_NAMES = 50
"""So many names of each kind are shown to who decides."""


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    list_display = ("shown_number", "shown_what", "begun_at", "shown_progress", "finished_at")
    list_display_links = ("shown_number",)
    list_select_related = ("person", "organisation")
    date_hierarchy = "begun_at"
    fields = (
        "shown_number",
        "shown_what",
        "asked_on",
        "shown_way",
        "shown_proposal",
        "begun_by",
        "begun_at",
        "shown_progress",
        "finished_at",
        "shown_gone",
        "shown_stays",
        "shown_report",
        "trouble",
    )
    actions_list = ("show_due", "on_request")

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            page = self.admin_site.admin_view(view)
            return cast(URLPattern, path(route, page, name=f"data_protection_erasure_{name}"))

        return [
            own("due/", self.due, "due"),
            own("request/", self.request_page, "request"),
            own("proposed/<int:proposal_pk>/", self.proposed, "proposed"),
            own("<int:pk>/report/", self.report, "report"),
            *super().get_urls(),
        ]

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return cast(User, request.user).has_perm(ERASES)

    @display(description=_("Number"), ordering="pk")
    def shown_number(self, obj: Erasure) -> str:
        return number_of(obj)

    @display(description=_("What"))
    def shown_what(self, obj: Erasure) -> str:
        if obj.person_id or obj.organisation_id:
            return gettext("Asked for: %(who)s") % {"who": obj.person or obj.organisation}
        return gettext("%(who)s: what is due") % {"who": names().get(obj.provider, obj.provider)}

    @display(description=_("How they asked"))
    def shown_way(self, obj: Erasure) -> str:
        return str(WAYS.get(obj.reason, "—"))

    @display(description=_("proposal"))
    def shown_proposal(self, obj: Erasure) -> str:
        return link(reverse("admin:approvals_proposal_change", args=[obj.proposal_id]), obj.proposal)

    @display(description=_("Erased"))
    def shown_progress(self, obj: Erasure) -> str:
        return f"{obj.done} / {obj.of}"

    @display(description=_("What went"))
    def shown_gone(self, obj: Erasure) -> str:
        gone = obj.report.get("gone", {}).items()
        return lines(f"{kind_of(key).what}: {count}" for key, count in gone)

    @display(description=_("What stays"))
    def shown_stays(self, obj: Erasure) -> str:
        return lines(
            f"{row['title']}: {row['count']} – {kind_of(row['kind']).law}"
            + (f" ({row['until']})" if row["until"] else "")
            for row in obj.report.get("stays", ())
        )

    @display(description=_("Report for who asked"))
    def shown_report(self, obj: Erasure) -> str:
        if not obj.pdf:
            return "—"
        return link(reverse("admin:data_protection_erasure_report", args=[obj.pk]), f"{number_of(obj)}.pdf")

    @action(description=_("What is due"), url_path="show-due", permissions=["view"], icon="event_busy")
    def show_due(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:data_protection_erasure_due")

    @action(
        description=_("Erase on request"),
        url_path="on-request",
        permissions=["erase"],
        icon="person_remove",
        variant=ActionVariant.PRIMARY,
    )
    def on_request(self, request: HttpRequest) -> HttpResponse:
        """Find who asked; what is held about them comes next."""
        form = SomebodyForm(request.POST or None)
        keep_within(request.user, form)
        if form.is_valid():
            return redirect(_request_url(form.cleaned_data["whom"]))
        page = ActionPage(
            title=_("Whose data are to be erased"),
            button=_("Go on"),
            form=SomebodyForm,
            act=lambda *_data: "",
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": page.title,
            "page": page,
            "form": form,
            "detail_url": reverse("admin:data_protection_erasure_changelist"),
        }
        return TemplateResponse(request, "admin/contracts/action.html", context)

    def due(self, request: HttpRequest) -> HttpResponse:
        """What is due of a provider, by kind with the first names; proposed to a second person as a whole."""
        staff = ensure(request, ERASES if request.method == "POST" else SEES_ERASURES)
        provider = chosen_provider(request)
        wanted = ErasureData(day=localdate(), provider=provider)
        going = due_of(provider, wanted.day)
        problems = self._proposed(request, staff, wanted) if request.method == "POST" else []
        if problems is None:
            return redirect("admin:data_protection_erasure_changelist")
        context = {
            **self._context(request, _("What is due"), going),
            "providers": providers(request),
            "provider": provider,
            "problems": problems,
            "proposes": staff.has_perm(ERASES),
        }
        return TemplateResponse(request, "admin/data_protection/due.html", context)

    def request_page(self, request: HttpRequest) -> HttpResponse:
        """What is held about who asked: what can go, what stays and why; what was chosen is proposed."""
        staff = ensure(request, ERASES)
        somebody = _named(request)
        ensure_theirs(staff, somebody)
        erasable = erasable_kinds(somebody)
        staying = staying_of(somebody)
        held = [*erasable, *dict.fromkeys(row.kind.key for row in staying)]
        form = ErasureForm(held, erasable, request.POST or None)
        fill_in(request, form)
        if form.is_valid():
            try:
                wanted = _wanted(
                    somebody,
                    form.cleaned_data["asked_on"],
                    kinds=form.cleaned_data["kinds"],
                    way=form.cleaned_data["way"],
                )
                messages.success(
                    request, told(put_forward(ERASURE, wanted, staff, now(), follows=sent_back(request)))
                )
                return redirect("admin:data_protection_erasure_changelist")
            except ValidationError as refusal:
                add_problems(form, refusal)
        wanted = _wanted(somebody, localdate(), erasable)
        context = {
            **self._context(request, _title_of(somebody), going_by(wanted)),
            "form": form,
            "staying": staying,
            **second_person(ERASURE, request),
        }
        return TemplateResponse(request, "admin/data_protection/request.html", context)

    def proposed(self, request: HttpRequest, proposal_pk: int) -> HttpResponse:
        """By name what a proposal that waits would erase: names stand in no proposal."""
        staff = ensure(request, SEES_ERASURES)
        proposal = get_object_or_404(_waiting(staff), pk=proposal_pk)
        wanted = ERASURE.read(proposal)
        try:
            ensure_may_deal_with(wanted, staff)
        except ValidationError as refused:
            raise Http404 from refused
        somebody = somebody_of(wanted)
        title = str(somebody) if somebody else proposal.about
        context = {
            **self._context(request, title, going_by(wanted)),
            "staying": staying_of(somebody) if somebody else [],
            "proposal": proposal,
        }
        return TemplateResponse(request, "admin/data_protection/proposed.html", context)

    def report(self, request: HttpRequest, pk: int) -> FileResponse:
        """The report of an erasure, for who asked for it."""
        ensure(request, SEES_ERASURES)
        erasure = get_object_or_404(Erasure.objects.exclude(pdf=""), pk=pk)
        content = read_checked(str(erasure.pdf), erasure.pdf_hash)
        return download(content, f"{number_of(erasure)}.pdf", "application/pdf")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With what waits for a second person, each with the way to its names."""
        waiting = _waiting(cast(User, request.user))
        return super().changelist_view(request, {**(extra_context or {}), "waiting_erasures": waiting})

    list_before_template = "admin/data_protection/_waiting.html"

    def _context(self, request: HttpRequest, title: Any, going: Sequence[Going]) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "going": [(part, part.names(MOST_NAMES)) for part in going],
            "list_url": reverse("admin:data_protection_erasure_changelist"),
        }

    def _proposed(self, request: HttpRequest, staff: User, wanted: ErasureData) -> list[str] | None:
        """Propose an erasure; gives what is against it, None where it is proposed."""
        try:
            proposal = put_forward(ERASURE, wanted, staff, now(), follows=sent_back(request))
        except ValidationError as refusal:
            return list(refusal.messages)
        messages.success(request, told(proposal))
        return None


def _waiting(staff: User) -> QuerySet[Proposal]:
    """The erasures that wait for a second person, those that somebody may see."""
    return Proposal.objects.filter(visible_to(staff), kind=ERASURE.key, state=Proposal.State.WAITS)


def _wanted(somebody: Subject, day: date, kinds: Sequence[str], way: str = "") -> ErasureData:
    is_person = isinstance(somebody, User)
    return ErasureData(
        day=day,
        person=somebody.pk if is_person else None,
        organisation=None if is_person else somebody.pk,
        kinds=tuple(kinds),
        way=way,
    )


def _title_of(somebody: Subject) -> str:
    return gettext("Erase on request: %(who)s") % {"who": somebody}


def _request_url(somebody: Subject) -> str:
    is_person = isinstance(somebody, User)
    return request_url(somebody.pk if is_person else None, None if is_person else somebody.pk)


def _named(request: HttpRequest) -> Subject:
    """Whom the address names by the key; Http404 for nobody."""
    for name, model in (("person", User), ("organisation", Organisation)):
        if name in request.GET:
            found: Any = get_object_or_404(model, pk=whole_number(request.GET[name]))
            somebody: Subject = found
            return somebody
    raise Http404

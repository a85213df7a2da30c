"""What waits for a second person: who wants what, before and after; approved, sent back, withdrawn."""

from collections.abc import Iterable
from typing import Any, cast

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from contracts.admin.forms import CommentForm
from contracts.admin.html import target_link
from contracts.admin.pages import ReadOnlyAdmin
from contracts.admin.proposing import again_url, proposal_url
from contracts.approvals.rules import lone_providers
from contracts.models import Provider
from contracts.wording.formats import moment_text
from portal.approvals.decide import approve, may_approve, second_persons, send_back, withdraw
from portal.approvals.kinds import Kind, Line, OvertakenError, digest_of, kind_of, stored_lines, visible_to
from portal.approvals.models import Proposal
from portal.organisations.models import User

State = Proposal.State
COLOURS = {
    State.WAITS: "info",
    State.SENT_BACK: "warning",
    State.APPROVED: "success",
    State.WITHDRAWN: "default",
    State.OVERTAKEN: "default",
}


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    list_display = ("about", "shown_kind", "shown_state", "proposed_by", "proposed_at", "decided_by")
    list_select_related = ("proposed_by", "decided_by")
    list_filter = ("state", "without_second")
    search_fields = ("about", "proposed_by__display_name", "proposed_by__email")
    date_hierarchy = "proposed_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Proposal]:
        """What somebody may see."""
        found = super().get_queryset(request).select_related("proposed_by", "decided_by", "organisation")
        visible: QuerySet[Proposal] = found.filter(visible_to(cast(User, request.user)))
        return visible

    @display(description=_("Kind"), ordering="kind")
    def shown_kind(self, obj: Proposal) -> str:
        return str(kind_of(obj).label)

    @display(description=_("Status"), ordering="state", label=COLOURS)
    def shown_state(self, obj: Proposal) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of a proposal, and what is done with it there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        proposal = get_object_or_404(self.get_queryset(request), pk=object_id)
        form = CommentForm(request.POST or None)
        problems: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                messages.success(request, _done(proposal, cast(User, request.user), request.POST, form))
                return redirect(proposal_url(proposal))
            except ValidationError as error:
                problems = error.messages
        shown = self.admin_site.each_context(request) | self._shown(proposal, cast(User, request.user))
        context = {**shown, "opts": self.opts, "title": proposal.about, "form": form, "problems": problems}
        return TemplateResponse(request, "admin/approvals/proposal.html", context)

    def _shown(self, proposal: Proposal, staff: User) -> dict[str, Any]:
        kind = kind_of(proposal)
        is_own = proposal.proposed_by == staff
        may = proposal.waits and staff.has_perm(kind.approving_right(kind.read(proposal)))
        return {
            "original": proposal,
            "kind": kind,
            "facts": _facts(proposal),
            **(_as_now(proposal, kind) if proposal.waits else {"lines": proposal.lines}),
            "lone": [one for one in lone_providers(staff) if one.provider.code == proposal.provider],
            "decides": may and not is_own,
            "approves": proposal.waits and may_approve(proposal, staff),
            "withdraws": proposal.waits and is_own,
            "again": again_url(proposal) if is_own and _is_to_do(proposal) else "",
        }


def _done(proposal: Proposal, staff: User, sent: Any, form: CommentForm) -> str:
    """Do what was asked for by a button; gives what to say. ValidationError where that can't be."""
    if "approve" in sent:
        decided = approve(proposal, staff, sent.get("seen", ""), now())
        return decided.outcome or decided.comment
    if "send_back" in sent:
        send_back(proposal, staff, form.cleaned_data["comment"], now())
        return gettext("The proposal went back to %(name)s.") % {"name": proposal.proposed_by}
    withdraw(proposal, staff, now())
    return gettext("The proposal is withdrawn.")


def _is_to_do(proposal: Proposal) -> bool:
    """Whether a proposal was sent back and not proposed again."""
    return proposal.state == State.SENT_BACK and not Proposal.objects.filter(follows=proposal).exists()


def _as_now(proposal: Proposal, kind: Kind[Any]) -> dict[str, Any]:
    """What would change as things are now, with its digest; where nothing is left, what was proposed."""
    wanted = kind.read(proposal)
    try:
        kind.subject(wanted)
        lines: Iterable[Line] = list(kind.lines(wanted))
        digest = digest_of(kind, wanted, stored_lines(kind, wanted))
    except OvertakenError as gone:
        return {"lines": proposal.lines, "gone": str(gone)}
    except ValidationError as problem:
        return {"lines": proposal.lines, "gone": " ".join(problem.messages)}
    return {"lines": lines, "digest": digest, "changed": digest != proposal.digest}


def _facts(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("About"), _about(proposal)),
        (_("Provider"), Provider.issuers.filter(code=proposal.provider).first() or proposal.provider),
        (_("organisation"), proposal.organisation),
        (_("Status"), proposal.get_state_display()),
        (_("Proposed by"), f"{proposal.proposed_by} {moment_text(proposal.proposed_at)}"),
        (_("May approve it"), ", ".join(map(str, second_persons(proposal)))) if proposal.waits else ("", ""),
        (_("Decided by"), _decided(proposal)),
        (_("Without a second person"), proposal.get_without_second_display()),
        (_("Comment"), proposal.comment),
        (_("What came of it"), proposal.outcome),
        (_("Proposed again after"), target_link(proposal.follows) if proposal.follows else ""),
        (_("Proposed again as"), _followed(proposal)),
    ]
    return [(label, value) for label, value in facts if value]


def _decided(proposal: Proposal) -> str:
    if proposal.decided_at is None:
        return ""
    return f"{proposal.decided_by} {moment_text(proposal.decided_at)}"


def _followed(proposal: Proposal) -> Any:
    again = Proposal.objects.filter(follows=proposal).first()
    return target_link(again) if again else ""


def _about(proposal: Proposal) -> Any:
    """What a proposal is about, with a link where it has a page."""
    model: type[Model] = apps.get_model(proposal.about_type)
    found = model._default_manager.filter(pk=proposal.about_id).first()
    try:
        return target_link(found) if found else proposal.about
    except NoReverseMatch:
        return proposal.about

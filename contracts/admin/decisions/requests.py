"""Requests on running contracts: staff see the change and what the rules decided, and decide."""

from collections.abc import Collection
from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.decisions.foreseen import goes_out_or_why_not, what_goes_out
from contracts.admin.decisions.forms import AcceptForm, AskBackForm
from contracts.admin.decisions.review import ReviewedAdmin, staff_of
from contracts.admin.decisions.successors import alike, chosen_successor
from contracts.admin.forms import ConfirmForm, RefusalForm
from contracts.admin.html import article_links, contract_link, explained, link
from contracts.admin.pages import ActionPage, run_action
from contracts.admin.proposing import proposing
from contracts.admin.receipts.later import LATER, LaterEntries, later_offered
from contracts.admin.receipts.shown import original_offered
from contracts.admin.waiting_filter import WaitingFilter
from contracts.applications.reviews import missing_checks
from contracts.approvals.deadlines import LATE_REQUEST, LateRequestData
from contracts.extensions.kinds import kind_label
from contracts.inbox import waiting
from contracts.models import ContractRequest
from contracts.requests.change_contracts import acceptance_mail
from contracts.requests.changing.companions import shown_companions
from contracts.requests.decide import accept_request, complete_request, refuse_request
from contracts.requests.kinds.successions import Succession, SuccessionData, says_debts
from contracts.requests.lines import changed_lines
from contracts.requests.questions import ask_back
from contracts.requests.rechecks import decided_again, is_late_now
from contracts.requests.registry import KINDS, data_of
from contracts.wording.formats import moment_text
from contracts.wording.late import late_now
from contracts.wording.reasons import request_refusal, request_refusal_choices
from portal.organisations.models import Organisation, User

STATUS_COLOURS = {
    "submitted": "info",
    "asked_back": "warning",
    "accepted": "success",
    "refused": "danger",
    "withdrawn": "default",
}
UNDECIDED = "undecided"
_TOGETHER = _("To be accepted together or not at all: who accepts or refuses one does so to all of them.")
_EACH = _("Each is decided for itself.")


class RequestFilter(WaitingFilter):
    """Offers also what waits for a decision, asked back or not."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(UNDECIDED, _("A decision")), *super().lookups(request, model_admin)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == UNDECIDED:
            return queryset.filter(pk__in=waiting.undecided_requests())
        return super().queryset(request, queryset)


class KindFilter(admin.SimpleListFilter):
    """The kinds of requests by their names."""

    title = _("Kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.key, kind.label) for kind in KINDS.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(ContractRequest)
class ContractRequestAdmin(LaterEntries, ReviewedAdmin):
    list_display = (
        "number",
        "shown_kind",
        "contract",
        "shown_organisation",
        "shown_status",
        "submitted_at",
        "wanted_on",
    )
    export_more = (
        "decided_at",
        "completed_at",
        "withdrawn_at",
    )
    list_filter = (RequestFilter, "status", KindFilter, "contract__service")
    search_fields = ("number", "contract__number", "contract__organisation__name")
    date_hierarchy = "submitted_at"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "number",
                    "shown_kind",
                    "status",
                    "shown_contract",
                    "shown_organisation",
                    "requested_by",
                    "submitted_at",
                    "shown_receipt",
                    "wanted_on",
                )
            },
        ),
        (_("What changes"), {"fields": ("shown_changes", "shown_together")}),
        (_("Decision of the rules"), {"fields": ("terms_version", "shown_decision", "shown_again")}),
        (
            _("Before the decision"),
            {"fields": ("shown_checks", "shown_duplicates", "shown_documents", "shown_messages")},
        ),
        (
            _("Decision"),
            {
                "fields": (
                    "decided_at",
                    "decided_by",
                    "decided_for",
                    "shown_refusal",
                    "refusal_note",
                    "shown_formed",
                    "completed_at",
                    "withdrawn_at",
                    "shown_letters",
                )
            },
        ),
    )
    actions_detail = ("accept", "refuse", "ask", "review", "complete", "note_original", *LATER)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContractRequest]:
        return (
            super()
            .get_queryset(request)
            .select_related(
                "contract__organisation",
                "contract__service",
                "contract__application",
                "requested_by",
                "decided_by",
            )
            .prefetch_related("terms_version__service")
        )

    def offered(self, obj: ContractRequest) -> Collection[str]:
        original = (*original_offered(obj), *later_offered(obj))
        if obj.is_open and obj.counts_by_itself:
            return ("accept", "ask", "review", *original)
        if obj.is_open:
            return ("accept", "refuse", "ask", "review", *original)
        return ("complete", *original) if obj.waits_for_completion else original

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, obj: ContractRequest) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=_("Kind"), ordering="kind")
    def shown_kind(self, obj: ContractRequest) -> str:
        return kind_label(obj.kind)

    @display(description=_("Organisation"))
    def shown_organisation(self, obj: ContractRequest) -> str:
        return str(obj.contract.organisation)

    @display(description=_("contract"))
    def shown_contract(self, obj: ContractRequest) -> str:
        return contract_link(obj.contract)

    @display(description=_("Before and after"))
    def shown_changes(self, obj: ContractRequest) -> str:
        context = {"lines": changed_lines(obj), "request": obj}
        return render_to_string("admin/contracts/_changes.html", context)

    @display(description=_("Sent together"))
    def shown_together(self, obj: ContractRequest) -> str:
        found = shown_companions(obj)
        if not found:
            return "—"
        together = _TOGETHER if obj.all_or_nothing else _EACH
        links = format_html_join(
            "",
            "<li>{} {} – {} ({})</li>",
            (
                (
                    link(
                        reverse("admin:contracts_contractrequest_change", args=[one.request.pk]),
                        one.request.number,
                    ),
                    kind_label(one.request.kind),
                    one.product,
                    one.request.get_status_display(),
                )
                for one in found
            ),
        )
        return format_html("{}<ul>{}</ul>", together, links)

    @display(description=_("Decision of the rules"))
    def shown_decision(self, obj: ContractRequest) -> str:
        return explained(obj.decided, obj.terms_version)

    @display(description=_("Counted again now"))
    def shown_again(self, obj: ContractRequest) -> str:
        if not obj.is_open:
            return "—"
        problems = problems_now(obj)
        return render_to_string("admin/contracts/_again.html", {"problems": problems})

    @display(description=_("Change formed at"))
    def shown_formed(self, obj: ContractRequest) -> str:
        """When the mail server took the acceptance that forms it; before that, what has become of that."""
        mail = acceptance_mail(obj)
        formed = moment_text(obj.formed_at) if obj.formed_at else ""
        if mail is None:
            return formed or "—"
        return link(reverse("admin:outbox_mail_change", args=[mail.pk]), formed or mail.state.label)

    @display(description=_("Reason for refusal"))
    def shown_refusal(self, obj: ContractRequest) -> str:
        reason = request_refusal(obj)
        if reason is None:
            return "—"
        return format_html("{} {}", reason.text, article_links(obj.terms_version, reason.articles))

    @action(
        description=_("Accept"),
        url_path="accept",
        permissions=["act"],
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            successor = _successor(asked, data)
            accept_request(
                asked,
                staff,
                now(),
                successor=successor,
                representative=data.get("representative"),
                takes_debts=data.get("takes_debts"),
            )
            return gettext("Request %(number)s is accepted.") % {"number": asked.number}

        def wanted(data: dict[str, Any]) -> LateRequestData:
            successor = _successor(asked, data)
            return LateRequestData(
                request=asked.pk,
                override_reason=data["override_reason"],
                successor=successor.pk if successor else None,
                representative=data.get("representative"),
                takes_debts=data.get("takes_debts"),
            )

        def preview(data: dict[str, Any]) -> list[tuple[Any, Any]]:
            return what_goes_out(asked.contract.organisation, lambda: act(staff_of(request), data))

        late = asked.is_open and _is_late(asked)
        places = _places(asked, staff_of(request))
        plain = not late and places["successors"] is None
        page = ActionPage(
            title=kind_label(asked.kind),
            button=_("Propose") if late else _("Accept"),
            form=partial(AcceptForm, late=late, **places),
            act=proposing(request, LATE_REQUEST, wanted) if late else act,
            facts=[
                *self._facts(asked),
                (_("Counted again now"), self.shown_again(asked)),
                *(_foreseen(asked, staff_of(request)) if plain else ()),
            ],
            kind=LATE_REQUEST if late else None,
            preview=None if late or plain else preview,
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
        asked = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            refuse_request(asked, staff, data["refusal_reason"], data["note"], now())
            return gettext("Request %(number)s is refused.") % {"number": asked.number}

        def preview(data: dict[str, Any]) -> list[tuple[Any, Any]]:
            return what_goes_out(asked.contract.organisation, lambda: act(staff_of(request), data))

        page = ActionPage(
            title=kind_label(asked.kind),
            button=_("Refuse"),
            form=partial(RefusalForm, request_refusal_choices(asked)),
            act=act,
            facts=self._facts(asked),
            danger=True,
            preview=preview,
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Ask back"), url_path="ask", permissions=["act"], icon="contact_support")
    def ask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        asked = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            wanted = data.get("document_wanted", False)
            ask_back(asked, staff, data["question"], now(), document_wanted=wanted)
            return gettext("The question on %(number)s is being sent.") % {"number": asked.number}

        page = ActionPage(
            title=_("Ask back"),
            button=_("Send the question"),
            form=partial(AskBackForm, proof=asked.rule.proof != "none"),
            act=act,
            facts=[*self._facts(asked), (_("Questions and answers"), self.shown_messages(asked))],
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
        asked = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            complete_request(asked, staff, now())
            return gettext("The notice of completion of %(number)s is issued.") % {"number": asked.number}

        page = ActionPage(
            title=kind_label(asked.kind),
            button=_("Issue the notice"),
            form=ConfirmForm,
            act=act,
            facts=self._facts(asked),
        )
        return run_action(self, request, object_id, page)

    def target(self, request: HttpRequest, object_id: str) -> ContractRequest:
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def _facts(self, asked: ContractRequest) -> list[tuple[Any, Any]]:
        return [
            (_("Reception number"), asked.number),
            (_("Contract number"), asked.contract.number),
            (_("Organisation"), asked.contract.organisation),
            (_("What the customer owes"), self.shown_debts(asked)),
            (_("Wanted date"), asked.wanted_on or "—"),
            (_("What changes"), self.shown_changes(asked)),
            (_("Decision of the rules"), self.shown_decision(asked)),
        ]


def _foreseen(asked: ContractRequest, staff: User) -> list[tuple[Any, Any]]:
    """What goes out where staff accept it as it is."""
    return goes_out_or_why_not(asked.contract.organisation, lambda: accept_request(asked, staff, now()))


def problems_now(asked: ContractRequest) -> list[str]:
    """What stands in the way of accepting an open request now, in words; nothing where it can be accepted."""
    if asked.counts_by_itself:
        return []
    problems = [message for error in missing_checks(asked) for message in error.messages]
    if asked.waits_for_documents:
        problems.append(gettext("The document that proves it is missing."))
    try:
        if is_late_now(asked, decided_again(asked)):
            problems.append(late_now())
    except ValidationError as error:
        problems += error.messages
    return problems


def _is_late(asked: ContractRequest) -> bool:
    if asked.counts_by_itself:
        return False
    try:
        return is_late_now(asked, decided_again(asked))
    except ValidationError:
        return False


def _places(asked: ContractRequest, staff: User) -> dict[str, Any]:
    """Who may take the customer's place, and with what, for a succession; other kinds ask nothing."""
    if asked.kind != Succession.key:
        return {"successors": None, "representatives": None}
    data = cast(SuccessionData, data_of(asked))
    unnamed = data.representative is None and len(data.successors) > 1
    candidates = data.successors if unnamed else (data.successors[data.representative or 0],)
    names = [(str(place), one.name) for place, one in enumerate(data.successors)]
    return {
        "successors": alike(candidates, staff),
        "representatives": names if unnamed else None,
        "says_debts": says_debts(asked),
    }


def _successor(asked: ContractRequest, typed: dict[str, Any]) -> Organisation | None:
    """The organisation that staff chose to take the customer's place, compared with what was reported."""
    if asked.kind != Succession.key:
        return None
    data = cast(SuccessionData, data_of(asked))
    place = data.representative if data.representative is not None else typed.get("representative") or 0
    return chosen_successor(typed, data.successors[place])

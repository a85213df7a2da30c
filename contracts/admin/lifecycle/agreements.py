"""Individual agreements: made on the page of a contract, with a preview of what changes, and ended."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contracts.admin.html import document_link, lines, target_link
from contracts.admin.lifecycle.provider_side import ContractPages, Facts, contract_facts
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.forms.fields import DayField
from contracts.lifecycle.agreement_words import changes_by
from contracts.lifecycle.agreements import (
    AgreementData,
    SignedDocument,
    agree,
    end_agreement,
    ensure_agreeable,
)
from contracts.lifecycle.selling.agents import change_agent
from contracts.models import Contract, IndividualAgreement, SalesAgent
from contracts.policies.rulebooks import governing_version
from contracts.rules.policy.layer import agreement
from contracts.wording.formats import day_text, days_text
from contracts.wording.policy_changes import PolicyChange
from portal.organisations.models import User

EXAMPLE = "[cancellation.deadline.before]\nbusiness_days = 10"
"""How the rules of an agreement are written, shown until something is entered."""


class AgreementForm(forms.Form):
    """An agreement; its document is chosen when the preview is confirmed."""

    title = forms.CharField(label=_("Title"), max_length=120, widget=UnfoldAdminTextInputWidget)
    reason = forms.CharField(label=_("Reason"), required=False, widget=UnfoldAdminTextareaWidget)
    effective_on = DayField(label=_("Effective from"), widget=UnfoldAdminSingleDateWidget)
    ends_on = DayField(
        label=_("Last day"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Empty: it holds until an end is set."),
    )
    rules = forms.CharField(
        label=_("Rules that it replaces"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12, "placeholder": EXAMPLE}),
        help_text=_("TOML with the names of the policy, only what differs from the terms."),
    )
    document = forms.FileField(
        label=_("Signed document"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("PDF, PNG or JPEG, up to 10 MB."),
    )


class AgreementActions(ContractPages):
    """The page on a new agreement, and the list of those made, for the admin of contracts."""

    @display(description=_("Individual agreements"))
    def shown_agreements(self, obj: Contract) -> str:
        return lines(
            format_html("{} {}", target_link(one), days_text(one.effective_on, one.ends_on))
            for one in obj.agreements.order_by("-effective_on", "-pk")
        )

    @action(
        description=_("Record an individual agreement"),
        url_path="agree",
        permissions=["act"],
        icon="handshake",
    )
    def agree(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)

        def preview(data: dict[str, Any]) -> Facts:
            ensure_agreeable(contract, _stated(data))
            wanted = agreement(data["title"], data["effective_on"], data["ends_on"], data["rules"])
            return [
                *((one.what, change_text(one)) for one in changes_by(contract, wanted, localdate())),
                (_("Effective from"), day_text(data["effective_on"])),
            ]

        def act(staff: User, data: dict[str, Any]) -> str:
            chosen = data["document"]
            document = SignedDocument(chosen.name, chosen.read()) if chosen else None
            made = agree(contract, staff, _stated(data), document, now())
            return gettext("The agreement “%(title)s” is recorded.") % {"title": made.title}

        page = ActionPage(
            title=_("Record an individual agreement"),
            button=_("Record the agreement"),
            form=AgreementForm,
            act=act,
            facts=contract_facts(contract),
            preview=preview,
        )
        return run_action(self, request, object_id, page)


class AgentForm(forms.Form):
    """Another sales agent of a contract, and from when on."""

    agent = forms.ModelChoiceField(
        SalesAgent.objects.none(), label=_("Sales agent"), widget=UnfoldAdminSelectWidget
    )
    starts_on = DayField(
        label=_("Starts on"),
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("The first day of a month to come."),
    )

    def __init__(self, contract: Contract, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"].queryset = contract.service.agents.all()  # type: ignore[attr-defined]


class AgentActions(ContractPages):
    """The page on another sales agent, for the admin of contracts."""

    @display(description=_("Sales agent"))
    def shown_agent(self, obj: Contract) -> str:
        agent = governing_version(obj, localdate()).seller
        return agent.name if agent else "—"

    @action(
        description=_("Change the sales agent"),
        url_path="change-agent",
        permissions=["act"],
        icon="storefront",
    )
    def change_agent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            change_agent(contract, data["agent"], data["starts_on"], staff, now())
            told = {"agent": data["agent"].name, "day": day_text(data["starts_on"])}
            return gettext("From %(day)s on %(agent)s is the sales agent of the contract.") % told

        page = ActionPage(
            title=_("Change the sales agent"),
            button=_("Change"),
            form=partial(AgentForm, contract),
            act=act,
            facts=[*contract_facts(contract), (_("Sales agent"), self.shown_agent(contract))],
        )
        return run_action(self, request, object_id, page)


@admin.register(IndividualAgreement)
class IndividualAgreementAdmin(ReadOnlyAdmin):
    list_display = ("title", "contract", "effective_on", "ends_on", "made_by")
    list_select_related = ("contract", "made_by")
    list_filter = ("contract__service", ("ends_on", admin.EmptyFieldListFilter))
    search_fields = ("title", "contract__number", "contract__organisation__name")
    fields = (
        "title",
        "shown_contract",
        "effective_on",
        "ends_on",
        "reason",
        "shown_changes",
        "shown_rules",
        "shown_documents",
        "made_at",
        "made_by",
    )
    actions_detail = ("end",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[IndividualAgreement]:
        return super().get_queryset(request).select_related("contract__service", "made_by")

    def offered(self, obj: IndividualAgreement) -> Collection[str]:
        return () if obj.ends_on and obj.ends_on < localdate() else ("end",)

    @display(description=_("contract"))
    def shown_contract(self, obj: IndividualAgreement) -> str:
        return target_link(obj.contract)

    @display(description=_("What it changes"))
    def shown_changes(self, obj: IndividualAgreement) -> str:
        changes = changes_by(obj.contract, obj.layer, localdate())
        return lines(format_html("<b>{}</b> {}", one.what, change_text(one)) for one in changes)

    @display(description=_("Rules that it replaces"))
    def shown_rules(self, obj: IndividualAgreement) -> str:
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', obj.rules)

    @display(description=_("Signed document"))
    def shown_documents(self, obj: IndividualAgreement) -> str:
        return lines(document_link(one) for one in obj.documents.all())

    @action(description=_("End the agreement"), url_path="end", permissions=["act"], icon="event_busy")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        agreement = get_object_or_404(self.get_queryset(request), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            ended = end_agreement(agreement, staff, data["ends_on"])
            return gettext("The agreement “%(title)s” holds until %(day)s.") % {
                "title": ended.title,
                "day": day_text(data["ends_on"]),
            }

        page = ActionPage(
            title=_("End the agreement"),
            button=_("End"),
            form=EndAgreementForm,
            act=act,
            facts=[(_("Contract number"), agreement.contract.number), (_("Title"), agreement.title)],
        )
        return run_action(self, request, object_id, page)


class EndAgreementForm(forms.Form):
    ends_on = DayField(label=_("Last day"), widget=UnfoldAdminSingleDateWidget)


def change_text(change: PolicyChange) -> str:
    """From what to what, with the articles."""
    said = f"{change.old} → {change.new}"
    return f"{said} ({gettext(', ').join(change.articles)})" if change.articles else said


def _stated(data: dict[str, Any]) -> AgreementData:
    return AgreementData(
        title=data["title"],
        reason=data["reason"],
        effective_on=data["effective_on"],
        ends_on=data["ends_on"],
        rules=data["rules"],
    )

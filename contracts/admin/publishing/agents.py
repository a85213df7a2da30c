"""Sales agents of services, and the page on which a version of their rules is proposed."""

from collections.abc import Collection
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from contracts.admin.html import lines, link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.approvals.agents import AGENT_RULES, AgentRulesData
from contracts.lifecycle.selling.agents import why_not_billing
from contracts.models import SalesAgent
from contracts.publishing.agents import name_organisation
from contracts.wording.formats import day_text
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.widgets import SearchedSelect
from portal.staffing.admin import keep_within


class AgentRulesForm(forms.Form):
    source = forms.CharField(
        label=_("Rules"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 24}),
        help_text=_("TOML: version, title and effective_on, then what the terms leave to the agent."),
    )
    text = forms.CharField(
        label=_("Text"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 18}),
        help_text=_("Markdown; the rules cite its articles."),
    )


class AgentOrganisationForm(forms.Form):
    organisation = forms.ModelChoiceField(
        Organisation.objects.filter(united_into__isnull=True),
        label=_("organisation"),
        required=False,
        help_text=_(
            "Its owners, and the members to whom they give the work as a sales agent, see the agent's"
            " customers, and decide where the terms say so. Left empty, the desk is closed."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = cast("ForeignKey[Any, Any]", Membership._meta.get_field("organisation"))
        searched = cast("forms.ModelChoiceField[Any]", self.fields["organisation"])
        searched.widget = SearchedSelect(organisation, admin.site, choices=searched.choices)


@admin.register(SalesAgent)
class SalesAgentAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "service", "key", "role", "issuer", "organisation")
    list_filter = ("service", "role")
    list_select_related = ("service", "issuer", "organisation")
    list_prefetch_related = ("issuer__particulars",)
    search_fields = ("key",)
    fields = (
        "shown_name",
        "service",
        "key",
        "role",
        "shown_issuer",
        "organisation",
        "shown_people",
        "shown_rules",
    )
    actions_detail = ("publish", "organisation_of")

    def offered(self, obj: SalesAgent) -> Collection[str]:
        return ("publish", "organisation_of")

    @display(description=_("Name"))
    def shown_name(self, obj: SalesAgent) -> str:
        return obj.name

    @display(description=_("People at its desk"))
    def shown_people(self, obj: SalesAgent) -> str:
        """Who has the desk; where nobody has, staff decide in the agent's place."""
        members = obj.organisation.memberships.acting().select_related("user") if obj.organisation else []
        people = [str(one.user) for one in members if one.user.is_active and one.may_on(Right.SALES)]
        return lines(people) if people else gettext("Nobody: staff do what the sales agent would do.")

    @display(description=_("issuer of its invoices"))
    def shown_issuer(self, obj: SalesAgent) -> str:
        if obj.issuer is None:
            return why_not_billing(obj, localdate()) or gettext("The provider issues the invoices.")
        page = reverse("admin:contracts_provider_change", args=[obj.issuer.pk])
        return link(page, f"{obj.issuer} ({obj.issuer.code})")

    @display(description=_("rules of sales agents"))
    def shown_rules(self, obj: SalesAgent) -> str:
        return lines(
            link(
                reverse("contracts:agent-rules", args=[obj.service.slug, obj.key, one.version]),
                f"{one} ({day_text(one.effective_on)})",
            )
            for one in obj.rules.order_by("-effective_on")
        )

    @action(
        description=_("Choose the organisation"),
        url_path="organisation",
        permissions=["act"],
        icon="domain",
    )
    def organisation_of(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sellers = self.get_queryset(request).select_related("service__provider", "organisation")
        agent: SalesAgent = get_object_or_404(sellers, pk=object_id)

        def form(*args: Any, **kwargs: Any) -> forms.Form:
            asked = AgentOrganisationForm(*args, initial={"organisation": agent.organisation}, **kwargs)
            keep_within(request.user, asked)
            return asked

        def act(staff: User, data: dict[str, Any]) -> str:
            named = name_organisation(agent, data["organisation"], staff).organisation
            if named is None:
                return gettext("The desk of %(agent)s is closed.") % {"agent": agent.name}
            shown = {"agent": agent.name, "organisation": named}
            return gettext("%(organisation)s has the desk of %(agent)s now.") % shown

        page = ActionPage(
            title=_("Choose the organisation of a sales agent"),
            button=_("Choose"),
            form=form,
            act=act,
            facts=[(_("Service"), agent.service.name), (_("Sales agent"), agent.name)],
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Publish rules"),
        url_path="publish",
        permissions=["act"],
        icon="how_to_vote",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sellers = self.get_queryset(request).select_related("service__provider")
        agent: SalesAgent = get_object_or_404(sellers, pk=object_id)
        last = agent.rules.last()
        initial = {"source": last.source, "text": last.text} if last else {}

        def wanted(data: dict[str, Any]) -> AgentRulesData:
            return AgentRulesData(service=agent.service.slug, agent=agent.key, **data)

        page = ActionPage(
            title=_("Publish rules of a sales agent"),
            button=_("Propose"),
            form=partial(AgentRulesForm, initial=initial),
            act=proposing(request, AGENT_RULES, wanted),
            facts=[(_("Service"), agent.service.name), (_("Sales agent"), agent.name)],
            kind=AGENT_RULES,
        )
        return run_action(self, request, object_id, page)

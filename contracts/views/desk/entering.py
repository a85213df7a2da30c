"""Applications and requests on paper, which a sales agent takes in for its customers."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.deciding.agents import customers_of
from contracts.forms.receipts import ReceiptForm
from contracts.models import Application, ContractRequest, SalesAgent, Service
from contracts.requests.decide import submit_request
from contracts.views.desk.access import DeskRequest, agents_only, own_contracts
from contracts.views.entering.applications import ApplicationEntry
from contracts.views.entering.requests import RequestEntry
from portal.organisations.models import Organisation


class AgentField(forms.ModelChoiceField):  # type: ignore[type-arg] # none at run time
    """Sales agents by what they sell."""

    def label_from_instance(self, obj: SalesAgent) -> str:
        return f"{obj.service.name} / {obj.name}"


class DeskBeginning(ReceiptForm):
    """How an application came, for which service, and of whom; the customers are the agents' own."""

    agent = AgentField(SalesAgent.objects.none(), label=_("Service"), empty_label=None)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Customer"),
        required=False,
        empty_label=_("New: it is registered from the paper"),
    )
    field_order = ("agent", "organisation", "channel", "at", "long_ago", "sender", "note", "exception")

    def __init__(self, request: DeskRequest, posted: Any) -> None:
        super().__init__(posted)
        agents = request.agents.select_related("service")
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = customers_of(agents, localdate())  # type: ignore[attr-defined]


class DeskApplication(ApplicationEntry):
    """An application as a sales agent takes it in."""

    beginning: DeskBeginning

    def __init__(self, request: DeskRequest) -> None:
        super().__init__(request)
        self.beginning = DeskBeginning(request, self.posted)

    @property
    def agent(self) -> SalesAgent:  # type: ignore[override] # here the beginning names it
        agent: SalesAgent = self.beginning.cleaned_data["agent"]
        return agent

    @property
    def service(self) -> Service:
        return self.agent.service

    def address_of(self, stored: Application | ContractRequest) -> str:
        return reverse("contracts:desk-application", args=[stored.number])

    def page(self, step: str, shown: dict[str, Any]) -> HttpResponse:
        return render(self.request, "contracts/agents/enter_application.html", shown)


class DeskEntry(RequestEntry):
    """A request as a sales agent takes it in."""

    def address_of(self, stored: Application | ContractRequest) -> str:
        return reverse("contracts:desk-request", args=[stored.number])

    def page(self, step: str, shown: dict[str, Any]) -> HttpResponse:
        return render(self.request, "contracts/agents/enter_request.html", shown)


@agents_only
def enter_application(request: DeskRequest) -> HttpResponse:
    """How it came, what it says, its papers: three steps."""
    return DeskApplication(request).answer()


@agents_only
def enter_request(request: DeskRequest, number: str) -> HttpResponse:
    """The same for a request on a contract."""
    contracts = own_contracts(request).prefetch_related("items", "suspensions", "requests", "particulars")
    contract = get_object_or_404(contracts, number=number)
    return DeskEntry(request, contract, submit_request).answer()

"""Entering a request of a customer: how it came, what it says, what the terms say to it, its paper."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from contracts.admin.receipts.forms import PapersForm, RequestBeginning, dressed
from contracts.admin.receipts.keeping import keeping_text
from contracts.admin.receipts.steps import channel_text, key_in
from contracts.forms.problems import add_problems
from contracts.models import Contract, ContractRequest
from contracts.receipts.received import ensure_may_enter, ensure_received
from contracts.requests.decide import submit_request
from contracts.requests.form import RequestForm
from contracts.requests.lines import changed_lines
from contracts.requests.offer import Offer
from contracts.requests.registry import drafted, form_for, kind_of, offer_of
from contracts.requests.verdict import verdict
from contracts.requests.what_if import ask
from contracts.wording.dated_lines import dated_lines
from portal.organisations.models import User

RIGHT = "contracts.add_contractrequest"


class Entry:
    """What was posted so far, step by step: how it came, what it says, its paper."""

    def __init__(self, admin: ModelAdmin, request: HttpRequest, contract: Contract) -> None:
        self.admin, self.request, self.contract = admin, request, contract
        self.staff = cast(User, request.user)
        self.at = now()
        posted = request.POST if request.method == "POST" else None
        self.beginning = RequestBeginning(posted)
        self.papers = PapersForm(posted, request.FILES or None)

    def answer(self) -> HttpResponse:
        """The page of the step that is next, or the request that was stored."""
        step = "check" if "back" in self.request.POST else self.request.POST.get("step", "")
        if not step or not self._has_begun():
            return self._page("begin")
        offer = self._offer()
        if offer is None:
            return self._page("begin")
        form = self._form(offer, bound=step in ("check", "send"))
        if step == "begin" or "more" in self.request.POST:
            return self._page("details", offer=offer, form=form)
        if "back" in self.request.POST or not self._is_judged(offer, form):
            return self._page("details", offer=offer, form=form)
        return self._send(offer, form) if step == "send" else self._confirm(offer, form)

    def _has_begun(self) -> bool:
        """Whether how it came is told, and could be so by the terms."""
        if not self.beginning.is_valid():
            return False
        kind = kind_of(self.beginning.cleaned_data["kind"])
        try:
            ensure_may_enter(self.staff, self.contract.organisation, self.contract.service)
            version = kind.governing(self.contract, min(self.received_at, self.at))
            ensure_received(self.beginning.received(self.staff, self.at), version, kind.key, with_files=False)
        except ValidationError as error:
            add_problems(self.beginning, error)
            return False
        return True

    @property
    def received_at(self) -> datetime:
        return cast(datetime, self.beginning.cleaned_data["at"])

    def _offer(self) -> Offer | None:
        """What could be asked for at the moment of receipt."""
        offer = offer_of(self.contract, self.beginning.cleaned_data["kind"], self.received_at)
        if offer is None:
            self.beginning.add_error(
                "kind", gettext("At that moment this could not be asked for on this contract.")
            )
        return offer

    def _form(self, offer: Offer, *, bound: bool) -> RequestForm:
        typed = self.request.POST
        if "more" in typed:
            typed = kind_of(offer.kind).form.with_one_more(typed)  # type: ignore[assignment]
        form = form_for(offer, typed if bound else None)
        if "more" in self.request.POST:
            form.without_errors()
        dressed(form)
        return form

    def _is_judged(self, offer: Offer, form: RequestForm) -> bool:
        if not form.is_valid():
            return False
        try:
            ask(offer.contract, offer.kind, form.request_data(), self.received_at)
        except ValidationError as error:
            add_problems(form, error)
            return False
        return True

    def _confirm(self, offer: Offer, form: RequestForm) -> HttpResponse:
        """All of it once more, with what the terms say, and the place for the paper."""
        answer = ask(offer.contract, offer.kind, form.request_data(), self.received_at)
        asked = drafted(offer.contract, offer.kind, form.request_data(), self.received_at)
        asked.decided = answer.decision
        dressed(self.papers)
        return self._page(
            "send",
            offer=offer,
            form=form,
            verdict=verdict(offer.kind, answer.version, answer.decision, form.day),
            lines=changed_lines(asked),
            dates=dated_lines(answer.decision, answer.version, planned=asked.is_planned),
            papers=self.papers,
            keeping=keeping_text(),
            submission_key=self.request.POST.get("submission_key") or uuid4(),
        )

    def _send(self, offer: Offer, form: RequestForm) -> HttpResponse:
        key = key_in(self.request)
        if key is None or not self.papers.is_valid():
            return self._confirm(offer, form)
        paper, proofs = self.papers.papers()
        received = self.beginning.received(self.staff, self.at, paper, proofs)
        try:
            asked = submit_request(
                offer.contract,
                self.staff,
                offer.kind,
                form.request_data(),
                received.at,
                key,
                received=received,
            )
        except ValidationError as error:
            add_problems(self.papers, error, self._place_of)
            return self._confirm(offer, form)
        self._say(asked, key)
        return redirect("admin:contracts_contractrequest_change", asked.pk)

    def _place_of(self, problem: str) -> str:
        return problem if problem in self.papers.fields else NON_FIELD_ERRORS

    def _say(self, asked: ContractRequest, key: UUID) -> None:
        shown = {"number": asked.number}
        if asked.submission_key != key:
            text = gettext("The same is asked for already, and waits for a decision: %(number)s.")
            messages.warning(self.request, text % shown)
        elif asked.status == asked.Status.REFUSED:
            text = gettext("%(number)s is recorded, and refused by the terms. The customer is told.")
            messages.warning(self.request, text % shown)
        else:
            messages.success(self.request, gettext("%(number)s is recorded.") % shown)

    def _received_so_far(self) -> dict[str, Any]:
        if not self.beginning.is_bound or not self.beginning.is_valid():
            return {}
        typed = self.beginning.cleaned_data
        return {**typed, "channel_text": channel_text(typed["channel"])}

    def _page(self, step: str, **more: Any) -> HttpResponse:
        context = {
            **self.admin.admin_site.each_context(self.request),
            "opts": self.admin.opts,
            "original": self.contract,
            "title": _("Enter what came beside the portal"),
            "step": step,
            "contract": self.contract,
            "beginning": self.beginning,
            "received": self._received_so_far(),
            "back_url": reverse("admin:contracts_contract_change", args=[self.contract.pk]),
            "media": self.beginning.media,
            **more,
        }
        return TemplateResponse(self.request, "admin/receipts/request.html", context)


def enter_request(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The pages on which a request on a contract is entered."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    contract = get_object_or_404(
        admin.get_queryset(request).select_related(
            "service__provider", "contracted_version__service", "application", "organisation"
        ),
        pk=pk,
    )
    return Entry(admin, request, contract).answer()

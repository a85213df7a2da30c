"""Entering a request of a customer: how it came, what it says, what the terms say to it, its paper."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from contracts.deciding.agents import seller_of
from contracts.forms.problems import add_problems
from contracts.forms.receipts import PapersForm, RequestBeginning
from contracts.models import Contract, ContractRequest
from contracts.receipts.received import ensure_may_enter, ensure_received
from contracts.requests.form import RequestForm
from contracts.requests.lines import changed_lines
from contracts.requests.offer import Offer
from contracts.requests.registry import KINDS, drafted, form_for, kind_of, offer_of
from contracts.requests.verdict import verdict
from contracts.requests.what_if.asking import ask
from contracts.rules.calendar.period import japan_date
from contracts.views.entering.entry import Entry
from contracts.views.entering.keeping import keeping_text
from contracts.views.entering.steps import key_in
from contracts.wording.dated_lines import dated_lines


class RequestEntry(Entry):
    """What was posted so far of a request on a contract; `submit` is the operation that stores it."""

    def __init__(
        self, request: HttpRequest, contract: Contract, submit: Callable[..., ContractRequest]
    ) -> None:
        super().__init__(request)
        self.contract, self.submit = contract, submit
        self.beginning: RequestBeginning = RequestBeginning(
            [(kind.key, kind.label) for kind in KINDS.values()], self.posted
        )
        self.papers = PapersForm(self.posted, request.FILES or None)
        self.dressed(self.beginning)

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
        seller = seller_of(self.contract, japan_date(self.at))
        try:
            ensure_may_enter(self.person, self.contract.organisation, self.contract.service, seller)
            version = kind.governing(self.contract, min(self.received_at, self.at))
            received = self.beginning.received(self.person, self.at)
            ensure_received(received, version, kind.key, with_files=False)
        except ValidationError as error:
            add_problems(self.beginning, error)
            return False
        return True

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
        self.dressed(form)
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
        return self._page(
            "send",
            offer=offer,
            form=form,
            verdict=verdict(offer.kind, answer.version, answer.decision, form.day),
            lines=changed_lines(asked),
            dates=dated_lines(answer.decision, answer.version, planned=asked.is_planned),
            papers=self.dressed(self.papers),
            keeping=keeping_text(),
            submission_key=self.request.POST.get("submission_key") or uuid4(),
        )

    def _send(self, offer: Offer, form: RequestForm) -> HttpResponse:
        key = key_in(self.request)
        if key is None or not self.papers.is_valid():
            return self._confirm(offer, form)
        paper, proofs = self.papers.papers()
        received = self.beginning.received(self.person, self.at, paper, proofs)
        data = form.request_data()
        try:
            asked = self.submit(
                offer.contract, self.person, offer.kind, data, received.at, key, received=received
            )
        except ValidationError as error:
            add_problems(self.papers, error, self._place_of)
            return self._confirm(offer, form)
        self._say(asked, key)
        return redirect(self.address_of(asked))

    def _place_of(self, problem: str) -> str:
        return problem if problem in self.papers.fields else NON_FIELD_ERRORS

    def _say(self, asked: ContractRequest, key: UUID) -> None:
        if asked.submission_key != key:
            level, text = (
                messages.WARNING,
                gettext("The same is asked for already, and waits for a decision: %(number)s."),
            )
        elif asked.status == asked.Status.REFUSED:
            level, text = (
                messages.WARNING,
                gettext("%(number)s is recorded, and refused by the terms. The customer is told."),
            )
        else:
            level, text = messages.SUCCESS, gettext("%(number)s is recorded.")
        self.said(level, text, asked.number)

    def _page(self, step: str, **more: Any) -> HttpResponse:
        return super()._page(step, contract=self.contract, **more)

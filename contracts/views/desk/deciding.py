"""What a sales agent decides at its desk, where the terms leave it to the agent."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError

from contracts.deciding.agents import may_decide
from contracts.extensions.debts import Debts
from contracts.forms.deciding import AcceptanceForm, QuestionForm, RefusalForm
from contracts.forms.problems import add_problems
from contracts.models import Application, ContractRequest
from contracts.views.desk.access import DeskRequest

NO_DEBTS = Debts()

Act = Callable[[dict[str, Any]], str]
"""Carries something out with what was typed, and gives the message to show."""


class Deciding:
    """What can be done with an application or a request, the forms for it, and what stood against it."""

    def __init__(
        self,
        request: DeskRequest,
        asked: Application | ContractRequest,
        refusals: Sequence[tuple[str, str]],
        *,
        proof: bool = False,
        debts: Debts = NO_DEBTS,
    ) -> None:
        self.request, self.asked = request, asked
        self.may_accept = asked.is_open and may_decide(asked)
        self.may_refuse = self.may_accept and may_decide(asked, refusing=True)
        action = request.POST.get("action", "")
        typed = request.POST if request.method == "POST" else None
        self.acceptance = AcceptanceForm(debts, typed if action == "accept" else None)
        self.refusal = RefusalForm(refusals, typed if action == "refuse" else None)
        self.question = QuestionForm(typed if action == "ask" else None, proof=proof)

    @property
    def waits_for_provider(self) -> bool:
        """Whether it is open, and the provider decides."""
        return self.asked.is_open and not self.may_accept

    @property
    def problems(self) -> list[str]:
        """What objected to what was sent, beside its fields."""
        sent = (self.acceptance, self.refusal, self.question)
        return [str(error) for form in sent for error in form.non_field_errors()]

    def carry_out(self, **acts: Act) -> bool:
        """Do what was sent (`accept`, `refuse`, `ask`); False where nothing was, or something objects."""
        action = self.request.POST.get("action", "")
        shown: dict[str, forms.Form] = {
            "accept": self.acceptance,
            "refuse": self.refusal,
            "ask": self.question,
        }
        if self.request.method != "POST" or action not in acts or not shown[action].is_valid():
            return False
        try:
            messages.success(self.request, acts[action](shown[action].cleaned_data))
        except ValidationError as error:
            add_problems(shown[action], error)
            return False
        return True

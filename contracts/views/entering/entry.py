"""What the entries of applications and of requests have in common: the steps of one page."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from contracts.forms.receipts import ReceiptForm
from contracts.models import Application, ContractRequest
from contracts.views.entering.steps import channel_text
from portal.organisations.models import User


class Entry:
    """What was posted so far, step by step. Whoever shows it says what its forms and pages look like."""

    beginning: ReceiptForm

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.person = cast(User, request.user)
        self.at = now()
        self.posted = request.POST if request.method == "POST" else None

    def dressed(self, form: forms.Form) -> forms.Form:
        """A form as the page shows it."""
        return form

    def page(self, step: str, shown: dict[str, Any]) -> HttpResponse:
        """The page of a step: `begin`, `details` or `send`."""
        raise NotImplementedError

    def address_of(self, stored: Application | ContractRequest) -> str:
        """Where what was stored is shown."""
        raise NotImplementedError

    @property
    def received_at(self) -> datetime:
        return cast(datetime, self.beginning.cleaned_data["at"])

    def said(self, level: int, text: str, number: str) -> None:
        messages.add_message(self.request, level, text % {"number": number})

    def _page(self, step: str, **more: Any) -> HttpResponse:
        known = self.beginning.is_bound and self.beginning.is_valid() and step != "begin"
        typed = self.beginning.cleaned_data if known else {}
        received = {**typed, "channel_text": channel_text(typed["channel"])} if typed else {}
        return self.page(step, {"step": step, "beginning": self.beginning, "received": received, **more})

"""Questions to a contract that are answered and not sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DayField, QuantityField, without_keys
from contracts.requests.data import RequestData
from contracts.requests.kind import Kind
from contracts.requests.kinds.endings import CancellationRequest
from contracts.requests.offer import Offer, Possibility
from contracts.requests.product_change import ProductChange
from contracts.requests.product_forms import with_number
from contracts.requests.registry import kind_of

FURTHEST = timedelta(days=5 * 366)


@dataclass(frozen=True)
class Question:
    """An offered kind of request that can be asked about, with the products that it could be for."""

    offer: Offer

    @property
    def kind(self) -> str:
        return self.offer.kind

    @property
    def label(self) -> str:
        return self.offer.label

    @property
    def possibility(self) -> Possibility:
        return self.offer.possibility

    @property
    def products(self) -> Sequence[tuple[str, str]]:
        return [(line.key, with_number(line)) for line in self.offer.products]

    @property
    def change(self) -> ProductChange | None:
        """What it changes of a product; None for what ends the contract."""
        found: Kind[Any] = kind_of(self.kind)
        return found if isinstance(found, ProductChange) else None

    @property
    def gives_up(self) -> bool:
        return self.change is not None and self.change.gives_up


def questions(offered: Sequence[Offer]) -> list[Question]:
    """What can be asked about a contract, of what is offered: the cancellation first, then other ends."""
    asked = [Question(offer) for offer in offered if kind_of(offer.kind).asked_ahead]
    return sorted(asked, key=lambda one: (one.kind != CancellationRequest.key, not one.offer.ends_contract))


class WhatIfForm(forms.Form):
    """The day, and for changes the product and how many, of a question."""

    wanted_on = DayField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), required=False)
    product = forms.ChoiceField(label=_("Product"), required=False)
    quantity = QuantityField(min_value=0, required=False)

    def __init__(self, question: Question, today: date, data: Any = None) -> None:
        super().__init__(data, initial={"wanted_on": question.possibility.earliest_on})
        self.question, self.today = question, today
        day, change = self.fields["wanted_on"], question.change
        day.required = change is not None
        if change is None:
            day.label, day.help_text = _("Last day of use"), _("Empty: the earliest possible day.")
            del self.fields["product"], self.fields["quantity"]
        else:
            day.label = _("Last day of use") if change.gives_up else _("From which day")
            self.fields["product"] = forms.ChoiceField(label=_("Product"), choices=question.products)
            self.fields["quantity"].label = change.quantity_label
            self.fields["quantity"].required = not change.gives_up
        without_keys(self.fields.values())

    def clean_wanted_on(self) -> date | None:
        day: date | None = self.cleaned_data["wanted_on"]
        if day and day > self.today + FURTHEST:
            raise forms.ValidationError(_("Choose a day within the next five years."))
        return day

    def request_data(self) -> RequestData:
        """What the question asks for, as a request would hold it; only of a valid form.

        User IDs that must be deleted first count as deleted.
        """
        typed, model = self.cleaned_data, kind_of(self.question.kind).data
        held: dict[str, Any] = {"wanted_on": typed["wanted_on"]}
        if self.question.change:
            of_product = {"product": typed["product"], "quantity": typed["quantity"] or 0}
            held |= {**of_product, "user_ids_deleted": True}
        data: RequestData = model(**held)
        return data

"""Questions to a contract that are answered and not sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DayField, QuantityField
from contracts.models import Contract, ContractRequest
from contracts.models.request_data import CancellationData, NonRenewalData, ProductChangeData, RequestData
from contracts.requests.product_changes import ADDITIONS, fits
from contracts.requests.what_if import Possibility
from contracts.rules.life.change import DROPS
from contracts.wording.products import ProductLine, product_lines

Kind = ContractRequest.Kind

ENDINGS: dict[str, type[RequestData]] = {
    Kind.CANCELLATION: CancellationData,
    Kind.NON_RENEWAL: NonRenewalData,
}
CHANGES = (
    Kind.QUANTITY_UP,
    Kind.QUANTITY_DOWN,
    Kind.ADD_ITEM,
    Kind.DROP_ITEM,
    Kind.ADD_OPTION,
    Kind.DROP_OPTION,
)
FURTHEST = timedelta(days=5 * 366)

_QUANTITY_LABELS: dict[str, Any] = {
    **dict.fromkeys(ADDITIONS, _("How many more")),
    **dict.fromkeys(DROPS, _("How many go (empty: all)")),
    Kind.QUANTITY_UP: _("How many afterwards"),
    Kind.QUANTITY_DOWN: _("How many afterwards"),
}


@dataclass(frozen=True)
class Question:
    """A kind of request that can be asked about, with the products that it could be for."""

    possibility: Possibility
    products: Sequence[tuple[str, str]] = ()

    @property
    def kind(self) -> str:
        return self.possibility.kind

    @property
    def label(self) -> str:
        return self.possibility.label


def questions(contract: Contract, possible: Sequence[Possibility]) -> list[Question]:
    """What can be asked about a contract: endings, and changes that there are products for."""
    found = []
    for one in possible:
        if one.kind in ENDINGS:
            found.append(Question(one))
        elif one.kind in CHANGES and (products := _products(contract, one)):
            found.append(Question(one, products))
    return found


def _products(contract: Contract, possibility: Possibility) -> list[tuple[str, str]]:
    held = contract.items_on(possibility.earliest_on)
    policy = possibility.version.policy
    fitting = [
        (product.key, held.get(product.key, 0))
        for product in policy.products
        if fits(possibility.kind, product) and (possibility.kind in ADDITIONS or product.key in held)
    ]
    return [(line.key, _with_number(line)) for line in product_lines(policy, fitting)]


def _with_number(line: ProductLine) -> str:
    if not line.quantity:
        return line.name
    shown = {"product": line.name, "quantity": line.quantity, "unit": line.unit}
    return gettext("%(product)s (now %(quantity)s %(unit)s)") % shown


class WhatIfForm(forms.Form):
    """The day, and for changes the product and how many, of a question."""

    wanted_on = DayField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), required=False)
    product = forms.ChoiceField(label=_("Product"), required=False)
    quantity = QuantityField(min_value=0, required=False)

    def __init__(self, question: Question, today: date, data: Any = None) -> None:
        super().__init__(data, initial={"wanted_on": question.possibility.earliest_on})
        self.question, self.today = question, today
        ending = question.kind in ENDINGS
        day = self.fields["wanted_on"]
        day.required = not ending
        if ending:
            day.label, day.help_text = _("Last day of use"), _("Empty: the earliest possible day.")
            del self.fields["product"], self.fields["quantity"]
        else:
            day.label = _("Last day of use") if question.kind in DROPS else _("From which day")
            self.fields["product"] = forms.ChoiceField(label=_("Product"), choices=question.products)
            self.fields["quantity"].label = _QUANTITY_LABELS[question.kind]
            self.fields["quantity"].required = question.kind not in DROPS

    def clean_wanted_on(self) -> date | None:
        day: date | None = self.cleaned_data["wanted_on"]
        if day and day > self.today + FURTHEST:
            raise forms.ValidationError(_("Choose a day within the next five years."))
        return day

    def request_data(self) -> RequestData:
        """What the question asks for, as a request would hold it; only of a valid form.

        User IDs that must be deleted first count as deleted.
        """
        ending = ENDINGS.get(self.question.kind)
        if ending:
            return ending(wanted_on=self.cleaned_data["wanted_on"])
        return ProductChangeData(
            wanted_on=self.cleaned_data["wanted_on"],
            product=self.cleaned_data["product"],
            quantity=self.cleaned_data["quantity"] or 0,
            user_ids_deleted=True,
        )

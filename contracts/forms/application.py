"""The application form of a service, built from the policy of the version in force.

It parses what was typed; `contracts.operations.applications` decides whether it may be sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DayField, QuantityField
from contracts.local_text import localised
from contracts.models import TermsVersion
from contracts.models.fields import PaymentMethod
from contracts.operations.application_checks import ApplicationData
from contracts.particulars import CONTACTS, LABELS, LONG
from contracts.products_shown import products_by_kind
from contracts.rules.policy import Policy
from contracts.rules.products import Product

QUANTITY = "quantity_"
PARTICULAR = "particular_"

_WANTED_START = {
    "first_of_wanted_month": _("Service starts on the first day of the month of this day."),
    "wanted_date": _("Service starts on this day, but not before the contract is formed."),
    "activation_notice": _("Your wish is passed on; the activation notice names the first day of service."),
    "formation_date": _("Service starts on the day on which the contract is formed; your wish is passed on."),
}


class ApplicationForm(forms.Form):
    """Products, particulars, wanted start, way of payment and consent. `version` is what the page showed."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, terms_version: TermsVersion, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(_for_version(terms_version, data), **kwargs)
        self.terms_version = terms_version
        policy = terms_version.policy
        self.fields["version"].initial = terms_version.name
        for product in policy.products:
            if product.orderable:
                self.fields[QUANTITY + product.key] = _quantity_field(product)
        self._add_particulars(policy)
        self._add_terms(policy)

    def _add_particulars(self, policy: Policy) -> None:
        for asked in policy.application.fields:
            self.fields[PARTICULAR + asked.key] = forms.CharField(
                label=LABELS[asked.key],
                required=asked.required,
                error_messages={"required": _("Enter this; the terms require it.")},
                max_length=500,
                help_text=_("Name, phone and e-mail address.") if asked.key in CONTACTS else "",
                widget=forms.Textarea(attrs={"rows": 3}) if asked.key in LONG else forms.TextInput(),
            )

    def _add_terms(self, policy: Policy) -> None:
        methods = policy.application.payment_methods
        self.fields["wanted_start_on"] = DayField(
            label=_("Wanted start"),
            required=False,
            help_text=_WANTED_START[policy.formation.service_start.rule],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        )
        self.fields["payment_method"] = forms.ChoiceField(
            label=_("Payment method"),
            choices=[(value, label) for value, label in PaymentMethod.choices if value in methods],
            initial=methods[0],
            widget=forms.RadioSelect,
        )
        self.fields["consent"] = forms.BooleanField(
            label=_("We have read version %(version)s of the terms and agree to it.")
            % {"version": self.terms_version.name},
            error_messages={
                "required": _("Please read version %(version)s of the terms and agree to it.")
                % {"version": self.terms_version.name}
            },
        )

    def product_groups(self) -> Iterator[tuple[object, Sequence[tuple[Product, forms.BoundField]]]]:
        """The products that can be ordered, by kind, each with its field."""
        for label, products in products_by_kind(self.terms_version.policy):
            group = [(product, self[QUANTITY + product.key]) for product in products if product.orderable]
            if group:
                yield label, group

    def particulars(self) -> Iterator[forms.BoundField]:
        for asked in self.terms_version.policy.application.fields:
            yield self[PARTICULAR + asked.key]

    def application_data(self) -> ApplicationData:
        """What was typed, for the operations; what could not be read is left out."""
        typed = self.cleaned_data
        return ApplicationData(
            version=typed.get("version", ""),
            quantities={key: number for key, number in self._values(QUANTITY) if number},
            particulars={key: text for key, text in self._values(PARTICULAR) if text},
            payment_method=typed.get("payment_method", ""),
            consent=typed.get("consent", False),
            wanted_start_on=typed.get("wanted_start_on"),
        )

    def _values(self, prefix: str) -> Iterator[tuple[str, Any]]:
        for name, value in self.cleaned_data.items():
            if name.startswith(prefix):
                yield name.removeprefix(prefix), value


def _for_version(terms_version: TermsVersion, data: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What was typed, without consent where the page showed another version than the one in force now."""
    if data is None or data.get("version") == terms_version.name:
        return data
    kept = {name: value for name, value in data.items() if name != "consent"}
    return {**kept, "version": terms_version.name}


def _quantity_field(product: Product) -> QuantityField:
    return QuantityField(
        label=localised(product.name),
        min_value=0,
        required=product.minimum > 0,
        error_messages={"required": _("Enter how many you need."), "invalid": _("Enter a whole number.")},
        initial=product.minimum or None,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "quantity", "autocomplete": "off"}),
    )

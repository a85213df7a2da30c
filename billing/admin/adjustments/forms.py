"""What staff enter for one-off charges and credits."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from billing.adjustments.damages import damage_grounds
from billing.admin.forms import contract_field, day_field, reason_field, yen_field
from contracts.forms.fields import MomentField
from contracts.models import Contract, Service, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.wording.local_text import localised
from contracts.wording.reasons import reason_choices
from contracts.wording.sentences import WORDS

_REASON_SHOWN = _("Reason (the customer reads it)")


def _cost_grounds() -> Iterator[tuple[str, Any]]:
    """The grounds that the terms in force list, under the names of their services; none is chosen yet."""
    yield "", _("Choose one.")
    for service in Service.objects.order_by("slug"):
        version = Rulebooks().in_force(service, localdate())
        listed = reason_choices(version, version.policy.charging.costs) if version else []
        if listed:
            yield service.name, [(f"{service.slug}/{key}", text) for key, text in listed]


def _what_may_be_out() -> Iterator[tuple[str, Any]]:
    """The whole service, or an option that published terms know, under the names of their services."""
    yield "", _("The whole service")
    for service in Service.objects.order_by("slug"):
        options = {
            product.key: localised(product.name)
            for version in TermsVersion.objects.published().filter(service=service)
            for product in version.policy.products
            if product.kind == "option"
        }
        if options:
            yield service.name, [(f"{service.slug}/{key}", name) for key, name in options.items()]


def _set_due_field() -> forms.Field:
    return day_field(
        _("Set due date"),
        required=False,
        help_text=_("Where the terms let a day be set. Empty: with the next invoice."),
    )


class SurchargeForm(forms.Form):
    contract = contract_field()
    evaded_net = yen_field(_("Evaded fee without tax"))
    with_fee = forms.BooleanField(
        label=_("Charge the evaded fee itself too"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("Leave it out where the fee is charged already, or the next billing settles it."),
    )
    due_on = _set_due_field()
    reason = reason_field(label=_REASON_SHOWN)


class CostsForm(forms.Form):
    contract = contract_field()
    ground = forms.ChoiceField(
        label=_("Ground in the terms"), choices=_cost_grounds, widget=UnfoldAdminSelectWidget
    )
    arose_on = day_field(_("Arose on"), help_text=_("The day of the work, or of the damage."))
    net = yen_field(_("Amount without tax"))
    due_on = _set_due_field()
    reason = reason_field(label=_REASON_SHOWN, help_text=_("What it was, and by what it is proved."))

    def clean(self) -> dict[str, Any]:
        """The ground becomes its key, once it is one of the contract's own terms."""
        entered: dict[str, Any] = super().clean() or self.cleaned_data
        contract, ground = entered.get("contract"), entered.get("ground")
        if contract and ground:
            slug, entered["ground"] = ground.split("/")
            if slug != contract.service.slug:
                self.add_error("ground", _("The terms of this contract don't list this ground."))
        return entered


class OutageForm(forms.Form):
    contract = contract_field()
    known_at = MomentField(
        label=_("Known to the provider at"),
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10-05 09:30"}),
    )
    restored_at = MomentField(
        label=_("Restored at"),
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10-06 18:00"}),
    )
    fault = forms.ChoiceField(
        label=_("By whose fault"), choices=list(WORDS["fault"].items()), widget=UnfoldAdminSelectWidget
    )
    product = forms.ChoiceField(
        label=_("What was out"), choices=_what_may_be_out, required=False, widget=UnfoldAdminSelectWidget
    )
    damage = yen_field(_("Actual damage"), required=False, help_text=_("Where the terms owe the damage."))
    claimed_at = MomentField(
        label=_("Claimed by the customer at"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10-07 10:00"}),
        help_text=_("Where the terms let a claim lapse. Empty: as it is recorded."),
    )
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """The option becomes its key, once it is one of the contract's own service."""
        entered: dict[str, Any] = super().clean() or self.cleaned_data
        contract, product = self.of_contract(), entered.get("product")
        if contract and product:
            slug, entered["product"] = product.split("/")
            if slug != contract.service.slug:
                self.add_error("product", _("The service of this contract has no such option."))
        return entered

    def of_contract(self) -> Contract | None:
        """The contract that was entered; None where that is none."""
        return self.cleaned_data.get("contract")


class DamagesForm(forms.Form):
    contract = contract_field()
    arose_on = day_field(_("Arose on"))
    damage = yen_field(_("Damage"))
    fault = forms.ChoiceField(
        label=_("By whose fault"),
        choices=[(fault, WORDS["fault"][fault]) for fault in ("ordinary", "gross")],
        widget=UnfoldAdminSelectWidget,
    )
    ground = forms.ChoiceField(
        label=_("Ground in the terms"),
        choices=lambda: [("", "—"), *damage_grounds(localdate())],
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Where the terms owe only certain damages."),
    )
    as_service = forms.BooleanField(
        label=_("A month of service free instead of money"),
        required=False,
        help_text=_("Where the terms let the provider do so; the fee of this month is not charged."),
    )
    reason = reason_field()

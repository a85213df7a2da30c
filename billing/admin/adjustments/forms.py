"""What staff enter for one-off charges and credits."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from billing.admin.forms import contract_field, day_field, reason_field, yen_field
from contracts.forms.fields import MomentField
from contracts.wording.sentences import WORDS


class SurchargeForm(forms.Form):
    contract = contract_field()
    evaded_net = yen_field(_("Evaded fee without tax"))
    reason = reason_field()


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
    product = forms.SlugField(
        label=_("Option"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its key, where one option alone was out."),
    )
    damage = yen_field(_("Actual damage"), required=False, help_text=_("Where the terms owe the damage."))
    claimed_at = MomentField(
        label=_("Claimed by the customer at"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-10-07 10:00"}),
        help_text=_("Where the terms let a claim lapse. Empty: as it is recorded."),
    )
    reason = reason_field()


class DamagesForm(forms.Form):
    contract = contract_field()
    arose_on = day_field(_("Arose on"))
    damage = yen_field(_("Damage"))
    fault = forms.ChoiceField(
        label=_("By whose fault"),
        choices=[(fault, WORDS["fault"][fault]) for fault in ("ordinary", "gross")],
        widget=UnfoldAdminSelectWidget,
    )
    as_service = forms.BooleanField(
        label=_("A month of service free instead of money"),
        required=False,
        help_text=_("Where the terms let the provider do so; the fee of this month is not charged."),
    )
    reason = reason_field()

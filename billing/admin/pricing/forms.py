"""What staff enter for prices, and for usage that was refused."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from billing.admin.forms import contract_field, day_field, reason_field, yen_field
from contracts.forms.fields import MomentField
from contracts.models import Service
from contracts.wording.sentences import WORDS


def _this_minute() -> str:
    return f"{timezone.localtime():%Y-%m-%d %H:%M}"


class SpecialPriceForm(forms.Form):
    contract = contract_field()
    product = forms.SlugField(label=_("Product"), widget=UnfoldAdminTextInputWidget)
    unit_price = yen_field(_("Unit price (without tax)"))
    starts_on = day_field(_("Starts on"))
    ends_on = day_field(_("Ends on"), required=False)
    reason = reason_field()


class EndForm(forms.Form):
    ends_on = day_field(_("Last day"))


class PriceChangeForm(forms.Form):
    service = forms.ModelChoiceField(
        Service.objects.all(), label=_("service"), empty_label=None, widget=UnfoldAdminSelectWidget
    )
    source = forms.CharField(
        label=_("Price list"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 20}), help_text=_("TOML")
    )
    channel = forms.ChoiceField(
        label=_("Customers were told by"),
        choices=list(WORDS["channel"].items()),
        widget=UnfoldAdminSelectWidget,
    )
    sent_at = MomentField(label=_("Notice sent at"), initial=_this_minute, widget=UnfoldAdminTextInputWidget)
    arrived_at = MomentField(label=_("Notice arrived at"), required=False, widget=UnfoldAdminTextInputWidget)
    override_reason = reason_field(
        label=_("Reason for a notice that is too late"),
        required=False,
        help_text=_("Only managers may change prices although the notice is too late."),
    )


class SettlementForm(forms.Form):
    settlement = reason_field(label=_("How it was settled"))

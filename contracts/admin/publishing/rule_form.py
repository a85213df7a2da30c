"""What a manager enters about where one person decides for a provider."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from contracts.approvals.rules import amount_of
from contracts.forms.fields import AmountField
from portal.approvals.kinds import Kind, kinds, sharing_amount
from portal.approvals.second_person import rule_of


class RuleForm(forms.Form):
    alone = forms.BooleanField(
        label=_("One person decides on everything"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("For a provider with one person. All staff see that it is so, and who switched it."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget)

    def __init__(self, provider: str, data: Any = None) -> None:
        rule = rule_of(provider)
        super().__init__(data, initial={"alone": rule.alone})
        self._kinds = [kind for kind in kinds() if kind.has_amount]
        for kind in self._kinds:
            self.fields[amount_of(kind.key)] = AmountField(
                label=gettext("%(kind)s: one person decides up to") % {"kind": kind.label},
                initial=rule.amounts.get(kind.key, 0),
                min_value=0,
                help_text=_help(kind),
                widget=UnfoldAdminTextInputWidget,
            )
        self.order_fields(["alone", *(amount_of(kind.key) for kind in self._kinds), "reason"])

    def clean(self) -> dict[str, Any]:
        entered = self.cleaned_data
        return {
            **entered,
            "amounts": {kind.key: entered.get(amount_of(kind.key)) or 0 for kind in self._kinds},
        }


def _help(kind: Kind[Any]) -> str:
    """What an amount of 0 means, and what else it counts for."""
    text = gettext("In yen. 0: a second person is always needed.")
    others = ", ".join(str(other.label) for other in sharing_amount(kind))
    return f"{text} {gettext('It counts for these, too: %(kinds)s.') % {'kinds': others}}" if others else text

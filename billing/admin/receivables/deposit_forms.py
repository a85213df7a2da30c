"""What staff enter for deposits."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.admin.forms import contract_field, day_field, reason_field, yen_field
from billing.models import Invoice
from contracts.forms.fields import half_width
from portal.staffing.admin import ReachedField


class DepositForm(forms.Form):
    contract = contract_field()
    amount = yen_field(_("Amount"))
    pay_by = day_field(_("To be paid by"))
    expected = yen_field(
        _("Expected monthly fee"),
        required=False,
        help_text=_(
            "Of the contract, without tax. Where the fee of now is not above the limit, but is likely to be."
        ),
    )
    reason = reason_field(
        required=False, help_text=_("Why that fee is to be expected; the letter states it.")
    )


class DepositReceiptForm(forms.Form):
    received_on = day_field(pgettext_lazy("money", "Received on"))
    reference = forms.CharField(label=_("Reference"), max_length=100, widget=UnfoldAdminTextInputWidget)


class InvoiceField(ReachedField, forms.CharField):
    """An invoice by its number."""

    def clean(self, value: Any) -> Invoice:
        number = super().clean(half_width(value))
        invoice = self.reached(Invoice.objects.filter(number=number)).first()
        if invoice is None:
            raise ValidationError(
                gettext("There is no invoice of the number “%(number)s”.") % {"number": number}
            )
        return invoice


class DepositUseForm(forms.Form):
    invoice = InvoiceField(label=_("Invoice number"), widget=UnfoldAdminTextInputWidget)


class DepositReturnForm(forms.Form):
    returned_on = day_field(_("Returned on"))

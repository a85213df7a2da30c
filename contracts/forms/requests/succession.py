"""The form of a succession: one or several successors, and who represents them."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.forms.requests.base import PatientForm, RequestForm
from contracts.forms.requests.fields import EmailField, kana_field, text_field
from contracts.models.request_data import SuccessionData, Successor
from contracts.requests.offers import Offer
from contracts.requests.words import CAUSES
from portal.organisations.fields import AddressField, CorporateNumberField, PhoneField, PostalCodeField
from portal.typed import whole_number

PREFIX = "successors"
MOST = 10
_TOTAL = f"{PREFIX}-TOTAL_FORMS"


class SuccessorForm(PatientForm):
    name = text_field(_("Name of the successor"))
    kana = kana_field(_("Name in kana"))
    corporate_number = CorporateNumberField()
    postal_code = PostalCodeField()
    address = AddressField()
    phone = PhoneField(label=_("Phone"))
    email = EmailField(label=_("E-mail address"))


SuccessorFormSet = forms.formset_factory(
    SuccessorForm, extra=0, min_num=1, max_num=MOST, validate_min=True, absolute_max=MOST
)


class SuccessionForm(RequestForm):
    """Cause, successors, and the one who represents them. A successor that is left empty doesn't count."""

    cause = forms.ChoiceField(label=_("Cause"), widget=forms.RadioSelect)
    representative = forms.ChoiceField(label=_("Representative"), required=False, widget=forms.RadioSelect)
    field_order = ("cause", "wanted_on", "representative")

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        self.successors = SuccessorFormSet(data, prefix=PREFIX)
        self.fields["wanted_on"].initial = localdate()
        self.fields["cause"].choices = list(CAUSES.items())  # type: ignore[attr-defined]
        rule = offer.version.policy.succession
        self.names_representative = bool(rule and rule.representative) and len(self.successors.forms) > 1
        if self.names_representative:
            field = cast(forms.ChoiceField, self.fields["representative"])
            field.choices = [
                *(
                    (str(place), gettext("Successor %(number)s") % {"number": place + 1})
                    for place in range(len(self.successors.forms))
                ),
                ("", gettext("Not named yet (the provider picks one)")),
            ]
            field.initial = ""
        else:
            del self.fields["representative"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.successors.is_valid():
            raise ValidationError(_("Please check the successors below."), code="successors")
        named = typed.get("representative")
        if named and int(named) not in self._filled_in():
            self.add_error("representative", _("Name one of the successors."))
        return typed

    def _filled_in(self) -> list[int]:
        forms_of_successors = self.successors.forms
        return [place for place, form in enumerate(forms_of_successors) if form.cleaned_data]

    def request_data(self) -> SuccessionData:
        typed, filled_in = self.cleaned_data, self._filled_in()
        named = typed.get("representative")
        return SuccessionData(
            wanted_on=typed["wanted_on"],
            cause=typed["cause"],
            successors=tuple(
                Successor.model_validate(self.successors.forms[place].cleaned_data) for place in filled_in
            ),
            representative=filled_in.index(int(named)) if named else None,
        )

    def without_errors(self) -> None:
        super().without_errors()
        for form in self.successors.forms:
            form.without_errors()

    def as_hidden(self) -> SafeString:
        fields = [field for form in self.successors.forms for field in form]
        return format_html(
            "{}{}{}",
            super().as_hidden(),
            self.successors.management_form,
            SafeString("".join(field.as_hidden(attrs={"id": False}) for field in fields)),
        )


def with_one_more(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, with room for one more successor."""
    typed = {name: data[name] for name in data}
    total = whole_number(typed.get(_TOTAL, "")) or 1
    return {**typed, _TOTAL: str(min(total + 1, MOST))}

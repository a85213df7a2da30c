"""What is typed to be let into an organisation, and by its owners about who asks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.organisations.fields import CorporateNumberField, WrittenField


class JoinForm(forms.Form):
    """The corporate number of an organisation, with a word to its owners."""

    corporate_number = CorporateNumberField(
        required=True, error_messages={"required": _("Enter this.")}, help_text=_("13 digits.")
    )
    message = WrittenField(
        label=_("Message to the owners"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Your department, say, so that they know you."),
    )

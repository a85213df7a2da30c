"""What staff enter on action pages."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
)

from contracts.forms.fields import DayField, ensure_countable


class ConfirmForm(forms.Form):
    """Nothing to enter: sending the form confirms."""


class CommentForm(forms.Form):
    """What is to be changed of what goes back to who proposed it; operations want it where they need it."""

    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Needed to send it back: what is to be changed."),
    )


class RefusalForm(forms.Form):
    """A reason that the terms list, and words to the applicant."""

    refusal_reason = forms.ChoiceField(label=_("Reason for refusal"), widget=UnfoldAdminRadioSelectWidget)
    note = forms.CharField(
        label=_("Note to the applicant"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Goes out with the e-mail and is shown to the applicant."),
    )

    def __init__(self, reasons: list[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["refusal_reason"]).choices = reasons


class RegistrationForm(forms.Form):
    account_details = forms.CharField(
        label=_("Account details"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Go out with the e-mail; kept encrypted until seven days after it went out."),
    )


class ActivationForm(forms.Form):
    start_on = DayField(label=_("Service starts on"), widget=UnfoldAdminSingleDateWidget)


class SendForm(forms.Form):
    """Sending a notice; a reason is asked for only where it is too late."""

    override_reason = forms.CharField(
        label=_("Reason for sending it late"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Only where the notice is too late by the terms; a manager has to approve it."),
    )


class MomentForm(forms.Form):
    """When something happened that staff record afterwards."""

    at = forms.SplitDateTimeField(
        label=_("At"), widget=UnfoldAdminSplitDateTimeWidget, validators=[ensure_countable]
    )


class BounceForm(MomentForm):
    why = forms.CharField(label=_("Why it bounced"), required=False, widget=UnfoldAdminTextareaWidget)


class LiftForm(forms.Form):
    ends_on = DayField(label=_("Last day of the suspension"), widget=UnfoldAdminSingleDateWidget)

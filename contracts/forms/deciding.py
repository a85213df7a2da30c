"""What is typed to decide on an application or a request, or to ask about it before."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _


class RefusalForm(forms.Form):
    """A reason that the terms list, and words to the customer."""

    refusal_reason = forms.ChoiceField(
        label=_("Reason for refusal"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    note = forms.CharField(
        label=_("Note to the applicant"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Goes out with the e-mail and is shown to the applicant."),
    )

    def __init__(self, reasons: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["refusal_reason"]).choices = reasons


class QuestionForm(forms.Form):
    """A question to the customer. Where the terms ask for no proof, none can be demanded."""

    question = forms.CharField(
        label=_("Question to the customer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Goes out by e-mail and is shown in the portal; the request waits for the answer."),
        error_messages={"required": _("Enter your question.")},
    )
    document_wanted = forms.BooleanField(
        label=_("A document is needed before it can be accepted"), required=False
    )

    def __init__(self, data: Any = None, *, proof: bool = False) -> None:
        super().__init__(data)
        if not proof:
            del self.fields["document_wanted"]

"""What a customer fills in to ask something."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.extensions.subjects import About
from contracts.forms.fields import DayField
from contracts.inquiries.operations import LONGEST, Question
from contracts.inquiries.subjects import choices
from contracts.models import Inquiry
from portal.organisations.models import Membership

_KEPT = forms.HiddenInput


class InquiryForm(forms.Form):
    """A question about a thing that was named in the address, or else is chosen here."""

    about = forms.ChoiceField(
        label=_("What your question is about"),
        error_messages={"required": _("Choose what your question is about.")},
    )
    subject = forms.CharField(
        label=_("Subject"),
        max_length=Inquiry._meta.get_field("subject").max_length,
        error_messages={"required": _("Enter a subject.")},
    )
    text = forms.CharField(
        label=_("Your question"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write what is to be said.")},
        help_text=_("Please write no passwords and no numbers of cards."),
    )
    day = DayField(required=False, widget=_KEPT)
    key = forms.UUIDField(widget=_KEPT)

    def __init__(
        self, membership: Membership, named: str, about: About | None, data: Any = None, **more: Any
    ):
        super().__init__(data, **more)
        offered = [(named, about.label)] if about else list(choices(membership))
        self.fields["about"].choices = offered  # type: ignore[attr-defined]
        self.initial.setdefault("key", uuid4())
        if about:
            self.fields["about"].widget = _KEPT()
            self.initial["about"] = named

    @property
    def question(self) -> Question:
        """What is asked; the form is valid."""
        kind, _colon, number = self.cleaned_data["about"].partition(":")
        return Question(
            about_kind=kind,
            about_number=number,
            subject=self.cleaned_data["subject"],
            text=self.cleaned_data["text"],
            day=self.cleaned_data["day"],
        )

    @property
    def sent_as(self) -> UUID:
        """Under which key the question is sent once."""
        key: UUID = self.cleaned_data["key"]
        return key


class MessageForm(forms.Form):
    """What is written further."""

    text = forms.CharField(
        label=_("Write further"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write what is to be said.")},
    )

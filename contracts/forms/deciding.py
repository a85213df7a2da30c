"""What is typed to decide on an application or a request, or to ask about it before."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.extensions.debts import Debts
from contracts.wording.formats import day_text, yen_text


class AcceptanceForm(forms.Form):
    """Nothing to enter, but that who accepts an application knows of `debts` past due where there are any."""

    despite_debts = forms.BooleanField()

    def __init__(self, debts: Debts, data: Any = None) -> None:
        super().__init__(data)
        if debts.are_doubtful:
            self.fields["despite_debts"].label = _known(debts)
        else:
            del self.fields["despite_debts"]


def _known(debts: Debts) -> str:
    """What who accepts says that they know, in words."""
    if debts.oldest_due_on is None:
        return gettext("I know what the customer owes, and accept all the same.")
    said = {"amount": yen_text(debts.overdue), "day": day_text(debts.oldest_due_on)}
    text = gettext("I know that %(amount)s is overdue, the oldest due on %(day)s, and accept all the same.")
    if debts.could_end:
        text = gettext(
            "I know that %(amount)s is overdue, the oldest due on %(day)s, and that the contract"
            " %(contracts)s could be terminated for it, and accept all the same."
        )
        said["contracts"] = gettext(", ").join(number for number, _since in debts.could_end)
    return text % said


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

"""What staff enter when they decide on requests, or ask back before."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from contracts.admin.decisions.successors import FIELDS as SUCCESSOR
from contracts.admin.decisions.successors import SuccessorChoice
from contracts.forms.deciding import AcceptanceForm

Choices = list[tuple[str, Any]]


class AcceptForm(SuccessorChoice):
    """What an acceptance needs beside itself; what is not asked for has no field.

    `late` asks for the reason to accept despite the deadline; `successors` offers organisations in the portal
    that may take the customer's place, `representatives` the places of successors of whom none is named.
    `says_debts` asks whether open debts pass.
    """

    override_reason = forms.CharField(
        label=_("Reason for accepting it despite the deadline"),
        widget=UnfoldAdminTextareaWidget,
        help_text=_("For the manager who approves it; kept in the audit trail."),
    )
    representative = forms.TypedChoiceField(
        label=_("Representative of the successors"), coerce=int, widget=UnfoldAdminRadioSelectWidget
    )
    takes_debts = forms.TypedChoiceField(
        label=_("Open debts"),
        choices=(
            ("named", _("Those pass that the document names: choose them afterwards, from the queue")),
            ("no", _("They stay with the predecessor")),
            ("yes", _("The successor takes them over")),
        ),
        coerce=lambda typed: typed if typed == "named" else typed == "yes",
        widget=UnfoldAdminRadioSelectWidget,
        help_text=_(
            "As the agreement or plan of the split says, or the agreement on the transfer with your consent."
        ),
    )
    field_order = ("override_reason", "representative", "takes_debts", *SUCCESSOR)

    def __init__(
        self,
        data: Any = None,
        *,
        late: bool,
        successors: Choices | None,
        representatives: Choices | None,
        says_debts: bool = False,
    ) -> None:
        super().__init__(data)
        if not says_debts:
            del self.fields["takes_debts"]
        if not late:
            del self.fields["override_reason"]
        for names, offered in ((SUCCESSOR, successors), (("representative",), representatives)):
            if offered is None:
                for name in names:
                    del self.fields[name]
            else:
                cast(forms.ChoiceField, self.fields[names[0]]).choices = offered


class AcceptApplicationForm(AcceptanceForm):
    """The same in the admin."""

    despite_debts = forms.BooleanField(widget=UnfoldBooleanWidget)


class AskBackForm(forms.Form):
    """A question to the customer. Where the terms ask for no proof, none can be demanded."""

    question = forms.CharField(
        label=_("Question to the customer"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Goes out by e-mail and is shown in the portal; the request waits for the answer."),
    )
    document_wanted = forms.BooleanField(
        label=_("A document is needed before it can be accepted"), required=False, widget=UnfoldBooleanWidget
    )

    def __init__(self, data: Any = None, *, proof: bool = False) -> None:
        super().__init__(data)
        if not proof:
            del self.fields["document_wanted"]

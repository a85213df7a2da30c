"""What staff enter about tasks, authorised users, devices and the end of contracts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contracts.admin.decisions.successors import FIELDS as SUCCESSOR
from contracts.admin.decisions.successors import SuccessorChoice
from contracts.forms.fields import AmountField, DayField, without_keys
from contracts.models import Notice
from contracts.rules.life.termination import TerminationRule
from contracts.wording.formats import day_text

Choices = list[tuple[str, str]]


class ChosenForm(forms.Form):
    """A form whose choices depend on what it is about: `choices` by the name of the field."""

    def __init__(self, choices: dict[str, Choices], data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered
        without_keys(self.fields.values())


def note_field(label: Any = None, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label or _("Note"), required=False, widget=UnfoldAdminTextareaWidget, help_text=help_text
    )


class NoteForm(forms.Form):
    """Something done, with words on it."""

    note = note_field()


class CostsForm(forms.Form):
    """What a withdrawal, or the rest of a minimum term, costs in one sum."""

    net = AmountField(
        label=_("Amount without tax, in yen"),
        widget=UnfoldAdminTextInputWidget,
        help_text=_("0 settles the task, and nothing is charged."),
    )
    note = note_field()


class DeviceForm(ChosenForm):
    """A replacement that a customer received."""

    product = forms.ChoiceField(label=_("Device"), widget=UnfoldAdminSelectWidget)
    received_on = DayField(label=_("Replacement received on"), widget=UnfoldAdminSingleDateWidget)
    list_price = AmountField(
        label=_("List price without tax, in yen"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Empty: as the price list had it when the contract was made."),
    )


class DispatchForm(forms.Form):
    """A device that was sent."""

    dispatched_on = DayField(label=_("Sent on"), widget=UnfoldAdminSingleDateWidget)


class BreachForm(forms.Form):
    """A breach of an authorised user."""

    breach_on = DayField(label=_("Breach on"), widget=UnfoldAdminSingleDateWidget)
    note = note_field(_("What happened"))


class GroundForm(ChosenForm):
    """A ground that the terms list."""

    ground = forms.ChoiceField(label=_("Ground"), widget=UnfoldAdminRadioSelectWidget)


class CureForm(GroundForm):
    """A demand to cure: the ground, and the day from which its time counts."""

    ground = forms.ChoiceField(label=_("What is to be cured"), widget=UnfoldAdminRadioSelectWidget)
    since_on = DayField(
        label=_("The time counts from"),
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("The day of this notice, of the breach or of the due date, or the last day that is set."),
    )
    evidence = note_field(
        _("How it was demanded elsewhere, and what proves it"),
        _("Only for a demand that was made on an earlier day; no letter goes out then."),
    )
    note = note_field(_("Words to the customer"), _("Go out with the letter."))


class DeclineForm(ChosenForm):
    """The end of the term after which the provider does not renew a contract."""

    term_ends_on = forms.TypedChoiceField(
        label=_("End of the term"), coerce=date.fromisoformat, widget=UnfoldAdminSelectWidget
    )
    note = note_field(_("Words to the customer"), _("Go out with the letter."))


class TerminationForm(GroundForm):
    """A termination by the provider."""

    ends_on = DayField(
        label=_("Last day of the contract"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Empty: today. The customer is told today."),
    )

    since_on = DayField(
        label=_("The time to cure counted from"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Only for grounds that leave time; empty where a demand was made: its day counts."),
    )
    urgent = note_field(
        _("Why it is urgent"),
        _("By the terms customers are told beforehand; only where that can't wait does it end today."),
    )
    debts_due_on = DayField(
        label=_("Open debts are paid by"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("The terms let the provider set the day."),
    )
    note = note_field(_("Words to the customer"), _("Go out with the letter."))

    def __init__(self, rule: TerminationRule, choices: dict[str, Choices], data: Any = None) -> None:
        """Without grounds that leave time, or a day to set by the terms, their fields are left out."""
        super().__init__(choices, data)
        if rule.notice is None:
            del self.fields["urgent"]
        if not any(ground.since for ground in rule.grounds):
            del self.fields["since_on"]
        if rule.open_debts is None or rule.open_debts.due != "day_set":
            del self.fields["debts_due_on"]


class StopForm(ChosenForm):
    """A suspension or a pause."""

    reason = forms.ChoiceField(label=_("Reason"), widget=UnfoldAdminRadioSelectWidget)
    product = forms.ChoiceField(label=_("What is stopped"), required=False, widget=UnfoldAdminSelectWidget)
    starts_on = DayField(label=_("First day"), widget=UnfoldAdminSingleDateWidget)
    ends_on = DayField(
        label=_("Last day"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Empty: until it is lifted, at most as long as the terms allow."),
    )
    note = note_field(help_text=_("For staff; the customer is told the reason and the period."))


class SuspensionForm(StopForm):
    """A suspension; where the terms know it, until the debt is paid."""

    until_paid = forms.BooleanField(
        label=_("Until the debt is paid"),
        required=False,
        help_text=_("For the reasons for which the terms set no limit; leave the last day empty."),
    )
    urgent = note_field(
        _("Why it was urgent"),
        _("Only where it began before today: otherwise the customer is told first."),
    )
    field_order = ("reason", "product", "starts_on", "ends_on", "until_paid", "urgent", "note")


class RepresentativeForm(ChosenForm, SuccessorChoice):
    """Which of several successors represents them from a day on."""

    representative = forms.TypedChoiceField(
        label=_("Representative"), coerce=int, widget=UnfoldAdminRadioSelectWidget
    )
    on = DayField(label=_("From"), widget=UnfoldAdminSingleDateWidget)
    field_order = ("representative", "on", *SUCCESSOR)


class EndForm(forms.Form):
    """The end of an option or of the whole service, after one of the notices that were sent."""

    notice = forms.TypedChoiceField(
        label=_("Notice that announced it"),
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": _("Send a notice of the end first, and choose it here.")},
    )
    product = forms.ChoiceField(label=_("What ends"), required=False, widget=UnfoldAdminSelectWidget)
    ends_on = DayField(
        label=_("Last day"),
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Not before the day that the notice announced."),
    )
    override_reason = forms.CharField(
        label=_("Reason for an end without a notice in time"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("For the manager who approves it; the audit trail keeps it."),
    )

    def __init__(self, notices: Sequence[Notice], offered: Choices, data: Any = None) -> None:
        latest = notices[0] if notices else None
        known = {str(notice.pk): notice for notice in notices}
        super().__init__(
            data,
            initial={"product": latest.product, "ends_on": latest.effective_on} if latest else {},
        )
        notice = cast(forms.TypedChoiceField, self.fields["notice"])
        notice.choices = [(key, _notice_label(one)) for key, one in known.items()]
        notice.coerce = known.__getitem__
        cast(forms.ChoiceField, self.fields["product"]).choices = offered


def _notice_label(notice: Notice) -> str:
    sent_on = localdate(cast(datetime, notice.sent_at))
    return gettext("%(notice)s (sent on %(day)s)") % {"notice": notice.subject, "day": day_text(sent_on)}

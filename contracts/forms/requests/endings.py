"""Forms that end a contract: cancellation and notice of non-renewal."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.forms.fields import DayField
from contracts.forms.requests.base import RequestForm
from contracts.models.request_data import CancellationData, NonRenewalData
from contracts.requests.offers import Offer
from contracts.rules.life.term import RenewalRule, first_term_end, next_term_end
from contracts.wording.formats import day_text

TERMS_SHOWN = 13


class CancellationForm(RequestForm):
    """The wanted last day of use. Where the terms deem a day when none is named, none need be."""

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        rule = offer.version.policy.cancellation
        field = self.fields["wanted_on"]
        if rule.ends == "month_end":
            field.help_text = _("Any day of the month with whose end the contract is to end.")
        if rule.deadline.late == "deem":
            field.required = False
            field.help_text = _("Left empty, the terms settle the day.")

    def request_data(self) -> CancellationData:
        return CancellationData(wanted_on=self.cleaned_data["wanted_on"])


class NonRenewalForm(RequestForm):
    """The end of the term after which there is to be none, chosen from those ahead."""

    wanted_on = DayField(widget=forms.Select, error_messages={"required": _("Choose the end of a term.")})

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        widget = cast(forms.Select, self.fields["wanted_on"].widget)
        widget.choices = [(day.isoformat(), day_text(day)) for day in self._term_ends()]

    def _term_ends(self) -> Iterator[date]:
        """The ends of terms from the one that can no longer be prevented, if there is one, on."""
        rule = cast(RenewalRule, self.offer.version.policy.renewal)
        term_ends_on = first_term_end(rule, cast(date, self.offer.contract.service_starts_on))
        earliest = self.offer.possibility.earliest_on
        while (following := next_term_end(rule, term_ends_on)) < earliest:
            term_ends_on = following
        return islice(_terms_from(rule, term_ends_on), TERMS_SHOWN)

    def request_data(self) -> NonRenewalData:
        return NonRenewalData(wanted_on=self.cleaned_data["wanted_on"])


def _terms_from(rule: RenewalRule, term_ends_on: date) -> Iterator[date]:
    while True:
        yield term_ends_on
        term_ends_on = next_term_end(rule, term_ends_on)

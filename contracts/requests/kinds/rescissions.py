"""The customer ends the contract at once, for what the provider did or is, where the terms let it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.models.request import RESCISSION, RequestDecision
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.data import RequestData
from contracts.requests.form import RequestForm
from contracts.requests.kind import ChangedLine, Context, Note
from contracts.requests.kinds.endings import Ending
from contracts.requests.offer import Offer
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.policy.base import ListedReason
from contracts.rules.rulebook import Rulebook
from contracts.wording.local_text import localised


class RescissionData(RequestData):
    """On which listed ground, by its key, and what happened."""

    ground: str
    statement: str


class RescissionForm(RequestForm):
    """The ground and what happened; the day is that of the receipt."""

    ground = forms.ChoiceField(label=gettext_lazy("Ground"), widget=forms.RadioSelect)
    statement = forms.CharField(
        label=gettext_lazy("What happened"), widget=forms.Textarea(attrs={"rows": 6}), max_length=4000
    )
    field_order = ("ground", "statement")

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        day = self.fields["wanted_on"]
        day.required, day.initial, day.widget = False, None, forms.HiddenInput()
        grounds = cast(forms.ChoiceField, self.fields["ground"])
        grounds.choices = [(one.key, localised(one.text)) for one in _grounds(offer.version)]

    def request_data(self) -> RescissionData:
        return RescissionData(**self.typed("ground", "statement"))


class RescissionRequest(Ending[RescissionData]):
    """The contract ends with the receipt, once staff have accepted that the ground is so."""

    key = RESCISSION
    label = gettext_lazy("Ending the contract at once")
    sentence = gettext_lazy("The contract is to end at once, as declared at %(at)s.")
    place = 50
    data = RescissionData
    form = RescissionForm
    asked_ahead = False
    end_kind = Contract.EndKind.CANCELLED

    def earliest(self, contract: Contract, at: datetime, rules: Rulebook) -> Cancellation | None:
        if rules.policy.change_rule(self.key) is None or contract.formed_on is None:
            return None
        return rules.rescission(self.key, at)

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        version = request.governing_version
        if version.policy.change_rule(self.key) is None:
            raise ValidationError({"kind": _("The terms don't provide for this change.")})
        if request.contract.formed_on is None:
            raise ValidationError(_("The contract is not formed yet."), code="not_formed")
        if self.data_of(request).ground not in {one.key for one in _grounds(version)}:
            raise ValidationError({"ground": _("Choose a ground that the terms list.")})

    def decide(self, request: ContractRequest, on: date | None) -> Cancellation:
        return rulebook_for(request.governing_version).rescission(self.key, request.submitted_at)

    def by_dates(self, offer: Offer, wanted_on: date | None, at: datetime) -> Cancellation:
        return rulebook_for(offer.version).rescission(self.key, at)

    def completed(
        self, request: ContractRequest, decision: RequestDecision, context: Context
    ) -> Cancellation:
        """Who ends the contract for what the other side did owes nothing for a minimum term that is left."""
        return cast(Cancellation, decision)

    def as_things_are(self, request: ContractRequest, context: Context) -> Cancellation:
        return cast(Cancellation, request.decided)

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        asked = self.data_of(request)
        grounds = {one.key: localised(one.text) for one in _grounds(request.governing_version)}
        yield ChangedLine(_("Ground"), "", grounds.get(asked.ground, asked.ground))
        yield ChangedLine(_("What happened"), "", asked.statement)
        yield from super().lines(request, before_on)

    def notes(self, offer: Offer, decision: RequestDecision | None) -> Iterator[Note]:
        rule = offer.rule
        if rule:
            message = _(
                "The contract ends with the day of receipt once the provider accepts that this is so."
            )
            yield Note(message, rule.article)
        yield from super().notes(offer, decision)


def _grounds(version: TermsVersion) -> tuple[ListedReason, ...]:
    rule = version.policy.change_rule(RescissionRequest.key)
    return rule.grounds if rule else ()

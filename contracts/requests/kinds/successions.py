"""Succession: somebody else takes the customer's place, with every debt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field, model_validator

from contracts.deciding.guards import field_error
from contracts.models import ContractParty, ContractRequest
from contracts.models.request import RequestDecision
from contracts.requests.data import RequestData
from contracts.requests.fields import EmailField, kana_field, text_field
from contracts.requests.form import PatientForm, RequestForm
from contracts.requests.kind import ChangedLine, Context, Group, Kind, Note, effective_on
from contracts.requests.offer import Offer
from contracts.requests.successors import Successor, take_place
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import step
from contracts.rules.life.change import ChangeRule
from contracts.rules.life.succession import Cause, DebtsRule, debts_pass
from contracts.rules.problems import refusal
from contracts.wording.policies import CAUSES
from portal.organisations.fields import AddressField, CorporateNumberField, PhoneField, PostalCodeField
from portal.typed import whole_number

PREFIX = "successors"
MOST = 10
_TOTAL = f"{PREFIX}-TOTAL_FORMS"


class SuccessionData(RequestData):
    """`wanted_on` is the day of the succession, `representative` the place of the named one in the list."""

    wanted_on: date
    cause: Cause
    successors: Annotated[tuple[Successor, ...], Field(min_length=1)]
    representative: int | None = None

    @model_validator(mode="after")
    def _representative_is_one_of_them(self) -> SuccessionData:
        if self.representative is not None and not 0 <= self.representative < len(self.successors):
            raise refusal("no_successor", at="representative", place=self.representative)
        return self


class SuccessorForm(PatientForm):
    name = text_field(gettext_lazy("Name of the successor"))
    kana = kana_field(gettext_lazy("Name in kana"))
    corporate_number = CorporateNumberField()
    postal_code = PostalCodeField()
    address = AddressField()
    phone = PhoneField(label=gettext_lazy("Phone"))
    email = EmailField(label=gettext_lazy("E-mail address"))


SuccessorFormSet = forms.formset_factory(
    SuccessorForm, extra=0, min_num=1, max_num=MOST, validate_min=True, absolute_max=MOST
)


class SuccessionForm(RequestForm):
    """Cause, successors, and the one who represents them. A successor that is left empty doesn't count."""

    cause = forms.ChoiceField(label=gettext_lazy("Cause"), widget=forms.RadioSelect)
    representative = forms.ChoiceField(
        label=gettext_lazy("Representative"), required=False, widget=forms.RadioSelect
    )
    field_order = ("cause", "wanted_on", "representative")

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        self.successors = SuccessorFormSet(data, prefix=PREFIX)
        self.fields["wanted_on"].initial = localdate()
        rule = offer.version.policy.succession
        known = rule.causes if rule and rule.causes else tuple(CAUSES)
        self.fields["cause"].choices = [(key, CAUSES[key]) for key in known]  # type: ignore[attr-defined]
        self.names_representative = bool(rule and rule.representative) and len(self.successors.forms) > 1
        if self.names_representative:
            field = cast(forms.ChoiceField, self.fields["representative"])
            field.choices = [
                *(
                    (str(place), _("Successor %(number)s") % {"number": place + 1})
                    for place in range(len(self.successors.forms))
                ),
                ("", _("Not named yet (the provider picks one)")),
            ]
            field.initial = ""
        else:
            del self.fields["representative"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.successors.is_valid():
            raise ValidationError(gettext_lazy("Please check the successors below."), code="successors")
        named = typed.get("representative")
        if named and int(named) not in self._filled_in():
            self.add_error("representative", gettext_lazy("Name one of the successors."))
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

    @staticmethod
    def with_one_more(data: Mapping[str, Any]) -> Mapping[str, Any]:
        typed = {name: data[name] for name in data}
        total = whole_number(typed.get(_TOTAL, "")) or 1
        return {**typed, _TOTAL: str(min(total + 1, MOST))}


class Succession(Kind[SuccessionData]):
    """A succession that took place, or a transfer that the provider is to approve."""

    key = "succession"
    label = gettext_lazy("Succession")
    sentence = gettext_lazy("A successor takes the customer's place, as reported at %(at)s.")
    group = Group.CUSTOMER
    place = 50
    data = SuccessionData
    form = SuccessionForm
    day_label = gettext_lazy("Day of the succession")
    asks_for_debts = True
    before_start = True
    passes_on = True

    def begins(self, rule: ChangeRule | None) -> str:
        if rule and rule.not_before_acceptance:
            return super().begins(rule)
        return _("From the day of the succession")

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        contract, wanted_on = request.contract, cast(date, request.wanted_on)
        rule = request.governing_version.policy.succession
        if rule and rule.causes and self.data_of(request).cause not in rule.causes:
            raise ValidationError({"cause": _("By the terms the contract does not pass in this way.")})
        if contract.formed_on is None or wanted_on < contract.formed_on:
            raise ValidationError({"wanted_on": _("That day lies before the contract.")})
        if contract.ends_on and wanted_on > contract.ends_on:
            raise ValidationError({"wanted_on": _("The contract ends before that day.")})
        beforehand = rule is not None and rule.asked_beforehand
        if not beforehand and wanted_on > japan_date(request.submitted_at):
            raise ValidationError({"wanted_on": _("Report a succession once it has taken place.")})

    def decide(self, request: ContractRequest, on: date | None) -> RequestDecision:
        decision = super().decide(request, on)
        rule = request.governing_version.policy.succession
        steps = list(decision.steps)
        if rule and rule.debts and rule.debts.covers(self.data_of(request).cause):
            steps.append(step(rule.debts, "succession.debts", None))
        if rule and rule.representative and len(self.data_of(request).successors) > 1:
            steps.append(step(rule.representative, "succession.representative", None))
        return replace(decision, steps=tuple(steps))

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        data = self.data_of(request)
        named = data.representative is not None or len(data.successors) == 1
        chosen = (data.representative or 0) if named else context.representative
        if chosen is None or not 0 <= chosen < len(data.successors):
            raise field_error(
                "representative",
                _("No representative was named; pick one of the successors."),
                "no_representative",
            )
        party = ContractParty(
            contract=request.contract,
            starts_on=effective_on(request),
            named_by=ContractParty.NamedBy.CUSTOMER if named else ContractParty.NamedBy.PROVIDER,
            representative=chosen,
            successors=[one.model_dump() for one in data.successors],
            cause=data.cause,
            takes_debts=_takes_debts(request, data.cause, context),
            request=request,
        )
        take_place(party, request, context.successor)

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        data = self.data_of(request)
        several = len(data.successors) > 1
        after = "\n\n".join(
            _in_words(successor, represents=several and place == data.representative)
            for place, successor in enumerate(data.successors)
        )
        yield ChangedLine(_("Customer"), request.contract.name_on(before_on), after)
        yield ChangedLine(_("Cause"), "—", cause_label(data.cause))

    def notes(self, offer: Offer, decision: RequestDecision | None) -> Iterator[Note]:
        rule = offer.version.policy.succession
        if rule and rule.debts:
            yield Note(_debts_text(rule.debts), rule.debts.article)
        if rule and rule.representative:
            message = _(
                "Several successors name one of them to represent them; until then the provider picks one."
            )
            yield Note(message, rule.representative.article)
        yield from super().notes(offer, decision)


def says_debts(request: ContractRequest) -> bool:
    """Whether staff have to say if the open debts pass: neither the terms nor the law do."""
    rule = request.governing_version.policy.succession
    return debts_pass(rule, Succession().data_of(request).cause) is None


def _takes_debts(request: ContractRequest, cause: Cause, context: Context) -> bool | None:
    """None where a document names some. ValidationError (`takes_debts`) where nobody and nothing says it."""
    decided = debts_pass(request.governing_version.policy.succession, cause)
    takes = context.takes_debts if decided is None else decided
    if takes is None:
        raise field_error(
            "takes_debts",
            _("Say whether the open debts pass, as the plan of the split or the agreement says."),
            "debts_unsaid",
        )
    return None if takes == "named" else takes


def _debts_text(rule: DebtsRule) -> str:
    if rule.causes is None:
        return _("The successor takes over every debt of the contract.")
    causes = "・".join(cause_label(cause) for cause in rule.causes)
    return _("The successor takes over every debt of the contract (%(causes)s).") % {"causes": causes}


def cause_label(cause: str) -> str:
    """The cause of a succession in words."""
    return str(CAUSES.get(cause, cause))


def _in_words(successor: Successor, *, represents: bool) -> str:
    name = _("%(name)s (representative)") % {"name": successor.name} if represents else successor.name
    address = f"〒{successor.postal_code} {successor.address}"
    lines = (name, successor.kana, successor.corporate_number, address, successor.phone, successor.email)
    return "\n".join(filter(None, lines))

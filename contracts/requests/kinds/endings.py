"""The end of a contract, asked for by the customer: cancellation and notice of non-renewal."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.extensions.kinds import ends_contract
from contracts.forms.fields import DayField
from contracts.lifecycle.endings import as_it_is, go_on, settle_end
from contracts.lifecycle.items import end_contract
from contracts.lifecycle.minimum_terms.rest import claim_rest, drop_claims, rest_of_contract
from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.models.request import CANCELLATION, NON_RENEWAL, RequestDecision
from contracts.policies.rulebooks import Rulebooks, rulebook_for
from contracts.requests.data import Data, RequestData
from contracts.requests.form import RequestForm
from contracts.requests.kind import (
    ChangedLine,
    Context,
    Group,
    Kind,
    Note,
    settled_on,
)
from contracts.requests.offer import Offer, Possibility
from contracts.rules.calendar.period import Month
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.end_with_minimum_term import EndWithMinimumTerm, minimum_term_charge
from contracts.rules.life.term import (
    RenewalRule,
    first_term_end,
    is_term_end,
    next_term_end,
)
from contracts.rules.rulebook import Rulebook
from contracts.rules.stored import day
from contracts.wording.formats import day_text, yen_text

TERMS_SHOWN = 13


class Ending(Kind[Data]):
    """The contract ends. `end_kind` is how; a contract can be asked to end once."""

    group = Group.USE
    ends_contract = True
    asks_for_debts = True
    asked_ahead = True
    end_kind: ClassVar[Contract.EndKind]

    def earliest(self, contract: Contract, at: datetime, rules: Rulebook) -> Cancellation | None:
        """The decision on the earliest end that the terms provide for; None where they provide for none."""
        raise NotImplementedError

    def possibility(self, contract: Contract, at: datetime, books: Rulebooks) -> Possibility | None:
        """None also for a contract that ends already, unless the provider ended it for a later day."""
        if _ends_for_good(contract):
            return None
        version = self.governing(contract, at, books)
        decision = self.earliest(contract, at, books.of(version))
        if decision is None or not _is_before_the_end(contract, decision):
            return None
        return self.possible(cast(date, decision.ends_on), decision.last_moment, decision, version)

    def offer(self, contract: Contract, possibility: Possibility) -> Offer | None:
        return None if open_ending(contract) else self.offered(contract, possibility)

    def check(self, request: ContractRequest) -> None:
        _ensure_can_end(request.contract)

    def ensure_possible(self, request: ContractRequest, decision: RequestDecision) -> None:
        if not _is_before_the_end(request.contract, decision):
            raise _ends_already(request.contract)

    def check_again(self, request: ContractRequest) -> None:
        contract, decided = request.contract, cast(Cancellation, request.decided)
        if _ends_for_good(contract) or not _is_before_the_end(contract, decided):
            raise ValidationError(_("The contract already ends; refuse this request."), code="ends_already")

    def completed(
        self, request: ContractRequest, decision: RequestDecision, context: Context
    ) -> Cancellation:
        """With what is left of the minimum term once the contract ends."""
        return with_minimum_term(
            request.contract, request.governing_version, cast(Cancellation, decision), context.monthly_fee
        )

    def as_things_are(self, request: ContractRequest, context: Context) -> Cancellation:
        """With the fees as they are at the end: products may have been added since."""
        kept = cast(Cancellation, request.decided)
        fresh = self.completed(request, cast(Cancellation, self.decide(request, None)), context)
        known = fresh.ends_on == kept.ends_on and minimum_term_charge(fresh) is not None
        return fresh if known else kept

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        contract, decided = request.contract, cast(Cancellation, request.decided)
        ends_on = cast(date, decided.ends_on)
        end_contract(contract, ends_on, decided.billed_through_on, self.end_kind)
        settle_end(contract, request.governing_version, ends_on, context.at, decided.open_debts_due_on)
        if isinstance(decided, EndWithMinimumTerm) and decided.minimum_months_left:
            charge, months = decided.minimum_term_charge, decided.minimum_months_left
            claim_rest(request, charge, months, ends_on, context.at)

    def take_effect_at_receipt(self, request: ContractRequest, context: Context) -> dict[str, Any]:
        before = as_it_is(request.contract)
        self.take_effect(request, context)
        return before

    def put_back(self, request: ContractRequest, context: Context) -> None:
        contract, before = request.contract, cast(dict[str, Any], request.replaced)
        drop_claims(request)
        go_on(contract, before)
        end = before.get("end")
        if end:
            ends_on, through = cast(date, day(end["ends_on"])), day(end["billed_through_on"])
            end_contract(contract, ends_on, through, Contract.EndKind(end["kind"]))
            due_on = day(end.get("debts_due_on"))
            settle_end(contract, request.governing_version, ends_on, context.at, due_on)

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        ends_on = settled_on(request)
        wanted = day_text(ends_on) if ends_on else _("The earliest day possible")
        yield ChangedLine(_("End of the contract"), _("Not settled"), wanted)

    def notes(self, offer: Offer, decision: RequestDecision | None) -> Iterator[Note]:
        policy = offer.version.policy
        charge = minimum_term_note(decision)
        if charge and policy.minimum_term:
            yield Note(charge, policy.minimum_term.article)
        yield from self.notes_on_debts(offer)
        if policy.data_erasure and decision and decision.settled_on:
            erase_by = rulebook_for(offer.version).data_erasure(decision.settled_on).erase_by
            message = _("Your data in the service are erased by %(day)s. Save what you need before.")
            yield Note(message % {"day": day_text(erase_by)}, policy.data_erasure.article)
        yield from super().notes(offer, decision)

    def notes_on_debts(self, offer: Offer) -> Iterator[Note]:
        """What becomes of open debts."""
        return iter(())

    def follows(self, version: TermsVersion, day: str) -> str:
        return _("The contract ends on %(day)s.") % {"day": day}


class CancellationData(RequestData):
    """`wanted_on` is the wanted last day of use; None where the customer names none."""


class CancellationForm(RequestForm):
    """The wanted last day of use. Where the terms deem a day when none is named, none need be."""

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        rule = offer.version.policy.cancellation
        field = self.fields["wanted_on"]
        if rule.ends == "month_end":
            field.help_text = gettext_lazy("Any day of the month with whose end the contract is to end.")
        if rule.deadline.late == "deem":
            field.required = False
            field.help_text = gettext_lazy("Left empty, the terms settle the day.")

    def request_data(self) -> CancellationData:
        return CancellationData(**self.typed("wanted_on"))


class CancellationRequest(Ending[CancellationData]):
    """A cancellation for the day, or the month, that the customer names."""

    key = CANCELLATION
    label = gettext_lazy("Cancellation")
    place = 40
    data = CancellationData
    form = CancellationForm
    day_label = gettext_lazy("Wanted end")
    end_kind = Contract.EndKind.CANCELLED

    def earliest(self, contract: Contract, at: datetime, rules: Rulebook) -> Cancellation:
        """No earlier than the start of service, with the deadline that this has."""
        ends_on = rules.cancellation(at, None).earliest_ends_on
        starts_on = contract.service_starts_on
        return rules.cancellation(at, max(ends_on, starts_on) if starts_on else ends_on)

    def decide(self, request: ContractRequest, on: date | None) -> Cancellation:
        wanted_on = on or request.wanted_on
        return rulebook_for(request.governing_version).cancellation(request.submitted_at, wanted_on)

    def by_dates(self, offer: Offer, wanted_on: date | None, at: datetime) -> Cancellation:
        return rulebook_for(offer.version).cancellation(at, wanted_on)

    def counted_day(self, version: TermsVersion, wanted_on: date) -> date:
        at_month_end = version.policy.cancellation.ends == "month_end"
        return Month.of(wanted_on).last if at_month_end else wanted_on

    def notes_on_debts(self, offer: Offer) -> Iterator[Note]:
        debts = offer.version.policy.cancellation.open_debts
        if debts:
            yield Note(
                _("What is not paid yet falls due at once when the cancellation arrives."), debts.article
            )


class NonRenewalData(RequestData):
    """`wanted_on` is the last day of the term after which there is to be none; None: the first possible."""


class NonRenewalForm(RequestForm):
    """The end of the term after which there is to be none, chosen from those ahead."""

    wanted_on = DayField(
        widget=forms.Select, error_messages={"required": gettext_lazy("Choose the end of a term.")}
    )

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
        return NonRenewalData(**self.typed("wanted_on"))


def _terms_from(rule: RenewalRule, term_ends_on: date) -> Iterator[date]:
    while True:
        yield term_ends_on
        term_ends_on = next_term_end(rule, term_ends_on)


class NonRenewalRequest(Ending[NonRenewalData]):
    """Notice that the contract is not to be renewed; it ends with its term."""

    key = NON_RENEWAL
    label = gettext_lazy("Notice of non-renewal")
    place = 30
    data = NonRenewalData
    form = NonRenewalForm
    day_label = gettext_lazy("End of the term")
    end_kind = Contract.EndKind.NOT_RENEWED

    def earliest(self, contract: Contract, at: datetime, rules: Rulebook) -> Cancellation | None:
        starts_on = contract.service_starts_on
        if rules.policy.renewal is None or starts_on is None:
            return None
        return rules.non_renewal(starts_on, at, None)

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        rule = request.governing_version.policy.renewal
        starts_on = request.contract.service_starts_on
        if rule is None:
            raise ValidationError({"kind": _("These terms have no term that is renewed.")})
        if starts_on is None:
            raise ValidationError(_("The service has no start date yet, and so no term."), code="no_term")
        if request.wanted_on and not is_term_end(rule, starts_on, request.wanted_on):
            raise ValidationError({"wanted_on": _("No term of the contract ends on that day.")})

    def decide(self, request: ContractRequest, on: date | None) -> Cancellation:
        starts_on = cast(date, request.contract.service_starts_on)
        wanted_on = on or request.wanted_on
        return rulebook_for(request.governing_version).non_renewal(starts_on, request.submitted_at, wanted_on)

    def by_dates(self, offer: Offer, wanted_on: date | None, at: datetime) -> Cancellation:
        starts_on = cast(date, offer.contract.service_starts_on)
        return rulebook_for(offer.version).non_renewal(starts_on, at, wanted_on)


def open_ending(contract: Contract) -> ContractRequest | None:
    """The request to end the contract that waits for a decision."""
    asked = contract.requests.all()
    return next((one for one in asked if ends_contract(one.kind) and one.is_open), None)


def _ensure_can_end(contract: Contract) -> None:
    if open_ending(contract):
        raise ValidationError(_("The cancellation was already asked for."), code="asked_already")
    if _ends_for_good(contract):
        raise _ends_already(contract)


def _ends_for_good(contract: Contract) -> bool:
    """Whether the end is settled also for the customer, who may leave before an end that the provider set."""
    by_provider = (
        Contract.EndKind.TERMINATED,
        Contract.EndKind.SERVICE_ENDED,
        Contract.EndKind.NOT_RENEWED_BY_PROVIDER,
    )
    return contract.ends_on is not None and contract.end_kind not in by_provider


def _is_before_the_end(contract: Contract, decision: RequestDecision) -> bool:
    wanted = decision.settled_on
    return contract.ends_on is None or wanted is None or wanted < contract.ends_on


def _ends_already(contract: Contract) -> ValidationError:
    params = {"day": day_text(cast(date, contract.ends_on))}
    return ValidationError(_("The contract already ends on %(day)s."), code="ends_already", params=params)


def with_minimum_term(
    contract: Contract, version: TermsVersion, decision: Cancellation, monthly_fee: int | None
) -> Cancellation:
    """A cancellation; where the terms know a minimum term and it ends, with what is left of that.

    Then the steps of the minimum term follow its own. Without `monthly_fee`, in yen without tax, that of the
    last day is asked for.
    """
    if decision.ends_on is None:
        return decision
    rests = rest_of_contract(contract, version, decision.ends_on, monthly_fee)
    if not rests:
        return decision
    charges = [rest.charge for rest in rests if rest.charge is not None]
    left = max(rest.months_left for rest in rests)
    steps = tuple(taken for rest in rests for taken in rest.steps)
    return EndWithMinimumTerm(
        **decision.facts(),
        minimum_ends_on=max(rest.ends_on for rest in rests),
        minimum_months_left=left,
        minimum_term_charge=sum(charges) if len(charges) == len(rests) else None,
        steps=(*decision.steps, *steps),
    )


def minimum_term_note(decision: RequestDecision | None) -> str:
    """What is charged for the rest of a minimum term; empty where nothing is left of it."""
    if not isinstance(decision, EndWithMinimumTerm) or not decision.minimum_months_left:
        return ""
    shown = {"months": decision.minimum_months_left}
    if decision.minimum_term_charge is None:
        return _("%(months)s months of the minimum term are left; you are told the amount.") % shown
    charge = yen_text(decision.minimum_term_charge)
    message = _("%(months)s months of the minimum term are left: %(charge)s without tax, in one sum.")
    return message % {**shown, "charge": charge}

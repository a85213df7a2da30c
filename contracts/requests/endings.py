"""The end of a contract, asked for by the customer."""

from datetime import date, datetime
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.extensions import registered
from contracts.lifecycle.endings import settle_end
from contracts.lifecycle.items import end_contract
from contracts.models import Claim, Contract, ContractRequest, Task, TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.kind import Context, Handler
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.term import is_term_end
from contracts.wording.formats import day_text


class CancellationRequest(Handler):
    """A cancellation for the day, or the month, that the customer names."""

    end_kind = Contract.EndKind.CANCELLED

    def check(self, request: ContractRequest) -> None:
        _ensure_can_end(request.contract)

    def check_again(self, request: ContractRequest) -> None:
        if request.contract.ends_on:
            raise ValidationError(_("The contract already ends; refuse this request."), code="ends_already")

    def decide(self, request: ContractRequest, on: date | None) -> Cancellation:
        wanted_on = on or request.wanted_on
        return rulebook_for(request.governing_version).cancellation(request.submitted_at, wanted_on)

    def stored(self, request: ContractRequest, decision: Decision, context: Context) -> dict[str, Any]:
        """The decision, with what is left of the minimum term once the contract ends."""
        return with_minimum_term(
            request.contract, request.governing_version, cast(Cancellation, decision), context.monthly_fee
        )

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        decision: dict[str, Any] = request.decision
        contract = request.contract
        ends_on = date.fromisoformat(decision["ends_on"])
        billed_through_on = date.fromisoformat(decision["billed_through_on"])
        end_contract(contract, ends_on, billed_through_on, self.end_kind)
        settle_end(contract, request.governing_version, ends_on, context.at)
        _claim_minimum_term(request, context.at)


class NonRenewalRequest(CancellationRequest):
    """Notice that the contract is not to be renewed; it ends with its term."""

    end_kind = Contract.EndKind.NOT_RENEWED

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


def _ensure_can_end(contract: Contract) -> None:
    if contract.formed_on is None:
        raise ValidationError(_("The contract is not formed yet."), code="not_formed")
    if contract.ends_on:
        message = _("The contract already ends on %(day)s.")
        raise ValidationError(message, code="ends_already", params={"day": day_text(contract.ends_on)})
    if contract.requests.filter(kind__in=ContractRequest.ENDINGS, status__in=ContractRequest.OPEN).exists():
        raise ValidationError(_("The cancellation was already asked for."), code="asked_already")


def with_minimum_term(
    contract: Contract, version: TermsVersion, decision: Cancellation, monthly_fee: int | None
) -> dict[str, Any]:
    """A cancellation's JSON; where it ends within the minimum term, with what is left of that.

    Then `minimum_ends_on`, `minimum_months_left` and `minimum_term_charge` (yen without tax; None where no
    monthly fee is known) stand beside its dates, and the steps follow its own. Without `monthly_fee` that of
    the month of the end is asked for.
    """
    stored = decision.to_json()
    starts_on, rule = contract.service_starts_on, version.policy.minimum_term
    if rule is None or starts_on is None or decision.ends_on is None:
        return stored
    if monthly_fee is None:
        monthly_fee = registered.monthly_fee(contract, Month.of(decision.ends_on))
    minimum = rulebook_for(version).minimum_term(starts_on, decision.ends_on, monthly_fee or 0)
    left = minimum.months_charged_after_end
    steps = minimum.steps if left and monthly_fee is not None else minimum.steps[:1]
    return {
        **stored,
        "minimum_ends_on": minimum.minimum_ends_on.isoformat(),
        "minimum_months_left": left,
        "minimum_term_charge": minimum.charge if monthly_fee is not None else None,
        "steps": [*stored["steps"], *(taken.to_json() for taken in steps)],
    }


def _claim_minimum_term(request: ContractRequest, at: datetime) -> None:
    """Record what the rest of the minimum term costs; without a known fee staff are asked to enter it."""
    decision: dict[str, Any] = request.decision
    if not decision.get("minimum_months_left"):
        return
    on = date.fromisoformat(decision["ends_on"])
    charge = decision["minimum_term_charge"]
    if charge is None:
        Task.objects.create(
            contract=request.contract,
            kind=Task.Kind.ENTER_FEE,
            due_on=on,
            detail={"months": decision["minimum_months_left"], "request": request.number},
            decision=decision,
            terms_version=request.terms_version,
            created_at=at,
        )
    elif charge:
        Claim.objects.create(
            contract=request.contract,
            kind=Claim.Kind.MINIMUM_TERM,
            net=charge,
            tax=Claim.Treatment.STANDARD,
            arose_on=on,
            terms_version=request.terms_version,
            decision=decision,
            request=request,
        )

"""Temporary interruption of use on the customer's request; what was asked for goes on being charged."""

from datetime import date, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contracts.lifecycle.suspensions import ensure_free, ensure_runs
from contracts.models import ContractRequest, Suspension
from contracts.models.request_data import InterruptionData
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.kind import Context, Handler, effective_on
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision
from contracts.rules.life.change import ChangeKind, ChangeRequest


class Interruption(Handler):
    """Use of the whole service is interrupted."""

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        wanted_on, until = cast(date, request.wanted_on), _data(request).until
        if wanted_on < japan_date(request.submitted_at):
            raise ValidationError({"wanted_on": _("The wanted date lies in the past.")})
        if until and until < wanted_on:
            raise ValidationError({"until": _("The last day lies before the first.")})
        self.check_again(request)

    def check_again(self, request: ContractRequest) -> None:
        wanted_on = cast(date, request.wanted_on)
        ensure_runs(request.contract, wanted_on, "wanted_on")
        ensure_free(request.contract, request.product, wanted_on, _data(request).until, "wanted_on")

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        Suspension.objects.create(
            contract=request.contract,
            kind=Suspension.Kind.INTERRUPTION,
            product=request.product,
            starts_on=effective_on(request),
            ends_on=_data(request).until,
            decision=request.decision,
            terms_version=request.terms_version,
        )

    def may_undo(self, request: ContractRequest, on: date) -> bool:
        return request.status == ContractRequest.Status.ACCEPTED and _stops(request).exists()

    def undo(self, request: ContractRequest, context: Context) -> None:
        """An interruption is free to take back: one that has begun ends the day before."""
        today = japan_date(context.at)
        if not self.may_undo(request, today):
            super().undo(request, context)
        stops = _stops(request)
        stops.filter(starts_on__gte=today).delete()
        stops.update(ends_on=today - timedelta(days=1))


class OptionInterruption(Interruption):
    """Use of one option is interrupted."""

    def check(self, request: ContractRequest) -> None:
        policy = request.governing_version.policy
        options = {product.key for product in policy.products if product.kind == "option"}
        if request.product not in options:
            raise ValidationError({"product": _("Choose an option that the contract contains.")})
        super().check(request)

    def decide(self, request: ContractRequest, on: date | None) -> Decision:
        day = on or cast(date, request.wanted_on)
        return rulebook_for(request.governing_version).change(
            ChangeRequest(
                kind=cast(ChangeKind, request.kind),
                submitted_at=request.submitted_at,
                wanted_on=day,
                product=request.product,
                items=request.contract.items_on(day),
            )
        )


def _stops(request: ContractRequest) -> QuerySet[Suspension]:
    return request.contract.suspensions.filter(
        kind=Suspension.Kind.INTERRUPTION, product=request.product, starts_on=effective_on(request)
    )


def _data(request: ContractRequest) -> InterruptionData:
    return cast(InterruptionData, request.data)

"""Temporary interruption of use on the customer's request; what was asked for goes on being charged."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.extensions.kinds import keys_that_lift
from contracts.forms.fields import DayField
from contracts.lifecycle.suspensions import ensure_free, ensure_runs
from contracts.models import Contract, ContractRequest, Suspension
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.data import RequestData
from contracts.requests.form import RequestForm
from contracts.requests.kind import ChangedLine, Context, Group, Kind, effective_on, settled_on
from contracts.requests.product_forms import ProductForm
from contracts.requests.product_kind import ProductKind
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.change import ChangeRequest
from contracts.rules.policy.products import Product
from contracts.wording.formats import day_text


class InterruptionData(RequestData):
    """From `wanted_on` through `until` (None: until it is resumed); `product` for an option alone."""

    wanted_on: date
    until: date | None = None
    product: str = ""


class InterruptionForm(RequestForm):
    """The first day, and the last where it is known."""

    until = DayField(
        label=gettext_lazy("Last day of the interruption"),
        required=False,
        help_text=gettext_lazy("Left empty, it lasts until you ask for use to be resumed."),
        error_messages={"invalid": gettext_lazy("Enter a day, as in 2026-11-01.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def request_data(self) -> InterruptionData:
        product = self.cleaned_data.get("product", "")
        return InterruptionData(**self.typed("wanted_on", "until"), product=product)


class OptionInterruptionForm(InterruptionForm, ProductForm):
    """The same for one option."""

    field_order: Sequence[str] = ("product", "wanted_on", "until")


class Interruption(Kind[InterruptionData]):
    """Use of the whole service is interrupted."""

    key = "interruption"
    label = gettext_lazy("Temporary interruption")
    sentence = gettext_lazy("Use is to be interrupted, as asked for at %(at)s.")
    group = Group.USE
    place = 10
    data = InterruptionData
    form = InterruptionForm
    day_label = gettext_lazy("First day of the interruption")

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        wanted_on, until = cast(date, request.wanted_on), self.data_of(request).until
        if wanted_on < japan_date(request.submitted_at):
            raise ValidationError({"wanted_on": _("The wanted date lies in the past.")})
        if until and until < wanted_on:
            raise ValidationError({"until": _("The last day lies before the first.")})
        self.check_again(request)

    def check_again(self, request: ContractRequest) -> None:
        wanted_on = cast(date, request.wanted_on)
        ensure_runs(request.contract, wanted_on, "wanted_on")
        until = self.data_of(request).until
        ensure_free(request.contract, request.product, wanted_on, until, "wanted_on")

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        Suspension.objects.create(
            contract=request.contract,
            kind=Suspension.Kind.INTERRUPTION,
            product=request.product,
            starts_on=effective_on(request),
            ends_on=self.data_of(request).until,
            decision=request.decision,
            terms_version=request.terms_version,
        )

    def may_undo(self, request: ContractRequest, on: date) -> bool:
        return request.status == ContractRequest.Status.ACCEPTED and _stops(request, on).exists()

    def undo(self, request: ContractRequest, context: Context) -> None:
        """An interruption is free to take back: one that has begun ends the day before."""
        today = japan_date(context.at)
        if not self.may_undo(request, today):
            super().undo(request, context)
        stops = _stops(request, today)
        stops.filter(starts_on__gte=today).delete()
        stops.update(ends_on=today - timedelta(days=1))

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        starts_on, until = settled_on(request), self.data_of(request).until
        shown = {
            "first": day_text(starts_on) if starts_on else "—",
            "last": day_text(until) if until else _("until it is resumed"),
        }
        label = self.use_of(request.governing_version.policy, request.product)
        yield ChangedLine(label, _("In use"), _("Interrupted: %(first)s – %(last)s") % shown)


class OptionInterruption(Interruption, ProductKind[InterruptionData]):
    """Use of one option is interrupted."""

    key = "option_interruption"
    label = gettext_lazy("Temporary interruption of an option")
    sentence = gettext_lazy("Use of an option is to be interrupted, as asked for at %(at)s.")
    place = 20
    form = OptionInterruptionForm

    def concerns(self, product: Product) -> bool:
        return product.orderable and product.kind == "option"

    def check(self, request: ContractRequest) -> None:
        policy = request.governing_version.policy
        if request.product not in {product.key for product in policy.products if self.concerns(product)}:
            raise ValidationError({"product": _("Choose an option that the contract contains.")})
        super().check(request)

    def asked(self, request: ContractRequest, wanted_on: date) -> ChangeRequest:
        return replace(
            super().asked(request, wanted_on),
            product=request.product,
            items=request.contract.items_on(wanted_on),
        )


def _stops(request: ContractRequest, on: date) -> QuerySet[Suspension]:
    """The interruption that a request led to, as far as it can be taken back on a day.

    One that is over can't be. One that has begun can be where the terms let nobody ask for its end.
    """
    stops = request.contract.suspensions.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
        kind=Suspension.Kind.INTERRUPTION,
        product=request.product,
        starts_on=effective_on(request),
    )
    return stops.filter(starts_on__gte=on) if _is_lifted_on_request(request.contract, on) else stops


def _is_lifted_on_request(contract: Contract, on: date) -> bool:
    """Whether the terms let the customer ask for the end of an interruption."""
    return any(_provides(contract, on, key) for key in keys_that_lift(Suspension.Kind.INTERRUPTION))


def _provides(contract: Contract, on: date, key: str) -> bool:
    governing = Rulebooks().governing(contract, on, lambda policy: policy.rule_on(key))
    return governing.policy.rule_on(key) is not None

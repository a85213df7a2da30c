"""The end of an interruption (一時中断): use goes on from the day that the customer asks for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.lifecycle.suspensions import ensure_runs, lift_suspension
from contracts.models import Contract, ContractRequest, Suspension
from contracts.requests.data import RequestData
from contracts.requests.form import RequestForm
from contracts.requests.kind import ChangedLine, Context, Group, Kind, effective_on, settled_on
from contracts.requests.offer import Offer, Possibility
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import day_text
from contracts.wording.products import ProductLine
from portal.organisations.models import User

ONE_DAY = timedelta(days=1)


class ResumptionData(RequestData):
    """`wanted_on` is the first day of use again; `product` for an option alone."""

    wanted_on: date
    product: str = ""


class ResumptionForm(RequestForm):
    """What is interrupted, where that is more than one thing, and the first day of use again."""

    product = forms.ChoiceField(
        label=gettext_lazy("What is interrupted"), required=False, widget=forms.RadioSelect
    )
    field_order: Sequence[str] = ("product", "wanted_on")

    def __init__(self, offer: Offer, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(offer, data)
        field = cast(forms.ChoiceField, self.fields["product"])
        field.choices = [(line.key, line.name) for line in offer.products]
        field.initial = offer.products[0].key

    def request_data(self) -> ResumptionData:
        return ResumptionData(**self.typed("wanted_on", "product"))


class Resumption(Kind[ResumptionData]):
    """Offered while an interruption is open; the request that it was asked for with stays as it was."""

    key = "resumption"
    label = gettext_lazy("End of an interruption")
    sentence = gettext_lazy("Use is to go on, as asked for at %(at)s.")
    group = Group.USE
    place = 24
    data = ResumptionData
    form = ResumptionForm
    day_label = gettext_lazy("First day of use again")
    lifts = Suspension.Kind.INTERRUPTION

    def offer(self, contract: Contract, possibility: Possibility) -> Offer | None:
        policy, day = possibility.version.policy, possibility.earliest_on
        products = [
            ProductLine(stop.product, self.use_of(policy, stop.product), 0, "")
            for stop in _open_interruptions(contract, day)
        ]
        return self.offered(contract, possibility, products) if products else None

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        wanted_on = cast(date, request.wanted_on)
        if wanted_on < japan_date(request.submitted_at):
            raise ValidationError({"wanted_on": _("The wanted date lies in the past.")})
        ensure_runs(request.contract, wanted_on, "wanted_on")
        self.check_again(request)

    def check_again(self, request: ContractRequest) -> None:
        _interruption(request, cast(date, request.wanted_on))

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        day = effective_on(request)
        lift_suspension(_interruption(request, day), cast(User, context.actor), day - ONE_DAY, at=context.at)

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        day = settled_on(request)
        label = self.use_of(request.governing_version.policy, request.product)
        then = _("In use again from %(day)s") % {"day": day_text(day) if day else "—"}
        yield ChangedLine(label, _("Interrupted"), then)


def _open_interruptions(contract: Contract, day: date) -> list[Suspension]:
    """The interruptions that have begun before a day and would last beyond it."""
    kind = Suspension.Kind.INTERRUPTION
    stops = contract.suspensions.all()
    return [stop for stop in stops if stop.kind == kind and stop.starts_on < day and stop.covers(day)]


def _interruption(request: ContractRequest, day: date) -> Suspension:
    """The interruption that is to be over from a day on; ValidationError where there is none."""
    stops = _open_interruptions(request.contract, day)
    for stop in stops:
        if stop.product == request.product:
            return stop
    if stops:
        raise ValidationError({"product": _("Choose what is interrupted on that day.")})
    raise ValidationError({"wanted_on": _("Nothing is interrupted the day before and on that day.")})

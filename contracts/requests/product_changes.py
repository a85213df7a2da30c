"""Changes of products: what can be asked for, what the rules say, and how they are carried out."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.lifecycle.claims import ask_for_costs
from contracts.lifecycle.items import NewQuantity, ensure_last_change, restore_quantity, set_quantity
from contracts.models import Contract, ContractRequest
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.kind import Context, Handler, effective_on
from contracts.requests.needs import ensure_needs
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import Decision
from contracts.rules.life.change import DROPS, Change, ChangeKind, ChangeRequest
from contracts.rules.life.withdrawal import Withdrawal
from contracts.rules.limits import LARGEST_QUANTITY
from contracts.rules.policy.products import Product
from contracts.rules.policy.schema import Policy
from contracts.wording.formats import day_text

ADDITIONS = ("add_item", "add_option")
OF_OPTIONS = ("add_option", "drop_option")
ONE_DAY = timedelta(days=1)


class ProductChange(Handler):
    """Handles the kinds of requests that change how many of a product the contract contains."""

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        product = _product(request, request.governing_version.policy)
        _check_day(request)
        _check_quantity(request, product, _held(request))

    def decide(self, request: ContractRequest, on: date | None) -> Change:
        """Ask the rules, with what the contract contains on the wanted day."""
        day = wanted_day(request, on)
        contract = request.contract
        return rulebook_for(request.governing_version).change(
            ChangeRequest(
                kind=cast(ChangeKind, request.kind),
                submitted_at=request.submitted_at,
                wanted_on=on or cast(date, request.wanted_on),
                product=request.product,
                quantity=request.quantity,
                items=contract.items_on(day),
                ever_held=[item.product for item in contract.items.all() if item.starts_on <= day],
                user_ids_deleted=request.user_ids_deleted,
            )
        )

    def ensure_possible(self, request: ContractRequest, decision: Decision) -> None:
        day = decision.facts()["effective_on"]
        if day:
            _ensure_possible(request, day)

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        _take_effect(request)

    def may_undo(self, request: ContractRequest, on: date) -> bool:
        if request.status != ContractRequest.Status.ACCEPTED:
            return False
        starts_on = first_day(request, effective_on(request))
        begun = min(starts_on, _billed_from(request, starts_on)) <= on
        return _costs_of_undoing(request, on).costs is not None and not begun

    def undo(self, request: ContractRequest, context: Context) -> None:
        on = japan_date(context.at)
        if not self.may_undo(request, on):
            super().undo(request, context)
        costs, starts_on = _costs_of_undoing(request, on), first_day(request, effective_on(request))
        if not request.waits_for_completion:
            once = _is_once(request)
            restore_quantity(request.contract, request.product, starts_on, once=once)
        ask_for_costs(request.contract, costs, request.terms_version, context.at, request=request)


def _costs_of_undoing(request: ContractRequest, on: date) -> Withdrawal:
    return rulebook_for(request.governing_version).withdrawal_of_change(on, accepted=True)


def _product(request: ContractRequest, policy: Policy) -> Product:
    for product in policy.products:
        if product.key == request.product and fits(request.kind, product):
            return product
    raise ValidationError({"product": _("Choose a product that can be changed in this way.")})


def fits(kind: str, product: Product) -> bool:
    """Whether a kind of change is one that a product can go through."""
    if not product.orderable:
        return False
    if product.kind == "one_time":
        return kind == "add_item"
    return kind.startswith("quantity") or (product.kind == "option") == (kind in OF_OPTIONS)


def _check_day(request: ContractRequest) -> None:
    contract, wanted_on = request.contract, wanted_day(request)
    if wanted_on < japan_date(request.submitted_at):
        raise ValidationError({"wanted_on": _("The wanted date lies in the past.")})
    if contract.service_starts_on is None:
        raise ValidationError(_("The service has no start date yet; it can be changed afterwards."))
    if wanted_on < contract.service_starts_on:
        message = _("Service starts on %(day)s; choose that day or a later one.")
        raise ValidationError({"wanted_on": message % {"day": day_text(contract.service_starts_on)}})
    if contract.ends_on and wanted_on > contract.ends_on:
        message = _("The contract ends on %(day)s; choose that day or an earlier one.")
        raise ValidationError({"wanted_on": message % {"day": day_text(contract.ends_on)}})


def _check_quantity(request: ContractRequest, product: Product, held: int) -> None:
    if request.kind not in ADDITIONS and not held:
        raise ValidationError({"product": _("The contract doesn't contain this product on that day.")})
    total = total_after(request, held)
    if request.kind in ADDITIONS or request.kind == "quantity_up":
        if total <= held:
            raise ValidationError({"quantity": _("Enter how many there are to be; more than now.")})
        most = product.maximum or LARGEST_QUANTITY
        if total > most:
            raise ValidationError({"quantity": _("The most is %(most)s.") % {"most": most}})
    else:
        least = 0 if request.kind in DROPS else max(1, product.minimum)
        if not least <= total < held:
            message = _("Enter a number from %(least)s on that is less than now.")
            raise ValidationError({"quantity": message % {"least": least}})


def wanted_day(request: ContractRequest, on: date | None = None) -> date:
    """The day whose state is asked about: the wanted one, or its month's end where changes wait for that."""
    day = on or request.wanted_on
    if day is None:
        raise ValidationError({"wanted_on": _("Enter the wanted date.")})
    rule = request.governing_version.policy.changes[cast(ChangeKind, request.kind)]
    return Month.of(day).last if rule.effective == "month_end" else day


def _held(request: ContractRequest) -> int:
    return request.contract.items_on(wanted_day(request)).get(request.product, 0)


def total_after(request: ContractRequest, held: int) -> int:
    """How many units of the product there are after the change, given those before."""
    if request.kind in ADDITIONS:
        return held + request.quantity
    if request.kind in DROPS:
        return held - request.quantity if request.quantity else 0
    return request.quantity


def first_day(request: ContractRequest, day: date) -> date:
    """The first day of the new state; what is dropped can still be used on its effective day."""
    return day + ONE_DAY if request.kind in DROPS else day


def _ensure_possible(request: ContractRequest, day: date) -> None:
    """ValidationError where no room is left for a change that takes effect on a day.

    A change of the same product is settled for a later day, the contract ends before, or a product would be
    without another one that it needs.
    """
    contract: Contract = request.contract
    if contract.ends_on and day > contract.ends_on:
        message = _("The change would take effect on %(day)s, after the contract's end.")
        raise ValidationError({"wanted_on": message % {"day": day_text(day)}})
    if not _is_once(request):
        ensure_last_change(contract, request.product, first_day(request, day))
    total = total_after(request, contract.items_on(day).get(request.product, 0))
    ensure_needs(contract, request.governing_version.policy, request.product, total, first_day(request, day))


def _is_once(request: ContractRequest) -> bool:
    return request.governing_version.policy.product(request.product).kind == "one_time"


def _take_effect(request: ContractRequest) -> None:
    """Carry a change out on the dates that it was decided with."""
    _ensure_possible(request, effective_on(request))
    set_quantity(request.contract, new_quantity(request))


def new_quantity(request: ContractRequest) -> NewQuantity:
    """How many of the product there are from when on, by the decision that the request holds."""
    day = effective_on(request)
    held = request.contract.items_on(day).get(request.product, 0)
    starts_on = first_day(request, day)
    once = _is_once(request)
    return NewQuantity(
        product=request.product,
        quantity=request.quantity if once else total_after(request, held),
        starts_on=starts_on,
        billed_from=_billed_from(request, starts_on),
        once=once,
    )


def _billed_from(request: ContractRequest, starts_on: date) -> date:
    decided: Mapping[str, str | None] = request.decision
    if decided["billed_from_on"]:
        return date.fromisoformat(decided["billed_from_on"])
    if decided["billed_through_on"]:
        return date.fromisoformat(decided["billed_through_on"]) + ONE_DAY
    return starts_on

"""How a requested change of a product is checked, decided by the rules, and carried out."""

from datetime import date, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.formats import day_text
from contracts.models import Contract, ContractRequest
from contracts.operations.items import NewQuantity, ensure_last_change, set_quantity
from contracts.operations.rulebooks import rulebook_for
from contracts.rules.change import DROPS, Change, ChangeKind, ChangeRequest
from contracts.rules.period import Month, japan_date
from contracts.rules.policy import Policy
from contracts.rules.products import Product

ADDITIONS = ("add_item", "add_option")
OF_OPTIONS = ("add_option", "drop_option")
ONE_DAY = timedelta(days=1)


def check(request: ContractRequest, policy: Policy) -> None:
    """ValidationError, naming the field, for what can't be asked for whatever the deadlines are."""
    kinds = set(ContractRequest.Kind.values) - {ContractRequest.Kind.CANCELLATION}
    if request.kind not in kinds & policy.changes.keys():
        raise ValidationError({"kind": _("The terms don't provide for this change.")})
    product = _product(request, policy)
    _check_day(request)
    _check_quantity(request, product, _held(request))


def _product(request: ContractRequest, policy: Policy) -> Product:
    for product in policy.products:
        if product.key == request.product and product.orderable and _fits(request.kind, product):
            return product
    raise ValidationError({"product": _("Choose a product that can be changed in this way.")})


def _fits(kind: str, product: Product) -> bool:
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
        if product.maximum and total > product.maximum:
            message = _("The most is %(most)s.")
            raise ValidationError({"quantity": message % {"most": product.maximum}})
    else:
        least = 0 if request.kind in DROPS else max(1, product.minimum)
        if not least <= total < held:
            message = _("Enter a number from %(least)s on that is less than now.")
            raise ValidationError({"quantity": message % {"least": least}})


def wanted_day(request: ContractRequest) -> date:
    """The day whose state is asked about: the wanted one, or its month's end where changes wait for that."""
    if request.wanted_on is None:
        raise ValidationError({"wanted_on": _("Enter the wanted date.")})
    rule = request.terms_version.policy.changes[cast(ChangeKind, request.kind)]
    return Month.of(request.wanted_on).last if rule.effective == "month_end" else request.wanted_on


def _held(request: ContractRequest) -> int:
    return request.contract.items_on(wanted_day(request)).get(request.product, 0)


def total_after(request: ContractRequest, held: int) -> int:
    """How many units of the product there are after the change, given those before."""
    if request.kind in ADDITIONS:
        return held + request.quantity
    if request.kind in DROPS:
        return held - request.quantity if request.quantity else 0
    return request.quantity


def decide(request: ContractRequest) -> Change:
    """Ask the rules, with what the contract contains on the wanted day."""
    day = wanted_day(request)
    contract = request.contract
    return rulebook_for(request.terms_version).change(
        ChangeRequest(
            kind=cast(ChangeKind, request.kind),
            submitted_at=request.submitted_at,
            wanted_on=cast(date, request.wanted_on),
            product=request.product,
            quantity=request.quantity,
            items=contract.items_on(day),
            ever_held=[item.product for item in contract.items.all() if item.starts_on <= day],
            user_ids_deleted=request.user_ids_deleted,
        )
    )


def first_day(request: ContractRequest, effective_on: date) -> date:
    """The first day of the new state; what is dropped can still be used on its effective day."""
    return effective_on + ONE_DAY if request.kind in DROPS else effective_on


def ensure_possible(request: ContractRequest, effective_on: date) -> None:
    """ValidationError where a change of the same product is settled for a later day, or the contract ends."""
    contract: Contract = request.contract
    if contract.ends_on and effective_on > contract.ends_on:
        message = _("The change would take effect on %(day)s, after the contract's end.")
        raise ValidationError({"wanted_on": message % {"day": day_text(effective_on)}})
    if not _is_once(request):
        ensure_last_change(contract, request.product, first_day(request, effective_on))


def _is_once(request: ContractRequest) -> bool:
    return request.terms_version.policy.product(request.product).kind == "one_time"


def take_effect(request: ContractRequest) -> None:
    """Carry a change out on the dates that it was decided with, if its conditions still hold."""
    again = decide(request)
    if again.reason not in (None, "late"):
        raise ValidationError(
            _("What the contract contains has changed, and the request no longer fits; refuse it."),
            code="conditions_changed",
        )
    effective_on = date.fromisoformat(request.decision["effective_on"])
    ensure_possible(request, effective_on)
    held = request.contract.items_on(effective_on).get(request.product, 0)
    starts_on = first_day(request, effective_on)
    once = _is_once(request)
    set_quantity(
        request.contract,
        NewQuantity(
            product=request.product,
            quantity=request.quantity if once else total_after(request, held),
            starts_on=starts_on,
            billed_from=_billed_from(request, starts_on),
            once=once,
        ),
    )


def _billed_from(request: ContractRequest, starts_on: date) -> date:
    decided = request.decision
    if decided["billed_from_on"]:
        return date.fromisoformat(decided["billed_from_on"])
    if decided["billed_through_on"]:
        return date.fromisoformat(decided["billed_through_on"]) + ONE_DAY
    return starts_on

"""What changes of how many of a product the contract contains have in common."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.lifecycle.claims import ask_for_costs
from contracts.lifecycle.items import NewQuantity, ensure_last_change, restore_quantity, set_quantity
from contracts.lifecycle.minimum_terms.rest import claim_rest_of_product, drop_claims
from contracts.lifecycle.tasks import ask_to_dispatch
from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.models.request import RequestDecision
from contracts.policies.rulebooks import rulebook_for
from contracts.requests.changing.wishes import Way
from contracts.requests.kind import (
    ChangedLine,
    Context,
    Group,
    Note,
    effective_on,
    settled_on,
)
from contracts.requests.needs import days_of_change, ensure_base, ensure_needs
from contracts.requests.offer import Offer
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.product_kind import ProductKind
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.change import Change, ChangeRequest
from contracts.rules.life.withdrawal import Withdrawal
from contracts.rules.limits import LARGEST_QUANTITY
from contracts.rules.policy.products import Condition, Product, brought_by
from contracts.rules.policy.schema import Policy
from contracts.rules.stored import day
from contracts.wording.formats import day_text
from contracts.wording.products import product_lines
from contracts.wording.quotations import hints as quotation_hints

ONE_DAY = timedelta(days=1)
_NEW_TOTALS: set[str] = set()
"""The keys of the kinds that ask for a new total."""


class ProductChange(ProductKind[ProductChangeData]):
    """What holds for every change of how many of a product the contract contains.

    `quantity_label` is what a question asks for; without a quantity all is meant where it `gives_up`.
    `names_total`: the quantity is the new total, not what comes or goes.
    """

    group = Group.PRODUCTS
    data = ProductChangeData
    asked_ahead = True
    quantity_label: ClassVar[Any]
    names_total: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.names_total:
            _NEW_TOTALS.add(cls.key)

    # What can be asked for

    def totals(self, product: Product, held: int) -> range:
        """How many of a product there may be after the change, given how many there are before."""
        raise NotImplementedError

    def total_after(self, request: ContractRequest, held: int) -> int:
        """How many of the product there are after the change, given how many there are before."""
        return request.quantity

    def way(self, product: Product, counted: int, held: int) -> Way:
        """How it changes a product of which so many count as held, and so many can be used."""
        totals = self.totals(product, counted)
        beyond = counted - held
        return Way(self.key, range(max(0, totals.start - beyond), totals.stop - beyond), self.names_total)

    def day_for(self, version: TermsVersion, starts_on: date) -> date:
        """The day to ask for so that the new state begins on a day: a last day of use lies before it."""
        rule = version.policy.change_rule(self.key)
        named_by_last_day = self.gives_up or (rule is not None and rule.effective == "month_end")
        return starts_on - ONE_DAY if named_by_last_day else starts_on

    def wrong_total(self, total: int, held: int, totals: range) -> str:
        """What to enter instead of a total that can't be."""
        raise NotImplementedError

    def concerns(self, product: Product) -> bool:
        return product.orderable and product.kind != "one_time"

    def fits(self, product: Product, held: int) -> bool:
        return super().fits(product, held) and bool(self.totals(product, held))

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        product = self._product(request, request.governing_version.policy)
        day = self.wanted_day(request)
        _check_day(request, day)
        held = self.count(request.contract, product, day)
        if not self._is_possible(request, product, self._asked_for_until(request, day, held)):
            self._ensure_total(request, product, held)

    def _asked_for_until(self, request: ContractRequest, day: date, held: int) -> int:
        """How many there are on a day if the new totals asked for by then are granted."""
        waiting = [
            one
            for one in request.contract.requests.filter(product=request.product, kind__in=_NEW_TOTALS)
            if (one.is_open or one.waits_for_completion or one.waits_for_formation)
            and one.wanted_on
            and one.wanted_on <= day
        ]
        last = max(waiting, key=lambda one: (one.wanted_on, one.submitted_at), default=None)
        return last.quantity if last else held

    def _is_possible(self, request: ContractRequest, product: Product, held: int) -> bool:
        return held > 0 and self.total_after(request, held) in self.totals(product, held)

    def _product(self, request: ContractRequest, policy: Policy) -> Product:
        for product in policy.products:
            if product.key == request.product and self.concerns(product):
                return product
        raise ValidationError({"product": _("Choose a product that can be changed in this way.")})

    def count(self, contract: Contract, product: Product, day: date) -> int:
        """Of what is charged once, all that was ever taken counts."""
        if product.kind == "one_time":
            return sum(item.quantity for item in contract.items.all() if item.product == product.key)
        return super().count(contract, product, day)

    def _ensure_total(self, request: ContractRequest, product: Product, held: int) -> None:
        if not held and not self.fits(product, held):
            raise ValidationError({"product": _("The contract doesn't contain this product on that day.")})
        total, totals = self.total_after(request, held), self.totals(product, held)
        if total not in totals:
            raise ValidationError({"quantity": self.wrong_total(total, held, totals)})

    def wanted_day(self, request: ContractRequest, on: date | None = None) -> date:
        """The day whose state is asked about: the wanted one, or its month's end where that counts."""
        day = on or request.wanted_on
        if day is None:
            raise ValidationError({"wanted_on": _("Enter the wanted date.")})
        return self.counted_day(request.governing_version, day)

    # What the rules say

    def asked(self, request: ContractRequest, wanted_on: date) -> ChangeRequest:
        """With what the contract contains on the wanted day."""
        day = self.wanted_day(request, wanted_on)
        contract = request.contract
        return replace(
            super().asked(request, wanted_on),
            product=request.product,
            quantity=request.quantity,
            items=self._held(request, day),
            ever_held=[item.product for item in contract.items.all() if item.starts_on <= day],
            user_ids_deleted=request.user_ids_deleted,
        )

    def _held(self, request: ContractRequest, day: date) -> dict[str, int]:
        """What is held on a day.

        Where something is given up with it, what counts beside that is what is held after it, on the first
        day that leaves no other base product, if there is one.
        """
        contract, product = request.contract, request.product
        held = contract.items_on(day)
        if not self.gives_up or contract.ends_on == day:
            return held
        later = [contract.items_on(one) for one in days_of_change(contract, day + ONE_DAY)]
        others = request.governing_version.policy.base_products - {product}
        bare = (items for items in later if not any(items.get(key) for key in others))
        return {**next(bare, later[0]), product: held.get(product, 0)}

    def ensure_possible(self, request: ContractRequest, decision: RequestDecision) -> None:
        if decision.settled_on:
            self._ensure_room(request, decision.settled_on)

    def _ensure_room(self, request: ContractRequest, day: date) -> None:
        """ValidationError where no room is left for a change that takes effect on a day.

        A change of the same product is settled for a later day, the contract ends before, or a product would
        be without another one that it needs.
        """
        contract: Contract = request.contract
        if contract.ends_on and day > contract.ends_on:
            message = _("The change would take effect on %(day)s, after the contract's end.")
            raise ValidationError({"wanted_on": message % {"day": day_text(day)}})
        starts_on = self.first_day(day)
        if not _is_once(request):
            ensure_last_change(contract, request.product, starts_on)
        total = self.total_after(request, contract.items_on(day).get(request.product, 0))
        ensure_needs(contract, request.governing_version.policy, request.product, total, starts_on)

    # What follows

    def first_day(self, day: date) -> date:
        """The first day of the new state, by the day on which the change takes effect."""
        return day + ONE_DAY if self.gives_up else day

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        self._ensure_room(request, effective_on(request))
        new, brought = self._new_quantity(request), self._brought(request)
        if not new.once:
            last_day = new.starts_on - ONE_DAY
            held = request.contract.items_on(last_day).get(new.product, 0)
            self._ensure_still_fits(request, new.quantity, held)
            claim_rest_of_product(request, last_day, held - new.quantity, context.at)
        set_quantity(request.contract, new)
        for product, quantity in brought.items():
            set_quantity(request.contract, replace(new, product=product, quantity=quantity, once=True))
        once = {**({new.product: new.quantity} if new.once else {}), **brought}
        ask_to_dispatch(request.contract, request.governing_version, once, new.billed_from)

    def _ensure_still_fits(self, request: ContractRequest, total: int, held: int) -> None:
        """What was asked for while another change waited needs that change, or its refusal, first."""
        product = request.governing_version.policy.product(request.product)
        totals = self.totals(product, held)
        if total not in totals:
            raise ValidationError(self.wrong_total(total, held, totals), code="conditions_changed")

    def _brought(self, request: ContractRequest) -> dict[str, int]:
        """What is charged once with the units that the decision adds."""
        held = request.contract.items_on(effective_on(request)).get(request.product, 0)
        added = request.quantity if _is_once(request) else self.total_after(request, held) - held
        return brought_by(request.governing_version.policy.products, {request.product: max(0, added)})

    def new_quantity(self, request: ContractRequest) -> NewQuantity | None:
        decided = request.decided
        return self._new_quantity(request) if decided and decided.settled_on else None

    def _new_quantity(self, request: ContractRequest) -> NewQuantity:
        day = effective_on(request)
        held = request.contract.items_on(day).get(request.product, 0)
        once = _is_once(request)
        return NewQuantity(
            product=request.product,
            quantity=request.quantity if once else self.total_after(request, held),
            starts_on=self.first_day(day),
            billed_from=self._billed_from(request),
            once=once,
        )

    def _billed_from(self, request: ContractRequest) -> date:
        decided = cast(Change, request.decided)
        if decided.billed_through_on and not decided.billed_from_on:
            return decided.billed_through_on + ONE_DAY
        return decided.billed_from_on or self.first_day(effective_on(request))

    def charged_once(self, request: ContractRequest) -> dict[str, int]:
        once = {request.product: request.quantity} if _is_once(request) else {}
        decided = request.decided
        return {**once, **self._brought(request)} if decided and decided.settled_on else once

    def may_undo(self, request: ContractRequest, on: date) -> bool:
        if request.status != ContractRequest.Status.ACCEPTED:
            return False
        if request.waits_for_formation:
            return True
        begun = min(self.first_day(effective_on(request)), self._billed_from(request)) <= on
        return _costs_of_undoing(request, on).costs is not None and not begun

    def undo(self, request: ContractRequest, context: Context) -> None:
        on = japan_date(context.at)
        if not self.may_undo(request, on):
            super().undo(request, context)
        costs, starts_on = _costs_of_undoing(request, on), self.first_day(effective_on(request))
        if not request.waits_to_begin:
            self._restore(request, starts_on)
        ask_for_costs(request.contract, costs, request.terms_version, context.at, request=request)

    def put_back(self, request: ContractRequest, context: Context) -> None:
        self._restore(request, self.first_day(effective_on(request)))
        if end := (request.replaced or {}).get("end"):  # the provider ended the product meanwhile
            new = NewQuantity(
                product=request.product,
                quantity=0,
                starts_on=cast(date, day(end["ends_on"])) + ONE_DAY,
                billed_from=cast(date, day(end["billed_through_on"])) + ONE_DAY,
            )
            set_quantity(request.contract, new)

    def _restore(self, request: ContractRequest, starts_on: date) -> None:
        contract, products = request.contract, request.governing_version.policy.products
        drop_claims(request)
        held = {day: contract.items_on(day) for day in days_of_change(contract, starts_on)}
        before = held[starts_on].get(request.product, 0)
        restore_quantity(contract, request.product, starts_on, once=_is_once(request))
        added = max(0, before - contract.items_on(starts_on).get(request.product, 0))
        for product in brought_by(products, {request.product: added}):
            restore_quantity(contract, product, starts_on, once=True)
        ensure_base(contract, request.governing_version.policy, held)

    # In words

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        policy = request.governing_version.policy
        before = 0 if _is_once(request) else request.contract.items_on(before_on).get(request.product, 0)
        counts = [(request.product, before), (request.product, self.total_after(request, before))]
        old, new = (
            f"{line.quantity} {line.unit}" if line.quantity else "—" for line in product_lines(policy, counts)
        )
        (named,) = product_lines(policy, [(request.product, 0)])
        yield ChangedLine(named.name, old, new)

    def hints(self, request: ContractRequest) -> Iterator[Note]:
        policy, starts_on = request.governing_version.policy, self.first_day(effective_on(request))
        held = request.contract.items_on(starts_on)
        after = {**held, request.product: self.total_after(request, held.get(request.product, 0))}
        known = {hint.text for hint in quotation_hints(policy, held)}
        for hint in quotation_hints(policy, after):
            if hint.text not in known:
                yield Note(hint.text, hint.articles)

    def last_day_before(self, request: ContractRequest) -> date:
        last = settled_on(request)
        return last if self.gives_up and last else super().last_day_before(request)

    def notes(self, offer: Offer, decision: RequestDecision | None) -> Iterator[Note]:
        last = condition_of(offer, self.key, "keep_a_base_item")
        if last:
            message = _(
                "The last basic product can't be given up like this. To give up everything,"
                " cancel the contract."
            )
            yield Note(message, last.article)
        ids = condition_of(offer, self.key, "user_ids_deleted")
        if ids:
            yield Note(_("Until the user IDs are deleted, the number so far is charged."), ids.article)
        yield from super().notes(offer, decision)


class More(ProductChange):
    """There is more of a product afterwards."""

    def totals(self, product: Product, held: int) -> range:
        return range(held + 1, (product.maximum or LARGEST_QUANTITY) + 1)

    def wrong_total(self, total: int, held: int, totals: range) -> str:
        if total <= held:
            return _("Enter how many there are to be; more than now.")
        return _("The most is %(most)s.") % {"most": totals.stop - 1}


class Fewer(ProductChange):
    """There is less of a product afterwards."""

    def totals(self, product: Product, held: int) -> range:
        return range(max(1, product.minimum), held)

    def wrong_total(self, total: int, held: int, totals: range) -> str:
        message = _("Enter a number from %(least)s on that is less than now.")
        return message % {"least": totals.start}


def condition_of(offer: Offer, kind: str, name: str) -> Condition | None:
    """A condition that the terms of an offer set for a kind; None where they set none of that name."""
    rule = offer.version.policy.change_rule(kind)
    return next((one for one in rule.conditions if one.kind == name), None) if rule else None


def _check_day(request: ContractRequest, wanted_on: date) -> None:
    contract = request.contract
    if wanted_on < japan_date(request.submitted_at):
        raise ValidationError({"wanted_on": _("The wanted date lies in the past.")})
    starts_on = cast(date, contract.service_starts_on)
    if wanted_on < starts_on:
        message = _("Service starts on %(day)s; choose that day or a later one.")
        raise ValidationError({"wanted_on": message % {"day": day_text(starts_on)}})
    if contract.ends_on and wanted_on > contract.ends_on:
        message = _("The contract ends on %(day)s; choose that day or an earlier one.")
        raise ValidationError({"wanted_on": message % {"day": day_text(contract.ends_on)}})


def _is_once(request: ContractRequest) -> bool:
    return request.governing_version.policy.product(request.product).kind == "one_time"


def _costs_of_undoing(request: ContractRequest, on: date) -> Withdrawal:
    rules, formed = rulebook_for(request.governing_version), not request.waits_for_formation
    return rules.withdrawal_of_change(request.kind, on, accepted=formed)

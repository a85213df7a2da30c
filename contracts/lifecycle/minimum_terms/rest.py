"""What is left of a minimum term when a contract, or a product of it, comes to its end."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.extensions import registered
from contracts.models import Claim, Contract, ContractRequest, Task, TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.decision import Step

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rest:
    """What is left of a minimum term; `charge`, in yen without tax, is None where no fee is known."""

    ends_on: date
    months_left: int
    charge: int | None
    steps: tuple[Step, ...]


def rest_of_contract(
    contract: Contract, version: TermsVersion, ends_on: date, monthly_fee: int | None
) -> list[Rest]:
    """What is left of each minimum term at the end of a contract; empty where the terms know none.

    One term for the whole contract, or one for each product where the terms say so. Without `monthly_fee`,
    in yen without tax, that of the last day is asked for: what was given up before is not left to be paid,
    though it is charged to the end of its month.
    """
    starts_on, rule = contract.service_starts_on, version.policy.minimum_term
    if rule is None or starts_on is None:
        return []
    products = _monthly(contract, version, ends_on) if rule.by_product and monthly_fee is None else []
    if not products:
        fee = registered.monthly_fee(contract, ends_on) if monthly_fee is None else monthly_fee
        return [_rest(version, starts_on, ends_on, fee)]
    fees: dict[date, int | None] = {}
    for product in products:
        since, fee = (
            held_since(contract, product, ends_on),
            registered.monthly_fee(contract, ends_on, product),
        )
        before = fees.get(since, 0)
        fees[since] = None if fee is None or before is None else before + fee
    return [_rest(version, since, ends_on, fee) for since, fee in sorted(fees.items())]


def _monthly(contract: Contract, version: TermsVersion, day: date) -> list[str]:
    kinds = {product.key: product.kind for product in version.policy.products}
    return [key for key in contract.items_on(day) if kinds[key] not in ("one_time", "usage")]


def _rest(version: TermsVersion, since: date, ends_on: date, fee: int | None) -> Rest:
    decided = rulebook_for(version).minimum_term(since, ends_on, fee or 0)
    left, known = decided.months_charged_after_end, fee is not None
    steps = decided.steps if left and known else decided.steps[:1]
    return Rest(decided.minimum_ends_on, left, decided.charge if known or not left else None, steps)


def held_since(contract: Contract, product: str, day: date) -> date:
    """Since when a contract has held a product without a gap, up to a day."""
    since = day
    rows = sorted(
        (row for row in contract.items.all() if row.product == product and row.starts_on <= day),
        key=lambda row: row.starts_on,
        reverse=True,
    )
    for row in rows:
        if row.ends_on and row.ends_on + ONE_DAY < since:
            break
        since = row.starts_on
    return since


def claim_rest_of_product(request: ContractRequest, last_day: date, given_up: int, at: datetime) -> None:
    """Record what is left of the minimum term of units that go with a day, where each product has its own.

    Call it before they go. The steps are added to the request's decision.
    """
    contract, version = request.contract, request.governing_version
    rule, held = version.policy.minimum_term, contract.items_on(last_day).get(request.product, 0)
    if rule is None or not rule.by_product or given_up <= 0 or not held:
        return
    fee = registered.monthly_fee(contract, last_day, request.product)
    lost = None if fee is None else fee * given_up // held
    rest = _rest(version, held_since(contract, request.product, last_day), last_day, lost)
    if rest.months_left and request.decided:
        request.decided = replace(request.decided, steps=(*request.decided.steps, *rest.steps))
    claim_rest(request, rest.charge, rest.months_left, last_day, at)


def claim_rest(request: ContractRequest, charge: int | None, months: int, on: date, at: datetime) -> None:
    """Record what the rest of a minimum term costs; without a known fee staff are asked to enter it."""
    stated: dict[str, Any] = {"decision": request.decision, "terms_version": request.terms_version}
    if charge is None:
        Task.objects.create(
            contract=request.contract,
            kind=Task.Kind.ENTER_FEE,
            due_on=on,
            detail={"months": months, "request": request.number},
            created_at=at,
            **stated,
        )
    elif charge:
        Claim.objects.create(
            contract=request.contract,
            kind=Claim.Kind.MINIMUM_TERM,
            net=charge,
            tax=Claim.Treatment.STANDARD,
            arose_on=on,
            request=request,
            **stated,
        )


def drop_claims(request: ContractRequest) -> None:
    """Take back what a request made the customer owe; ValidationError once that is charged."""
    if Claim.objects.filter(request=request, adjustments__isnull=False).exists():
        raise ValidationError(_("What follows from the end is charged already; please contact us."))
    Claim.objects.filter(request=request).delete()
    request.contract.tasks.undone().filter(kind=Task.Kind.ENTER_FEE, detail__request=request.number).delete()

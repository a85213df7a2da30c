"""How a contract's products begin, change and end. Called by operations, inside their transactions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from contracts.extensions.registered import tell_facts_changed
from contracts.models import Contract, ContractItem
from contracts.rules.calendar.period import Month
from contracts.rules.policy.products import brought_by
from contracts.wording.formats import day_text

ONE_DAY = timedelta(days=1)


def begin_items(contract: Contract) -> dict[str, int]:
    """Create the rows for what was applied for, once service start and billing start are known.

    Gives what begins, by product key; nothing where it has begun already.
    """
    starts_on, billed_from = contract.service_starts_on, contract.billed_from_on
    if starts_on is None or billed_from is None or contract.items.exists():
        return {}
    policy = contract.formation_version.policy
    ordered = {item.product: item.quantity for item in contract.application.items.all()}
    begun = [*ordered.items(), *brought_by(policy.products, ordered).items()]
    ContractItem.objects.bulk_create(
        _row(
            contract,
            product,
            quantity,
            starts_on,
            billed_from,
            once=policy.product(product).kind == "one_time",
        )
        for product, quantity in begun
    )
    tell_facts_changed(contract.pk)
    return {product: sum(units for key, units in begun if key == product) for product, _units in begun}


def _row(
    contract: Contract, product: str, quantity: int, starts_on: date, billed_from: date, *, once: bool
) -> ContractItem:
    """A row that stays open until the contract ends; what comes `once` ends as it begins."""
    return ContractItem(
        contract=contract,
        product=product,
        quantity=quantity,
        starts_on=starts_on,
        ends_on=starts_on if once else contract.ends_on,
        billed_from_on=billed_from,
        billed_through_on=Month.of(billed_from).last if once else contract.billed_through_on,
    )


@dataclass(frozen=True, kw_only=True)
class NewQuantity:
    """A product's quantity from a day on; 0 means that it is given up. `once` marks one-time products."""

    product: str
    quantity: int
    starts_on: date
    billed_from: date
    once: bool = False


def set_quantity(contract: Contract, new: NewQuantity) -> None:
    """Close the product's row and open the next, so that days of use and of charging neither overlap nor gap.

    What was given up for a later day ends on it all the same, however many there are until then; what would
    begin only after that never does.

    Raises ValidationError where a later change of the product is already settled.
    """
    billed_from = max(new.billed_from, contract.billed_from_on or new.billed_from)
    row = _row(contract, new.product, new.quantity, new.starts_on, billed_from, once=new.once)
    if not new.once:
        ensure_last_change(contract, new.product, new.starts_on)
        rows = contract.items.filter(product=new.product)
        row.billed_from_on = billed_from = free_of_larger(rows, new, billed_from)
        _end_as(row, rows.filter(starts_on__lte=new.starts_on, ends_on__gte=new.starts_on).first())
        _close(contract, new.product, new.starts_on - ONE_DAY, billed_from - ONE_DAY)
    if new.quantity and (row.ends_on is None or row.starts_on <= row.ends_on):
        row.save()
    tell_facts_changed(contract.pk)


def _end_as(row: ContractItem, other: ContractItem | None) -> None:
    """Have a row end with the one whose place it takes."""
    if other:
        row.ends_on, row.billed_through_on = other.ends_on, other.billed_through_on


def restore_quantity(contract: Contract, product: str, starts_on: date, *, once: bool) -> None:
    """Take a settled change of a product back: the row that begins on a day goes, the one before it goes on.

    Raises ValidationError where a later change of the product is settled.
    """
    rows = contract.items.filter(product=product)
    if not once:
        ensure_last_change(contract, product, starts_on + ONE_DAY)
    taken_back = rows.filter(starts_on=starts_on).first() or contract
    ends_on, billed_through_on = taken_back.ends_on, taken_back.billed_through_on
    rows.filter(starts_on=starts_on).delete()
    if not once:
        rows.filter(ends_on=starts_on - ONE_DAY).update(ends_on=ends_on, billed_through_on=billed_through_on)
    tell_facts_changed(contract.pk)


def ensure_last_change(contract: Contract, product: str, starts_on: date) -> None:
    """Raise ValidationError if a row of the product begins on a day or after it."""
    later = contract.items.filter(product=product, starts_on__gte=starts_on).order_by("-starts_on").first()
    if later:
        message = _("This product already changes on %(day)s; choose a later date.")
        params = {"day": day_text(later.starts_on)}
        raise ValidationError({"wanted_on": ValidationError(message, "later_change", params)})


def free_of_larger(rows: Iterable[ContractItem], new: NewQuantity, billed_from: date) -> date:
    """The first day that no quantity given up before is charged on which is as large as the new one.

    A reduction that is charged to the end of its month stays so where an increase follows within that month:
    only what exceeds the number charged already takes its place. `rows` may hold other products.
    """
    charged = [
        row.billed_through_on
        for row in rows
        if (row.product == new.product and row.quantity >= new.quantity)
        and (row.ends_on and row.ends_on < new.starts_on)
        and (row.billed_through_on and row.billed_through_on >= billed_from)
    ]
    return max(charged) + ONE_DAY if charged else billed_from


def _close(contract: Contract, product: str, last_day: date, charged_through: date) -> None:
    rows = contract.items.filter(product=product)
    rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=last_day)).update(ends_on=last_day)
    # What was charged for longer than it was used gives way as well: only one quantity is charged at a time.
    rows.filter(Q(billed_through_on__isnull=True) | Q(billed_through_on__gt=charged_through)).update(
        billed_through_on=charged_through
    )


def end_contract(
    contract: Contract, ends_on: date, billed_through: date | None, kind: Contract.EndKind
) -> None:
    """End a contract and all that it contains; what would begin later never does.

    What is charged once for what was done by then stays owed, also where no month would be charged.
    """
    contract.ends_on = ends_on
    contract.end_kind = kind
    charged = contract.billed_from_on and billed_through and contract.billed_from_on <= billed_through
    contract.billed_through_on = billed_through if charged else _charged_once(contract, ends_on)
    if contract.billed_through_on is None:
        contract.billed_from_on = None
    contract.save()
    contract.items.filter(starts_on__gt=ends_on).delete()
    still_open = Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on)
    contract.items.filter(still_open).update(ends_on=ends_on, billed_through_on=billed_through)
    tell_facts_changed(contract.pk)


def _charged_once(contract: Contract, ends_on: date) -> date | None:
    """The last day that charges what is charged once and was done by a day; None without any."""
    once = contract.items.filter(starts_on=F("ends_on"), starts_on__lte=ends_on)
    last: date | None = once.aggregate(last=Max("billed_through_on"))["last"]
    return last

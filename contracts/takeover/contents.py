"""What a contract of an old system holds, and what was agreed and consented to."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import cast

from contracts.applications.checks import quantity_problems
from contracts.consents.answers import record_consent
from contracts.extensions.takeover import Bringing, Line
from contracts.lifecycle.agreements import AgreementData, ensure_agreeable
from contracts.models import Consent, Contract, ContractItem, IndividualAgreement
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.policy.products import Product
from contracts.rules.policy.schema import Policy
from contracts.takeover.contract import noon
from contracts.takeover.known import Known, product_named
from contracts.takeover.words import in_both

ONE_DAY = timedelta(days=1)


def add_items(contract: Contract, bringing: Bringing, known: Known) -> None:
    """Store what it holds, by the products of the terms that govern it now."""
    policy = known.books.governing(contract, japan_date(bringing.at)).policy
    lines = bringing.of("products")
    rows: list[tuple[Line, ContractItem]] = []
    for line in lines:
        product = _product(bringing, policy, line)
        if product and line["quantity"]:
            rows.append((line, _item(contract, product, line)))
        elif product and line["quantity"] == 0:
            bringing.refuse(line, "quantity", "no_quantity")
    if not lines:
        bringing.refuse(bringing.first, "", "holds_nothing")
    if bringing.problems:
        return
    for line, item in rows:
        _check_days(contract, bringing, line, item)
    _join(bringing, rows)
    _check_quantities(contract, bringing, policy, [item for _line, item in rows])
    if not bringing.problems:
        ContractItem.objects.bulk_create(item for _line, item in rows)


def _product(bringing: Bringing, policy: Policy, line: Line) -> Product | None:
    if not line["product"]:
        return None
    product = product_named(policy, line["product"])
    if product is None:
        bringing.refuse(line, "product", "no_product", written=line["product"])
        return None
    if product.kind == "usage":
        bringing.refuse(line, "product", "usage_product", written=line["product"])
        return None
    return product


def _item(contract: Contract, product: Product, line: Line) -> ContractItem:
    contract_start = cast(date, contract.service_starts_on)
    charged = cast(date, contract.billed_from_on)
    starts_on = line["starts_on"] or contract_start
    billed_from = line["billed_from_on"] or (
        charged if starts_on == contract_start else max(starts_on, charged)
    )
    once = product.kind == "one_time"
    ends_on = starts_on if once else line["ends_on"]
    return ContractItem(
        contract=contract,
        product=product.key,
        quantity=line["quantity"],
        starts_on=starts_on,
        ends_on=ends_on,
        billed_from_on=billed_from,
        billed_through_on=Month.of(billed_from if once else ends_on).last if ends_on else None,
    )


def _check_days(contract: Contract, bringing: Bringing, line: Line, item: ContractItem) -> None:
    start = cast(date, contract.service_starts_on)
    if item.starts_on < start:
        bringing.refuse(line, "starts_on", "item_before_start", day=item.starts_on, start=start)
    if item.ends_on and item.ends_on < item.starts_on:
        bringing.refuse(line, "ends_on", "ends_before_start", day=item.ends_on, start=item.starts_on)
    if item.billed_from_on < cast(date, contract.billed_from_on):
        bringing.refuse(
            line,
            "billed_from_on",
            "item_charged_early",
            day=item.billed_from_on,
            start=contract.billed_from_on,
        )


def _join(bringing: Bringing, rows: Sequence[tuple[Line, ContractItem]]) -> None:
    """Let the quantities of a product follow one another, each charged until the next one is."""
    last: dict[str, ContractItem] = {}
    for line, item in sorted(rows, key=lambda row: row[1].starts_on):
        if item.ends_on == item.starts_on:
            continue
        before = last.get(item.product)
        if before and (before.ends_on is None or before.ends_on >= item.starts_on):
            bringing.refuse(line, "starts_on", "overlaps", day=item.starts_on)
        elif before and before.billed_through_on and before.billed_through_on >= item.billed_from_on:
            before.billed_through_on = item.billed_from_on - ONE_DAY
        last[item.product] = item


def _check_quantities(
    contract: Contract, bringing: Bringing, policy: Policy, items: Sequence[ContractItem]
) -> None:
    """What is held now, or at the start that is still to come, must fit the terms like an application."""
    day = max(japan_date(bringing.at), cast(date, contract.service_starts_on))
    held: dict[str, int] = {}
    for item in items:
        if item.in_use_on(day) and policy.product(item.product).orderable:
            held[item.product] = held.get(item.product, 0) + item.quantity
    told = in_both(lambda: dict(quantity_problems(policy, held)))
    for name, text in told.items():
        key = name.removeprefix("quantity_")
        line = next((one for one in bringing.of("products") if _names(policy, one, key)), bringing.first)
        bringing.refuse(line, "quantity" if line.sheet == "products" else "", "as_said", text=text)


def _names(policy: Policy, line: Line, key: str) -> bool:
    product = product_named(policy, line["product"] or "")
    return product is not None and product.key == key


def add_agreements(contract: Contract, bringing: Bringing) -> None:
    """Store what was agreed individually, where the terms let it go before them."""
    for line in bringing.of("agreements"):
        if not (line["title"] and line["effective_on"] and line["rules"]):
            continue
        data = AgreementData(
            title=line["title"],
            effective_on=line["effective_on"],
            ends_on=line["ends_on"],
            rules=line["rules"],
            reason=line["reason"] or "",
        )
        before = len(bringing.problems)
        bringing.attempt(line, partial(ensure_agreeable, contract, data))
        if len(bringing.problems) == before:
            IndividualAgreement.objects.create(
                contract=contract,
                title=data.title,
                reason=data.reason,
                effective_on=data.effective_on,
                ends_on=data.ends_on,
                rules=data.rules.strip() + "\n",
                made_at=bringing.at,
                made_by=bringing.staff,
            )


def record_consents(contract: Contract, bringing: Bringing, known: Known) -> list[Consent]:
    """Append the consents on paper to the chain, each with who entered it."""
    found: list[Consent] = []
    seen: set[int] = set()
    for line in bringing.of("consents"):
        version = known.version(contract.service, line["version"] or "")
        if line["version"] and version is None:
            bringing.refuse(line, "version", "no_version", written=line["version"])
        elif line["agreed_on"] and line["agreed_on"] > japan_date(bringing.at):
            bringing.refuse(line, "agreed_on", "to_come", day=line["agreed_on"])
        elif version and version.pk in seen:
            bringing.refuse(line, "version", "consent_twice", written=line["version"])
        elif version and line["agreed_on"] and not bringing.problems:
            seen.add(version.pk)
            found.append(
                record_consent(
                    contract.organisation,
                    version,
                    Consent.How.RECEIVED,
                    noon(line["agreed_on"]),
                    person=bringing.staff,
                    ip=None,
                    application=contract.application,
                )
            )
    return found

"""A calculated invoice as the document that will be frozen."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from billing.calculation.charges import ChargeLine
from billing.calculation.invoice import Invoice as Calculation
from billing.calculation.tax import Taxation, supply_day
from billing.correspondence.letters import issuer_on, recipient_on
from billing.documents.invoice_document import (
    FORMAT,
    InvoiceDocument,
    Issuer,
    Line,
    Original,
    RateTotal,
    Text,
    states_number,
)
from billing.invoicing.set_due_days import set_apart
from billing.models import Adjustment
from contracts.models import Contract, Provider, TermsVersion
from contracts.rules.calendar.period import Month
from contracts.rules.decision import plain
from contracts.rules.policy.schema import Policy
from contracts.rules.stored import steps_of
from contracts.terms.numbering import ArticleRef

_SAMPLE_NOTE = Text(
    ja="「見本」と記した品目の単価は、見本の料金表によるものです。",
    en="Unit prices marked as samples come from a sample price list.",
)
ONE = Text(ja="式", en="set")
_WITH_REASON = (Adjustment.Kind.COSTS, Adjustment.Kind.SURCHARGE, Adjustment.Kind.EVADED_FEE)
"""What staff charge with a reason that the customer reads."""


def draft_document(
    contract: Contract,
    issuer: Provider,
    version: TermsVersion,
    amounts: Calculation,
    month: Month,
    taxation: Taxation,
    adjustments: Sequence[Adjustment],
    number: str,
    issued_on: date,
    original: Original | None,
) -> InvoiceDocument:
    """All that an invoice states, from facts as they are now.

    `adjustments` are those of the last lines, in their order; `original` is the invoice that it replaces.
    """
    policy = version.policy
    lines, steps = _explained_lines(amounts, policy, month, taxation, adjustments)
    document = InvoiceDocument(
        format=FORMAT,
        kind="invoice",
        number=number,
        issued_on=issued_on.isoformat(),
        month=str(month),
        period=period_of(month),
        due_on=amounts.due_on.isoformat(),
        payment_method=contract.payment_method,
        inclusive_shown=policy.charging.tax.inclusive_shown,
        issuer=_issuer(issuer, lines, amounts, month, issued_on),
        bank_account=issuer.on(issued_on).bank_account,
        recipient=recipient_on(contract, issued_on),
        contract=contract.number,
        service=cast(Text, contract.service.names),
        terms_version=version.name,
        lines=lines,
        rates=_rates(amounts, lines),
        net=amounts.net,
        tax=amounts.tax,
        gross=amounts.gross,
        notes=_notes(policy, lines, contract.payment_method, issuer.on(issued_on).payment_note),
        steps=steps,
    )
    if original:
        document["original"] = original
    if later := set_apart(amounts, policy, month, taxation, adjustments):
        document["added"], note = later
        document["notes"] = [*document["notes"], note]
    return document


def _issuer(
    issuer: Provider, lines: Sequence[Line], amounts: Calculation, month: Month, issued_on: date
) -> Issuer:
    """As it is on the issue day, but with the number of the latest supply for which there was one.

    What has to be stated, and whether it is, depends on the day of supply (消費税法57条の4第1項).
    """
    stated = issuer_on(issuer, issued_on)
    days = {supply_day(line, month.last) for line in amounts.lines if line.tax != "outside"} or {month.last}
    numbers = [issuer.on(day).registration_number for day in sorted(days)] if states_number(lines) else []
    stated["registration_number"] = next((number for number in reversed(numbers) if number), "")
    return stated


def period_of(month: Month) -> dict[str, str]:
    return {"from": month.first.isoformat(), "to": month.last.isoformat()}


def _explained_lines(
    amounts: Calculation,
    policy: Policy,
    month: Month,
    taxation: Taxation,
    adjustments: Sequence[Adjustment],
) -> tuple[list[Line], list[dict[str, Any]]]:
    """The lines with the places of their steps among all steps; those of one-off amounts come last."""
    steps: list[dict[str, Any]] = plain(amounts.steps)
    place_of = {id(taken): place for place, taken in enumerate(amounts.steps)}
    decided = iter(adjustments)
    lines: list[Line] = []
    for charged in amounts.lines:
        if charged.product is None:
            adjustment = next(decided)
            own = plain(steps_of(adjustment.decision))
            reasons = list(range(len(steps), len(steps) + len(own)))
            steps += own
            stated = _line(charged, policy, month, taxation, reasons)
            stated["product"] = stated["adjustment"] = adjustment.kind
            if adjustment.articles:
                stated["cited"] = cited_by(adjustment)
            if adjustment.kind in _WITH_REASON and adjustment.reason and adjustment.claim_id is None:
                stated["why"] = adjustment.reason
            lines.append(stated)
        elif charged.quantity:
            lines.append(_line(charged, policy, month, taxation, [place_of[id(charged.step)]]))
    return lines, steps


def cited_by(adjustment: Adjustment) -> Text:
    """The articles that an amount rests on, as its own version of the terms labels them."""
    terms = adjustment.terms_version.terms
    cited = [ArticleRef.parse(key) for key in adjustment.articles]
    return Text(ja="、".join(map(terms.label_ja, cited)), en=", ".join(map(terms.label_en, cited)))


def _line(line: ChargeLine, policy: Policy, month: Month, taxation: Taxation, reasons: list[int]) -> Line:
    day = supply_day(line, month.last)
    percent = None if line.tax == "outside" else taxation.rates.percent(line.tax, day)
    name, unit = _texts(line, policy)
    stated = Line(
        product=line.product or "",
        name=name,
        unit=unit,
        quantity=line.quantity,
        included=line.included,
        unit_price=line.unit_price or 0,
        amount=line.amount,
        rate=None if percent is None else str(percent),
        reduced=percent is not None and percent < taxation.rates.percent("standard", day),
        sample=line.sample,
        articles=list(line.articles),
        reasons=reasons,
    )
    if percent is not None and not taxation.registered(day):
        stated["registered"] = False
    if percent is None and line.product and policy.product(line.product).exported:
        stated["exported"] = True
    if line.special:
        stated["special"] = True
    if line.follows:
        stated["follows"] = line.follows
    if line.lump:
        stated["lump"] = True
    if line.month and line.month != month:
        stated["period"] = period_of(line.month)
    return stated


def _texts(line: ChargeLine, policy: Policy) -> tuple[Text, Text]:
    if line.product is None:
        named = line.name
        return Text(ja=named.ja, en=named.en) if named else ONE, ONE
    product = policy.product(line.product)
    unit = ONE if line.lump else Text(ja=product.unit.ja, en=product.unit.en)
    return Text(ja=product.name.ja, en=product.name.en), unit


def _rates(amounts: Calculation, lines: Sequence[Line]) -> list[RateTotal]:
    reduced = {line["rate"] for line in lines if line["reduced"]}
    rates: list[RateTotal] = []
    for total in amounts.by_rate.values():
        rate = None if total.rate == "outside" else str(total.rate)
        stated = RateTotal(rate=rate, reduced=rate in reduced, net=total.net, tax=total.tax)
        if not total.registered:
            stated["registered"] = False
        rates.append(stated)
    return rates


def _notes(policy: Policy, lines: Sequence[Line], payment_method: str, of_issuer: str) -> list[Text]:
    stated = (fact for fact in policy.disclosures if fact.stands_on_invoice(payment_method))
    notes = [Text(ja=fact.text.ja, en=fact.text.en) for fact in stated]
    notes += [Text(ja=of_issuer, en=of_issuer)] if of_issuer else []
    return [*notes, _SAMPLE_NOTE] if any(line["sample"] for line in lines) else notes

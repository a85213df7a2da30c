"""Why an invoice states what it states: its stored steps, sorted by what they explain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing.documents.invoice_document import InvoiceDocument, Line, RateTotal, month_of_use, shown_rates
from contracts.models import TermsVersion
from contracts.models.fields import in_current_language
from contracts.rules.decision import Decision, Step
from contracts.rules.stored import steps_of
from contracts.wording.explain import Explanation, explain

_TOTAL = ("proration.", "invoice.", "return.gross")
_DUE = ("due.", "calendar.")


@dataclass(frozen=True)
class ExplainedLine:
    """A line with its texts in the current language; `period` is its month of use if that is its own.

    `as_used`: its units are yen, and what was used is charged as it is.
    """

    line: Line
    name: str
    unit: str
    period: date | None
    as_used: bool
    reasons: Explanation


@dataclass(frozen=True)
class ExplainedRate:
    rate: RateTotal
    reasons: Explanation


@dataclass(frozen=True)
class InvoiceReasons:
    """The parts of an invoice, each with what led to it."""

    lines: tuple[ExplainedLine, ...]
    rates: tuple[ExplainedRate, ...]
    total: Explanation
    due: Explanation
    notes: tuple[str, ...]


def invoice_reasons(document: InvoiceDocument, version: TermsVersion) -> InvoiceReasons:
    """`version` is the version of the terms by which the invoice was calculated."""
    steps = steps_of(document)

    def explained(taken: Iterable[Step]) -> Explanation:
        return explain(Decision(steps=tuple(taken)), version)

    def beginning(*starts: str) -> Explanation:
        return explained(step for step in steps if step.rule.startswith(starts))

    return InvoiceReasons(
        lines=tuple(
            ExplainedLine(
                line=line,
                name=in_current_language(dict(line["name"])),
                unit=in_current_language(dict(line["unit"])),
                period=date.fromisoformat(month) if (month := month_of_use(line)) else None,
                as_used=line["unit_price"] == 1 and _is_usage(version, line["product"]),
                reasons=explained(_of_line(steps, line)),
            )
            for line in document["lines"]
        ),
        rates=tuple(
            ExplainedRate(rate, explained(step for step in steps if _is_of_rate(step, rate)))
            for rate in shown_rates(document)
        ),
        total=beginning(*_TOTAL),
        due=beginning(*_DUE),
        notes=tuple(in_current_language(dict(note)) for note in document["notes"]),
    )


def _is_usage(version: TermsVersion, product: str) -> bool:
    return any(one.key == product and one.kind == "usage" for one in version.policy.products)


def _of_line(steps: Sequence[Step], line: Line) -> list[Step]:
    """The steps that a line names; the first documents name none, and had one step for each product."""
    if "reasons" in line:
        return [steps[place] for place in line["reasons"]]
    return [step for step in steps if step.rule == "charge.line" and step.given["product"] == line["product"]]


def _is_of_rate(step: Step, rate: RateTotal) -> bool:
    if step.rule == "tax.outside":
        return rate["rate"] is None
    if step.given.get("registered", True) != rate.get("registered", True):
        return False
    match step.rule.split("."):
        case ["tax", "rate"]:
            return bool(str(step.result) == rate["rate"])
        case ["tax", "returned" | "unregistered"] | ["tax", "rounding", _]:
            return bool(str(step.given["percent"]) == rate["rate"])
        case _:
            return False

"""What is charged: usage, a month's billing, and what staff charge, return or issue again."""

from typing import Any

from django.core.exceptions import ValidationError
from tablib import Dataset

from billing.approvals.charges import COSTS, SURCHARGE, CostsData, SurchargeData
from billing.approvals.corrections import REISSUE, CorrectionData
from billing.approvals.returns import RETURN, ReturnData
from billing.models import BillingRun, Invoice
from billing.pricing.usage import import_usage
from billing.pricing.usage_rows import COLUMNS
from billing.runs.chunks import close_chunk
from billing.runs.states import approve, begin, calculate, settle, submit
from billing.runs.work import advance_run
from contracts.rules.examples.given import Day, WholeMonth, Yen
from portal.lives.events.event import Event
from portal.lives.stage import TEXT, Stage

_NOTHING_LEFT = ("billed", "under_way")
"""Why a run of a month does not begin: it was issued before, and nothing came since."""
_UNDRAWN = "invoices/undrawn.pdf"


class Usage(Event):
    """Usage of a month comes in."""

    do = "usage"

    product: str
    month: WholeMonth
    quantity: Yen
    used_on: Day | None = None

    def play(self, stage: Stage) -> None:
        row = {
            "reference": f"life-{stage.now.isoformat()}-{self.product}",
            "contract": stage.contract.number,
            "product": self.product,
            "month": str(self.month),
            "quantity": self.quantity,
            "occurred_on": self.used_on or self.month.last,
        }
        imported = import_usage(
            Dataset([row[name] for name in COLUMNS], headers=COLUMNS), "usage.csv", stage.staff
        )
        refused = imported.refused_rows.first()
        if refused:
            raise ValidationError([str(reason) for reason in refused.reasons])


class Bill(Event):
    """A month is calculated, approved by a second person, and issued, without drawing the PDFs."""

    do = "bill"

    month: WholeMonth

    def play(self, stage: Stage) -> None:
        try:
            run = begin(stage.service.provider, self.month, stage.today, stage.staff, sends_mail=False)
        except ValidationError as refused:
            if refused.code in _NOTHING_LEFT:
                return
            raise
        calculated = calculate(run)
        _ensure_billable(calculated.preview["problems"])
        if calculated.status != BillingRun.Status.CALCULATED or not calculated.issues_something:
            return
        approve(submit(calculated, stage.staff), stage.second)
        advance_run(run.pk, "life", lambda chunk: None)
        run = _finished_undrawn(run)
        _ensure_billable(run.problems)


def _finished_undrawn(run: BillingRun) -> BillingRun:
    """The run as it is once its PDFs are drawn, which no life asks for."""
    Invoice.objects.filter(run=run, pdf="").update(pdf=_UNDRAWN)
    for chunk in run.chunks.all():
        close_chunk(chunk)
    return settle(run)


def _ensure_billable(problems: list[dict[str, Any]]) -> None:
    if problems:
        raise ValidationError([problem["reason"] for problem in problems])


class Return(Event):
    """Staff return part of what an invoice charged."""

    do = "return"

    month: WholeMonth
    net: Yen
    reason: str

    def play(self, stage: Stage) -> None:
        invoice = stage.invoice(self.month)
        amounts: dict[int, int] = {}
        left = self.net
        for place, line in enumerate(invoice.document["lines"]):
            part = min(left, max(0, line["amount"]))
            if part:
                amounts[place] = part
            left -= part
        if left:
            raise ValidationError("The invoice does not charge as much as is to be returned.")
        stage.decided(RETURN, ReturnData(invoice=invoice.pk, amounts=amounts, reason=self.reason))


class Reissue(Event):
    """Staff cancel a month's invoice, and issue it again as the facts are by now."""

    do = "reissue"

    month: WholeMonth
    reason: str

    def play(self, stage: Stage) -> None:
        invoice = stage.invoice(self.month)
        stage.decided(REISSUE, CorrectionData(invoice=invoice.pk, reason=self.reason))


class Surcharge(Event):
    """Staff charge the surcharge on a fee that was evaded."""

    do = "surcharge"

    evaded: Yen

    def play(self, stage: Stage) -> None:
        wanted = SurchargeData(contract=stage.contract.number, evaded_net=self.evaded, reason=TEXT)
        stage.decided(SURCHARGE, wanted)


class ChargeCosts(Event):
    """Staff charge costs that the customer bears, in yen without tax, on a ground of the terms."""

    do = "costs"

    ground: str
    amount: Yen
    on: Day
    due: Day | None = None

    def play(self, stage: Stage) -> None:
        wanted = CostsData(
            contract=stage.contract.number,
            ground=self.ground,
            arose_on=self.on,
            net=self.amount,
            due_on=self.due,
            reason=TEXT,
        )
        stage.decided(COSTS, wanted)

"""Money that comes in: transfers, direct debits, deposits."""

from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError

from billing.approvals.deposit_requests import DEPOSIT_REQUEST, DepositRequestData
from billing.approvals.deposit_uses import DEPOSIT_USE, DepositUseData
from billing.approvals.direct_debits import DIRECT_DEBIT, DirectDebitData
from billing.documents.bank_files.direct_debit import Debit as DebitLine
from billing.documents.bank_files.direct_debit import DebitFile, read_debits, write_debits
from billing.models import BankTransaction, Deposit, DirectDebitBatch, DirectDebitLine, Invoice
from billing.receivables.allocation import allocate
from billing.receivables.bank.imports import import_file
from billing.receivables.deposits import receive_deposit
from billing.receivables.direct_debits import request_file, take_results
from billing.receivables.open_items import open_invoices
from contracts.rules.calendar.period import JAPAN, Month
from contracts.rules.examples.given import Day, WholeMonth, Yen
from portal.lives.events.event import Event
from portal.lives.stage import Stage

_RESULTS = DirectDebitLine.Result


class Pay(Event):
    """A bank transfer comes in: for a month's invoice, or for what is due first; the rest is credit."""

    do = "pay"

    amount: Yen
    on: Day
    month: WholeMonth | None = None

    def play(self, stage: Stage) -> None:
        parts: dict[str, int] = {}
        left = self.amount
        for invoice in self._meant(stage):
            part = min(left, invoice.open_amount)
            if part:
                parts[invoice.number] = part
            left -= part
        allocate(self._came_in(stage), parts, stage.contract.organisation, stage.staff)

    def _meant(self, stage: Stage) -> list[Invoice]:
        if self.month:
            return [stage.invoice(self.month)]
        return list(open_invoices(Invoice.objects.filter(contract=stage.contract)))

    def _came_in(self, stage: Stage) -> BankTransaction:
        """The entry of the bank, taken in from its file."""
        file = f"day,payer,amount\n{self.on:%Y/%m/%d},LIFE {stage.now.isoformat()},{self.amount}\n"
        imported = import_file(stage.account, "statement.csv", file.encode(), stage.staff)
        return imported.transactions.get()


class Debit(Event):
    """What is due by direct debit was asked for in time, and the bank says what it collected."""

    do = "debit"

    on: Day
    failed: tuple[WholeMonth, ...] = ()

    def play(self, stage: Stage) -> None:
        with stage.at(datetime.combine(self.on - timedelta(days=1), time(9), JAPAN)):
            stage.decided(DIRECT_DEBIT, DirectDebitData(account=stage.account.pk, debit_on=self.on))
        batch = DirectDebitBatch.objects.latest("pk")
        take_results(batch, self._answer(batch), stage.staff)

    def _answer(self, batch: DirectDebitBatch) -> bytes:
        asked = read_debits(request_file(batch), with_results=False)
        lines = batch.lines.select_related("invoice").order_by("sequence")
        debits = tuple(
            DebitLine(**{**vars(debit), "result": self._result(Month.of(line.invoice.month))})
            for debit, line in zip(asked.debits, lines, strict=True)
        )
        return write_debits(DebitFile(**{**vars(asked), "debits": debits}), with_results=True)

    def _result(self, month: Month) -> str:
        return (_RESULTS.FUNDS if month in self.failed else _RESULTS.DONE).value


class AskDeposit(Event):
    """The provider asks for a deposit."""

    do = "ask_deposit"

    amount: Yen
    pay_by: Day

    def play(self, stage: Stage) -> None:
        wanted = DepositRequestData(contract=stage.contract.number, amount=self.amount, pay_by=self.pay_by)
        stage.decided(DEPOSIT_REQUEST, wanted)


def _deposit(stage: Stage) -> Deposit:
    found = Deposit.objects.filter(
        contract=stage.contract, returned_on__isnull=True, used_up_on__isnull=True
    ).first()
    if found is None:
        raise ValidationError("There is no deposit.")
    return found


class ReceiveDeposit(Event):
    """The deposit comes in whole."""

    do = "receive_deposit"

    on: Day

    def play(self, stage: Stage) -> None:
        deposit = _deposit(stage)
        receive_deposit(deposit, self.on, f"life-deposit-{deposit.pk}", stage.staff)


class UseDeposit(Event):
    """What is held is set against what is open of an overdue invoice."""

    do = "use_deposit"

    month: WholeMonth

    def play(self, stage: Stage) -> None:
        wanted = DepositUseData(deposit=_deposit(stage).pk, invoice=stage.invoice(self.month).pk)
        stage.decided(DEPOSIT_USE, wanted)

"""Use that the old system has not invoiced, and the months that it has."""

from datetime import date
from typing import cast

from billing.differences.elsewhere import note_invoiced_elsewhere
from billing.models import UsageImport, UsageRecord
from billing.pricing.usage_rows import ReadRow, Refusal, UsageChecks
from contracts.extensions.takeover import Bringing, Line
from contracts.models import Contract
from contracts.rules.calendar.period import Month, japan_date
from contracts.takeover.known import product_named


def note_elsewhere(contract: Contract, bringing: Bringing) -> None:
    """Let the months that the old system invoiced count as charged.

    Where charging began in a month that is over, it has to be said: else the portal would charge it all anew.
    """
    line, today = bringing.first, japan_date(bringing.at)
    through, billed_from = line["invoiced_through"], contract.billed_from_on
    if through is None:
        if billed_from and Month.of(billed_from) < Month.of(today):
            bringing.refuse(line, "invoiced_through", "invoiced_through_missing", day=billed_from)
        return
    if billed_from and through < billed_from:
        bringing.refuse(line, "invoiced_through", "invoiced_before_charged", day=through, start=billed_from)
        return
    reason = f"{bringing.takeover.file_name}: {line['old_number']}"
    bringing.attempt(
        line, lambda: note_invoiced_elsewhere(contract, through, reason, bringing.staff, bringing.at)
    )


def bring_usage(contract: Contract, bringing: Bringing) -> None:
    """Store use that waits to be charged, by the checks of imported use; what was invoiced may be older."""
    lines = [line for line in bringing.of("usage") if _is_whole(line)]
    if not lines or bringing.problems:
        return
    rows = [(line, _read(contract, bringing, line)) for line in lines]
    checks = UsageChecks([row for _line, row in rows], Contract.objects.filter(pk=contract.pk))
    records: list[UsageRecord] = []
    for line, row in rows:
        for refusal in checks.problems(row):
            if refusal != Refusal.INVOICED_ELSEWHERE:
                bringing.refuse(line, "", "as_said", text=refusal.label)
        checks.taken(row)
        records.append(
            UsageRecord(
                contract=contract,
                product=row.product,
                month=line["month"].first,
                quantity=line["quantity"],
                occurred_on=cast(date, row.occurred_on),
                reference=row.reference,
            )
        )
    if bringing.problems:
        return
    imported, _created = UsageImport.objects.get_or_create(
        file_hash=bringing.takeover.file_hash,
        imported_at=bringing.at,
        defaults={"file_name": bringing.takeover.file_name, "imported_by": bringing.staff},
    )
    for record in records:
        record.imported = imported
    UsageRecord.objects.bulk_create(records)
    imported.taken += len(records)
    imported.save(update_fields=["taken"])


def _is_whole(line: Line) -> bool:
    return None not in (line["product"], line["month"], line["quantity"], line["reference"])


def _read(contract: Contract, bringing: Bringing, line: Line) -> ReadRow:
    month: Month = line["month"]
    policy = bringing.books.governing(contract, japan_date(bringing.at)).policy
    product = product_named(policy, line["product"])
    row = ReadRow(
        reference=line["reference"],
        contract=contract.number,
        product=product.key if product else line["product"],
        month=month,
        quantity=line["quantity"],
        occurred_on=line["occurred_on"] or min(month.last, japan_date(bringing.at)),
    )
    if month > Month.of(japan_date(bringing.at)):
        row.problems.append(Refusal.MONTH_TO_COME)
    elif Month.of(row.occurred_on or month.last) != month:
        row.problems.append(Refusal.DAY_OUTSIDE_MONTH)
    return row

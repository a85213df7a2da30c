"""What the demonstration charges besides monthly fees: usage from files; and an amount that is returned."""

from datetime import datetime

from tablib import Dataset

from billing.approvals.returns import RETURN, ReturnData
from billing.models import Invoice
from billing.pricing.usage import import_usage
from billing.pricing.usage_rows import COLUMNS
from contracts.models import Contract, TermsVersion
from contracts.rules.calendar.period import Month, japan_date
from portal.demo.approving import decided_by_two
from portal.organisations.models import User

MONTHS = 5


def import_usage_files(now: datetime, staff: User) -> None:
    """A file of usage for each of the last closed months; a row of the last names a contract that is none."""
    last = Month.of(japan_date(now)) + -1
    for months_before in range(MONTHS - 1, -1, -1):
        month = last + -months_before
        dataset = Dataset(headers=list(COLUMNS))
        for contract in Contract.objects.charged_in(month).select_related("service"):
            version = TermsVersion.objects.in_force(contract.service, month.last)
            products = version.policy.products if version else ()
            for place, product in enumerate(product for product in products if product.kind == "usage"):
                quantity = (contract.pk * 7919 + month.month * 613) % 9000 // (place * 8 + 1) + 120
                reference = f"{contract.number}-{month}-{product.key}"
                dataset.append(
                    (reference, contract.number, product.key, str(month), quantity, month.day(28).isoformat())
                )
        if not months_before and len(dataset):
            wrong = list(dataset[0])
            wrong[0], wrong[1] = f"{wrong[0]}-x", "C00-000000"
            dataset.append(wrong)
        if len(dataset):
            import_usage(dataset, f"usage-{month}.csv", staff)


def return_an_amount(staff: User, second: User, now: datetime) -> None:
    """One unit too many was charged on the first invoice that has several: it is returned."""
    for invoice in Invoice.objects.charging().order_by("pk"):
        for place, line in enumerate(invoice.document["lines"]):
            if line["quantity"] > 1 and line["unit_price"] > 1:
                wanted = ReturnData(
                    invoice=invoice.pk, amounts={place: line["unit_price"]}, reason="数量の誤り"
                )
                decided_by_two(RETURN, wanted, staff, second, now)
                return

"""What a restore from a backup leaves open in billing: numbers, and runs that were under way.

Each function runs inside the caller's transaction, unless it only reads.
"""

import re

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.invoicing.issuing import series_of
from billing.models import BillingRun, Invoice, InvoiceCounter, InvoiceKind
from contracts.models import Provider
from portal.kept_files import is_kept

Status = BillingRun.Status

_SERIES = re.compile(r"(?P<code>[A-Z0-9]+)-(?P<is_return>R?)(?P<year>[0-9]{4})")


def runs_under_way() -> QuerySet[BillingRun]:
    """The approved runs whose contracts are not all looked at: workers would go on with them."""
    unfinished = BillingRun.objects.filter(status__in=(Status.APPROVED, Status.ISSUING))
    return unfinished.filter(approved_at__isnull=False, issued_at__isnull=True)


def stop_runs() -> list[str]:
    """Have the runs that were under way wait for approval again; gives their names.

    Before its first invoice a run is calculated once more: where that gives something else than its preview,
    as some invoices are there already, it asks for approval of that.
    """
    names = [str(run) for run in runs_under_way().select_related("provider")]
    runs_under_way().update(
        status=Status.PREVIEWED,
        approved_by=None,
        approved_at=None,
        worker="",
        leased_until=None,
        trouble=_(
            "The portal was restored from a backup while this run was under way. Please find out which"
            " invoices had been issued, before you approve it again."
        ),
    )
    return names


def missing_pdfs(newest: int) -> int:
    """How many of so many newest PDFs don't lie among the stored files."""
    invoices = Invoice.objects.exclude(pdf="").order_by("-pk")[:newest]
    return sum(not is_kept(str(invoice.pdf)) for invoice in invoices)


def current_counters() -> dict[str, InvoiceCounter]:
    """The newest counters of each issuer's invoices and returns, by series, such as CD-2026."""
    counters = InvoiceCounter.objects.select_related("provider").order_by("fiscal_year")
    newest = {(counter.provider_id, counter.kind): counter for counter in counters}
    return {series_of(counter.provider, counter): counter for counter in newest.values()}


def counter_of(series: str) -> InvoiceCounter | None:
    """The counter of a series, not stored yet where it gave no number; None where no provider has it."""
    parts = _SERIES.fullmatch(series)
    provider = Provider.issuers.filter(code=parts["code"]).first() if parts else None
    if parts is None or provider is None:
        return None
    kind = InvoiceKind.RETURN if parts["is_return"] else InvoiceKind.INVOICE
    wanted = {"provider": provider, "kind": kind, "fiscal_year": int(parts["year"])}
    return InvoiceCounter.objects.filter(**wanted).first() or InvoiceCounter(**wanted)

"""How time and memory grow with the number of contracts.

Each size is measured in a process of its own, on a database that another one filled: the month is calculated
and stored, then a sample of the PDFs is drawn and stored. Time should grow in proportion, memory not at all.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from measure import QUICK, peak_memory, remark, report
from scene import ISSUE_DAY, contracts, migrate, prepare

SIZES = (400, 1_200) if QUICK else (1_000, 10_000, 100_000)
SAMPLE = 20 if QUICK else 1_000


def main() -> None:
    measured = {}
    for size in SIZES:
        measured[size] = found = _measured(size)
        remark(
            f"{size:,} contracts: {found['stored']:.1f} s to calculate and store, {found['memory']:.0f} MB; "
            f"{SAMPLE} PDFs in {found['drawn']:.1f} s"
        )
    smallest = SIZES[0]
    base = measured[smallest]
    for size, found in measured.items():
        if size != smallest:
            of_smallest = f"{smallest:,} contracts (1.0 is in proportion)"
            each = found["stored"] / size / (base["stored"] / smallest)
            report(f"time_an_invoice_at_{size}", each, of_smallest)
            report(f"time_a_pdf_at_{size}", found["drawn"] / base["drawn"], of_smallest)
            report(
                f"memory_at_{size}", found["memory"] / base["memory"], f"{smallest:,} contracts (1.0 is flat)"
            )


def _measured(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for task in ("fill", "bill"):
            done = subprocess.run(
                [sys.executable, Path(__file__), task, str(size)],
                env={**os.environ, "PORTAL_VAR": folder},
                check=True,
                stdout=subprocess.PIPE,
            )
        taken: dict[str, float] = json.loads(done.stdout)
        return taken


def fill(size: int) -> None:
    migrate(Path(os.environ["PORTAL_VAR"]))
    contracts(size)


def bill(size: int) -> None:
    """Print what it took, as JSON."""
    from billing.invoicing.pdfs import make_pdf
    from billing.models import Invoice
    from billing.runs import bill as runs
    from contracts.models import Provider
    from contracts.rules.calendar.period import Month
    from portal.memory import keep_what_is_loaded

    keep_what_is_loaded()
    start = time.process_time()
    with patch("billing.runs.bill.make_missing_pdfs"):
        result = runs.bill(Provider.objects.get(), Month(2026, 10), ISSUE_DAY)
    stored = time.process_time() - start
    if result.issued != size:
        raise SystemExit(f"{result.issued} invoices were stored instead of {size}")
    start = time.process_time()
    for invoice in Invoice.objects.select_related("provider").order_by("sequence")[:SAMPLE].iterator():
        make_pdf(invoice)
    drawn = time.process_time() - start
    sys.stdout.write(json.dumps({"stored": stored, "drawn": drawn, "memory": peak_memory()}))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        prepare()
        {"fill": fill, "bill": bill}[sys.argv[1]](int(sys.argv[2]))
    else:
        main()

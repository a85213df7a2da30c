"""All benchmarks, one after the other. Usage: python benchmarks/run.py; with QUICK=1 in under a minute."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
BENCHMARKS = (
    "store_invoices.py",
    "compare_charges.py",
    "take_over.py",
    "draw_pdfs.py",
    "grow.py",
    "hand_out.py",
    "hand_over_mails.py",
    "find.py",
    "compare_terms.py",
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as template:
        migrate = [sys.executable, str(FOLDER.parent / "manage.py"), "migrate", "--verbosity", "0"]
        subprocess.run(migrate, env={**os.environ, "PORTAL_VAR": template}, check=True)
        for name in BENCHMARKS:
            environment = {**os.environ, "BENCH_TEMPLATE": template}
            subprocess.run([sys.executable, FOLDER / name], env=environment, check=True)


if __name__ == "__main__":
    main()

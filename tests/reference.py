"""Reference files: what others publish and tests read. They are no part of the project.

`PORTAL_REFERENCE` names the folder in which they lie; set to nothing, there is none. Where it is not set,
`../shared` beside the checkout is taken, if there is one. Tests that read these files carry the mark
`reference`. Without a folder they are left out, and the end of the run says how many; in a folder that lacks
a file they fail.

seeds/000_*.txt …           terms of five services, as published; 003 compares two versions
worked-examples/SLUG.json   questions about these terms, each with its answer
lives/SLUG.json             whole lives of contracts under these terms, each with what must be true at the end
review/inputs/*             texts and files as people met them
data/jp-pint/               OpenPeppol's rules of JP PINT (rules/*.xslt), example invoices (examples/*.xml)
"""

import os
from pathlib import Path

import pytest
from django.conf import settings

SOURCES = "terms as their providers published them, worked examples of these, OpenPeppol's rules of JP PINT"


def find_folder(named: str | None, beside: Path) -> Path | None:
    """The folder that is named, or what lies beside the checkout; None where there is none."""
    if named is not None:
        return Path(named).absolute() if named else None
    return beside if beside.is_dir() else None


FOLDER = find_folder(os.environ.get("PORTAL_REFERENCE"), settings.BASE_DIR.parent / "shared")


def reference_file(pattern: str) -> Path:
    """The one file of the folder that the pattern names; the test fails where it is missing."""
    if FOLDER is None:
        pytest.fail(
            f"no reference folder, so no {pattern}: the test lacks the mark `reference`", pytrace=False
        )
    found = list(FOLDER.glob(pattern))
    if len(found) != 1:
        pytest.fail(f"{FOLDER / pattern}: {len(found)} reference files instead of one", pytrace=False)
    return found[0]

"""Every version of the catalog's terms, with the days on which the provider is closed."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from contracts.rules.rulebook import Rulebook
from tests.catalog_policies import policy_of

CATALOG = Path(__file__).resolve().parents[2] / "contracts" / "catalog"
POLICIES = sorted(path for path in CATALOG.glob("*/*.toml") if path.name != "service.toml")
CLOSURES = frozenset({date(2027, 6, 30), date(2028, 8, 14), date(2026, 11, 30)})

every_policy = pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name} {path.stem}")


@cache
def book(path: Path) -> Rulebook:
    return Rulebook(policy_of(path), CLOSURES)

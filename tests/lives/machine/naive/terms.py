"""The terms and prices of a service as their files state them: plain data."""

import csv
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

RULES = Path(__file__).parents[4] / "contracts" / "rules"
CATALOG = Path(__file__).parents[4] / "contracts" / "catalog"
MONTHLY = ("base", "option", "extra")


@cache
def national_holidays() -> frozenset[date]:
    with (RULES / "calendar" / "holidays.csv").open(encoding="utf-8") as rows:
        return frozenset(date.fromisoformat(row["day"]) for row in csv.DictReader(rows))


class Terms:
    """All versions of a service's policy and all its price lists, by the days from which they hold."""

    def __init__(self, slug: str) -> None:
        files = [file for file in (CATALOG / slug).glob("*.toml") if file.name != "service.toml"]
        policies = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
        self.versions = sorted(((one["effective"]["on"], one) for one in policies), key=lambda one: one[0])
        lists = [
            tomllib.loads(file.read_text(encoding="utf-8"))
            for file in (CATALOG / slug / "prices").glob("*.toml")
        ]
        self.prices = sorted(
            ((one["effective_on"], {price["product"]: price for price in one["prices"]}) for one in lists),
            key=lambda one: one[0],
        )

    def on(self, day: date) -> dict[str, Any]:
        """The policy in force on a day."""
        return [policy for since, policy in self.versions if since <= day][-1]

    def products(self, day: date) -> dict[str, dict[str, Any]]:
        return {product["key"]: product for product in self.on(day)["products"]}


@cache
def terms_of(slug: str) -> Terms:
    return Terms(slug)

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


def _complete(policy: dict[str, Any], rules: dict[str, Any]) -> None:
    """Put what an agent's rules say where the terms leave it to them."""
    for name, value in rules.items():
        if isinstance(value, dict) and isinstance(policy.get(name), dict):
            _complete(policy[name], value)
        else:
            policy.setdefault(name, value)


class Terms:
    """All versions of a service's policy and all its price lists, by the days from which they hold."""

    def __init__(self, slug: str) -> None:
        files = [file for file in (CATALOG / slug).glob("*.toml") if file.name != "service.toml"]
        agents = tomllib.loads((CATALOG / slug / "service.toml").read_text(encoding="utf-8")).get(
            "agents", []
        )
        home = CATALOG / slug / "agents" / agents[0] if agents else CATALOG / slug
        policies = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
        if agents:
            rules = next(file for file in home.glob("*.toml") if file.name != "agent.toml")
            for policy in policies:
                _complete(policy, tomllib.loads(rules.read_text(encoding="utf-8")))
        self.versions = sorted(((one["effective"]["on"], one) for one in policies), key=lambda one: one[0])
        lists = [tomllib.loads(file.read_text(encoding="utf-8")) for file in (home / "prices").glob("*.toml")]
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

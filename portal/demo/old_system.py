"""An old system of the demonstration: files of its running contracts, for staff to bring in.

A workbook for each provider, beside the logins. A few of its rows do not fit the terms, so that the dry run
has something to say. Their customers are in the portal already.
"""

import random
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from contracts.models import Service
from contracts.policies.rulebooks import version_in_force
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.policy.base import Strict
from portal.formats.workbooks import written_book
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation

_LONGEST_AGO, _SHORTEST_AGO = 36, 4
"""Months since the contracts were formed."""
Line = dict[str, Any]
Sheets = dict[str, list[Line]]


class OldService(Strict):
    """The contracts of a service: how many, and the most of each product that one holds."""

    slug: str
    contracts: int
    products: dict[str, int]
    usage: str = ""
    debit: bool = False


class OldSystem(Strict):
    customers: int
    places: tuple[str, ...]
    trades: tuple[str, ...]
    services: tuple[OldService, ...]


def old_system_folder() -> Path:
    return Path(settings.VAR_DIR) / "demo-old-system"


def write_old_system(now: datetime) -> None:
    """Store the files, and make their customers known."""
    told = (Path(__file__).parent / "old_system.toml").read_text(encoding="utf-8")
    system = OldSystem.model_validate(tomllib.loads(told))
    customers = [_customer(name, place) for place, name in enumerate(_names(system), 1)]
    folder = old_system_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for code, sheets in _files(system, customers, japan_date(now)).items():
        tables = {name: _table(lines) for name, lines in sheets.items() if lines}
        (folder / f"{code}-contracts.xlsx").write_bytes(written_book(tables))


def _names(system: OldSystem) -> Iterator[str]:
    names = (f"{place}{trade}株式会社" for trade in system.trades for place in system.places)
    yield from list(names)[: system.customers]


def _customer(name: str, place: int) -> Organisation:
    known = Organisation.objects.filter(name=name).first()
    if known:
        return known
    email = f"soumu{place}@old-customer.example"
    owner = User.objects.create_user(email, None, display_name=f"{name[:2]} 担当")
    details = OrganisationDetails(
        name=name,
        kana="",
        postal_code="100-0001",
        address=f"東京都千代田区千代田9-9-{place}",
        phone=f"03-0000-{place:04}",
        invoice_email=email,
    )
    return create_organisation(owner, details)


def _files(system: OldSystem, customers: Sequence[Organisation], today: date) -> dict[str, Sheets]:
    """The lines by sheet, by the code of the provider."""
    chance = random.Random(2026)  # noqa: S311 (an old system, not a secret)
    files: dict[str, Sheets] = defaultdict(lambda: defaultdict(list))
    number = 0
    for told in system.services:
        service = Service.objects.select_related("provider").get(slug=told.slug)
        for _place in range(told.contracts):
            number += 1
            customer = customers[number % len(customers)]
            _add(files[service.provider.code], service, told, f"OLD-{number:04}", customer, today, chance)
    return files


def _add(
    sheets: Sheets,
    service: Service,
    told: OldService,
    number: str,
    customer: Organisation,
    today: date,
    chance: random.Random,
) -> None:
    month = Month.of(today) + -chance.randint(_SHORTEST_AGO, _LONGEST_AGO)
    formed_on = month.day(chance.randint(1, 28))
    version = version_in_force(service, formed_on)
    at_once = version is not None and version.policy.formation.service_start.rule == "formation_date"
    starts_on = formed_on if at_once else (month + 1).first
    debit = told.debit and chance.random() < 0.3
    sheets["契約"].append(
        {
            "旧契約番号": number,
            "サービス": service.names["ja"],
            "顧客名": customer.name,
            "成立日": formed_on,
            "利用開始日": starts_on,
            "支払方法": "口座振替" if debit else "振込",
            "請求済み期間の末日": (Month.of(today) + -1).last,
        }
    )
    for place, (product, most) in enumerate(told.products.items()):
        if place == 0 or chance.random() < 0.5:
            sheets["品目"].append({"旧契約番号": number, "品目": product, "数量": chance.randint(1, most)})
    _add_money(sheets, told, number, today, chance)
    _spoil(sheets, int(number[-4:]), today)


def _add_money(sheets: Sheets, told: OldService, number: str, today: date, chance: random.Random) -> None:
    before = Month.of(today) + -2
    if chance.random() < 0.15:
        amount = chance.randint(3, 40) * 1100
        sheets["未収"].append(
            {
                "旧契約番号": number,
                "書類番号": f"S{before.first:%y%m}-{number[-4:]}",
                "発行日": (before + 1).day(5),
                "支払期日": (before + 1).last,
                "請求額": amount,
                "未収額": amount,
                "請求月": str(before),
            }
        )
    if chance.random() < 0.05:
        sheets["預り金"].append(
            {"旧契約番号": number, "書類番号": f"N-{number}", "発生日": before.last, "金額": 1100}
        )
    if chance.random() < 0.05:
        sheets["保証金"].append(
            {"旧契約番号": number, "金額": 50_000, "受領日": before.first - timedelta(days=60)}
        )
    if told.usage and chance.random() < 0.5:
        sheets["未請求利用"].append(
            {
                "旧契約番号": number,
                "品目": told.usage,
                "利用月": str(Month.of(today) + -1),
                "数量": chance.randint(100, 9000),
                "明細番号": f"OLD-CALLS-{number}",
            }
        )


def _spoil(sheets: Sheets, number: int, today: date) -> None:
    """A few rows as old systems have them: the dry run says what does not fit."""
    contract, product = sheets["契約"][-1], sheets["品目"][-1]
    match number % 50:
        case 7:
            product["品目"] = "旧プラン"
        case 19:
            contract["課金開始日"] = contract["成立日"] - timedelta(days=40)
        case 31:
            contract["現契約期間満了日"] = today + timedelta(days=400)
        case 43:
            contract["顧客名"] = "登録のない株式会社"


def _table(lines: Sequence[Line]) -> list[list[Any]]:
    headings = list(dict.fromkeys(heading for line in lines for heading in line))
    return [headings, *([line.get(heading) for heading in headings] for line in lines)]

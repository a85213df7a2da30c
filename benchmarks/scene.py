"""A provider with many contracts, in a database and a folder of the benchmark's own."""

import os
import random
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
START = date(2026, 4, 1)
ISSUE_DAY = date(2026, 11, 10)
_BATCH = 2000
_TRADES = ("商事", "製作所", "運輸", "食品", "建設", "電機", "薬局", "不動産", "印刷", "情報システム")
_PLACES = ("東京都港区芝公園", "大阪府大阪市北区梅田", "愛知県名古屋市中区栄", "福岡県福岡市博多区博多駅前")
_NAMES = ("みなと", "山田", "鈴木", "青葉", "東海", "さくら", "北陸", "瀬戸内", "日本見本", "令和")


@contextmanager
def portal() -> Iterator[None]:
    """A portal with an empty database, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ["PORTAL_VAR"] = folder
        prepare()
        migrate(Path(folder))
        yield


def migrate(folder: Path) -> None:
    """Make the tables of an empty portal; they are copied from BENCH_TEMPLATE where that names a folder."""
    template = os.environ.get("BENCH_TEMPLATE")
    if template:
        shutil.copytree(template, folder, dirs_exist_ok=True)
    else:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)


def prepare() -> None:
    """Make the project's modules usable."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()


def contracts(count: int, seed: int = 1) -> None:
    """Contracts of one service with two to five items, each of an organisation of its own."""
    from contracts.models import Application, Contract, ContractItem
    from portal.organisations.models import Organisation, User
    from tests.billing_scene import load_priced_service

    chance = random.Random(seed)
    service = load_priced_service("ct-e1")
    version = service.versions.latest("effective_on")
    user = User.objects.create_user("bench@example.jp", None, display_name="計測 太郎")
    moment = datetime(2026, 3, 20, tzinfo=UTC)
    for start in range(0, count, _BATCH):
        places = range(start, min(start + _BATCH, count))
        organisations = Organisation.objects.bulk_create(_organisation(place, chance) for place in places)
        applications = Application.objects.bulk_create(
            Application(
                number=f"A26-{place:07}",
                service=service,
                terms_version=version,
                organisation=organisation,
                applicant=user,
                status=Application.Status.ACCEPTED,
                submitted_at=moment,
                submission_key=uuid.UUID(int=chance.getrandbits(128)),
                payment_method="transfer",
            )
            for place, organisation in zip(places, organisations, strict=True)
        )
        made = Contract.objects.bulk_create(
            Contract(
                number=f"C26-{place:07}",
                service=service,
                organisation=application.organisation,
                application=application,
                contracted_version=version,
                payment_method="transfer",
                applied_at=moment,
                formed_on=START,
                service_starts_on=START,
                billed_from_on=START,
            )
            for place, application in zip(places, applications, strict=True)
        )
        ContractItem.objects.bulk_create(
            ContractItem(
                contract=contract, product=product, quantity=quantity, starts_on=START, billed_from_on=START
            )
            for contract in made
            for product, quantity in _items(chance)
        )


def _organisation(place: int, chance: random.Random) -> Any:
    from portal.organisations.models import Organisation

    name = f"株式会社{chance.choice(_NAMES)}{chance.choice(_TRADES)}"
    return Organisation(
        name=name if place % 10 else f"{name} 第{place}営業所統括本部",
        postal_code=f"{chance.randrange(100, 999)}-{chance.randrange(10000):04}",
        address=f"{chance.choice(_PLACES)}{chance.randrange(1, 9)}-{chance.randrange(1, 30)}"
        + (f" 見本第{chance.randrange(1, 9)}ビルディング{chance.randrange(2, 40)}階" if place % 3 else ""),
        phone="03-0000-0000",
        invoice_email=f"bench{place}@example.jp",
    )


def _items(chance: random.Random) -> Iterator[tuple[str, int]]:
    yield "line", chance.randrange(1, 4)
    yield "seat", chance.randrange(1, 300)
    for product in ("admin", "recording-16h", "number-additional"):
        if chance.random() < 0.5:
            yield product, chance.randrange(1, 20)

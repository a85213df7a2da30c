"""How long a search takes with few and with many things to be found, in the same run.

Organisations with their entries, and the entries of a contract and an invoice of each. Figures are ratios of
the time with many to the time with few, searched as by staff of all providers. On PostgreSQL:
`scripts/with_postgres.sh python benchmarks/find.py`.
"""

import random
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from measure import QUICK, remark, report, shown
from scene import portal

FEW, MANY = 1_000, 5_000 if QUICK else 100_000
ROUNDS = 3 if QUICK else 15
_AT_ONCE = 5_000
_SURNAMES = ("山田", "鈴木", "佐藤", "高橋", "田中", "伊藤", "渡辺", "中村", "小林", "吉田", "山本", "山口")
_READINGS = (
    "ヤマダ",
    "スズキ",
    "サトウ",
    "タカハシ",
    "タナカ",
    "イトウ",
    "ワタナベ",
    "ナカムラ",
    "コバヤシ",
    "ヨシダ",
)
_TRADES = ("商事", "製作所", "運輸", "食品", "建設", "電機", "薬局", "不動産", "印刷", "情報システム")
_PLACES = ("青葉", "東海", "北陸", "瀬戸内", "日本橋", "博多", "札幌", "仙台", "金沢", "那覇", "松本", "高崎")
SEARCHES = {
    "name_of_two_letters": "山田",
    "name_of_one": "港見本",
    "kana": "やまだ",
    "kana_from_within": "ショウジ",
    "telephone": "03-0000-0777",
    "end_of_a_telephone": "0777",
    "number": "C26-000777",
    "part_of_many_numbers": "2026",
    "amount_of_many": "69,300",
    "two_words": "山田 0777",
    "nothing": "該当なし株式会社",
}


def main() -> None:
    with portal():
        from portal.organisations.models import User

        staff = User(is_staff=True, is_superuser=True)
        _organisation("港見本", "ミナトミホン", "03-1234-5678")
        _fill(0, FEW)
        few = _searched(staff)
        _fill(FEW, MANY)
        many = _searched(staff)
        for name in SEARCHES:
            report(f"find_{name}", many[name] / few[name], f"{FEW:,} organisations; now {MANY:,}")


def _searched(staff: Any) -> dict[str, float]:
    """The median time of each search."""
    taken = {name: _taken(text, staff) for name, text in SEARCHES.items()}
    remark(shown([(name, seconds) for name, (seconds, _queries) in taken.items()]))
    remark(f"at most {max(queries for _seconds, queries in taken.values())} queries")
    return {name: seconds for name, (seconds, _queries) in taken.items()}


def _taken(text: str, staff: Any) -> tuple[float, int]:
    """The median time of a search by the clock, and its number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from portal.search.finding import find

    times = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        find(text, staff, lambda model: True, 5)
        times.append(time.perf_counter() - start)
    with CaptureQueriesContext(connection) as queries:
        find(text, staff, lambda model: True, 5)
    return median(times), len(queries)


def _fill(first: int, last: int) -> None:
    from django.db import connection

    from portal.organisations.models import Organisation
    from portal.search.models import SearchEntry

    chance = random.Random(first)
    for start in range(first, last, _AT_ONCE):
        places = range(start, min(start + _AT_ONCE, last))
        made = Organisation.objects.bulk_create(_stated(place, chance) for place in places)
        _store(entry for place, one in zip(places, made, strict=True) for entry in _entries(place, one))
    remark(f"{Organisation.objects.count():,} organisations, {SearchEntry.objects.count():,} entries")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _store(entries: Iterator[tuple[str, int, str, int]]) -> None:
    """Written by the fastest way that the database has: it is not what is measured."""
    from django.db import connection, transaction

    from portal.search.models import SearchEntry

    columns = "kind, thing, text, organisation_id"
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {SearchEntry._meta.db_table} ({columns}) FROM STDIN") as copy:
                for row in entries:
                    copy.write_row(row)
        else:
            into = f"INSERT INTO {SearchEntry._meta.db_table} ({columns}) VALUES (%s, %s, %s, %s)"  # noqa: S608 (all of it is ours)
            cursor.executemany(into, list(entries))


def _entries(place: int, one: Any) -> Iterator[tuple[str, int, str, int]]:
    """Those of an organisation, of its contract and of its invoice."""
    from portal.search import written
    from portal.search.kinds import kind_of

    own = kind_of(type(one))
    things = (
        (own.key, one.pk, {*own.beginnings(one)} - {""}),
        ("contract", place + 1, {*written.number(f"C26-{place:06}")}),
        ("invoice", place + 1, {*written.number(f"BM-2026-{place:06}"), written.amount(69_300)}),
    )
    for key, thing, texts in things:
        for text in texts:
            yield key, thing, text, one.pk


def _organisation(name: str, kana: str, phone: str) -> None:
    from portal.search.indexing import index

    one = _stated(0, random.Random(0))
    one.name, one.kana, one.phone = name, kana, phone
    one.save()
    index(one)


def _stated(place: int, chance: random.Random) -> Any:
    from portal.organisations.models import Organisation

    which = chance.randrange(len(_READINGS))
    return Organisation(
        name=f"{chance.choice(_PLACES)}{_SURNAMES[which]}{chance.choice(_TRADES)}株式会社",
        kana=f"{_READINGS[which]}{chance.choice(('ショウジ', 'セイサクショ', 'ケンセツ', 'デンキ'))}{place}",
        postal_code="100-0001",
        address="東京都千代田区千代田1-1",
        phone=f"03-{place // 10_000:04}-{place % 10_000:04}",
        invoice_email=f"keiri@customer{place}.example",
    )


if __name__ == "__main__":
    main()

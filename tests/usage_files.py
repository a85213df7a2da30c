"""Files of usage as telephone systems write them, for tests."""

from collections.abc import Iterable

from tablib import Dataset

from billing.pricing.usage_import import JapaneseCSV

HEADINGS = ("明細番号", "契約番号", "品目", "利用月", "金額", "利用日")


def row(reference: str, contract: str = "C26-000001", **changed: object) -> tuple[object, ...]:
    """100 yen of domestic calls in September, but for what is changed."""
    values = {
        "product": "calls-domestic",
        "month": "2026-09",
        "quantity": "100",
        "day": "2026-09-15",
        **changed,
    }
    return (reference, contract, values["product"], values["month"], values["quantity"], values["day"])


def csv_file(rows: Iterable[tuple[object, ...]], encoding: str = "utf-8") -> bytes:
    lines = [",".join(HEADINGS), *(",".join(map(str, values)) for values in rows)]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def usage_file(rows: Iterable[tuple[object, ...]], encoding: str = "utf-8") -> Dataset:
    """The rows as they are read from such a file."""
    return JapaneseCSV().create_dataset(csv_file(rows, encoding))

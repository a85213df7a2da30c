"""Invoices as data, for tests of what is made from them."""

from typing import Any

from billing.documents.invoice_document import FORMAT, InvoiceDocument, Line, RateTotal

NAMES = (
    "外線",
    "座席（1ユーザーライセンスと録音8時間を含む）",
    "管理者",
    "録音容量の追加（16時間）",
    "電話番号（追加分）",
)


def line(number: int, *, rate: str | None = "10", reduced: bool = False, sample: bool = False) -> Line:
    name = NAMES[number % len(NAMES)]
    return {
        "product": f"product-{number}",
        "name": {"ja": name, "en": f"Product {number}"},
        "unit": {"ja": "席", "en": "seat"},
        "quantity": number + 1,
        "included": 0,
        "unit_price": 5000 + 37 * number,
        "amount": (number + 1) * (5000 + 37 * number),
        "rate": rate,
        "reduced": reduced,
        "sample": sample,
        "articles": ["list-1"],
    }


def document(lines: list[Line] | None = None, **changes: Any) -> InvoiceDocument:
    """An invoice whose totals follow from the rates of its lines; the tax is cut off."""
    lines = lines if lines is not None else [line(0)]
    rates: list[RateTotal] = []
    stated = {(item["rate"], item["reduced"]) for item in lines}
    for rate, reduced in sorted(stated, key=lambda one: int(one[0] or 0), reverse=True):
        if amounts := [item["amount"] for item in lines if item["rate"] == rate]:
            net = sum(amounts)
            tax = net * int(rate) // 100 if rate else 0
            rates.append({"rate": rate, "reduced": reduced, "net": net, "tax": tax})
    net, tax = sum(rate["net"] for rate in rates), sum(rate["tax"] for rate in rates)
    plain: InvoiceDocument = {
        "format": FORMAT,
        "kind": "invoice",
        "number": "SMP-2026-000123",
        "issued_on": "2026-11-10",
        "month": "2026-10",
        "period": {"from": "2026-10-01", "to": "2026-10-31"},
        "due_on": "2026-11-30",
        "payment_method": "transfer",
        "inclusive_shown": True,
        "issuer": {
            "name": "株式会社見本コミュニケーションズ",
            "registration_number": "T2990012345678",
            "postal_code": "100-0001",
            "address": "東京都千代田区千代田1-1 見本ビル8階",
            "phone": "03-0000-0001",
            "email": "billing@provider.example",
        },
        "bank_account": {
            "bank": "見本銀行（0000）",
            "branch": "本店営業部（001）",
            "kind": "普通",
            "number": "0012345",
            "holder": "カ）ミホンコミュニケーションズ",
        },
        "recipient": {
            "name": "株式会社みなと商事",
            "corporate_number": "7000012050002",
            "postal_code": "105-0011",
            "address": "東京都港区芝公園4-2-8 みなとビルディング12階",
        },
        "contract": "C-2026-000045",
        "service": {"ja": "クラウド型コンタクトセンター", "en": "Cloud contact centre"},
        "terms_version": "1.0",
        "lines": lines,
        "rates": rates,
        "net": net,
        "tax": tax,
        "gross": net + tax,
        "notes": [
            {"ja": "振込手数料はお客様のご負担でお願いいたします。", "en": "You bear the bank's charges."}
        ],
        "steps": [],
    }
    return {**plain, **changes}  # type: ignore[typeddict-item]


def unregistered(issued: InvoiceDocument) -> InvoiceDocument:
    """The same of a provider without a registration number, but with its corporate number."""
    issuer = {**issued["issuer"], "registration_number": "", "corporate_number": "2990012345678"}
    without: dict[str, Any] = {
        name: [{**stated, "registered": False} if stated["rate"] else stated for stated in issued[name]]
        for name in ("lines", "rates")
    }
    return {**issued, "issuer": issuer, **without}  # type: ignore[typeddict-item]


def partly_registered() -> InvoiceDocument:
    """A line of the month before, when there was no number yet, one of October, and one outside the tax."""
    before = line(1)
    before["name"] = {"ja": "通話料", "en": "Calls"}
    before["registered"] = False
    before["period"] = {"from": "2026-09-01", "to": "2026-09-30"}
    issued = document([line(0), before, line(2, rate=None)])
    registered, outside = issued["rates"]
    own, earlier = line(0)["amount"], before["amount"]
    issued["rates"] = [
        {**registered, "net": own, "tax": own // 10},
        {**registered, "net": earlier, "tax": earlier // 10, "registered": False},
        outside,
    ]
    issued["tax"] = sum(rate["tax"] for rate in issued["rates"])
    issued["gross"] = issued["net"] + issued["tax"]
    return issued


def charged_later(followed: str = "SMP-2026-000100") -> InvoiceDocument:
    """October's fees, and two seats more for September, which that month's invoice did not charge."""
    september = {"from": "2026-09-01", "to": "2026-09-30"}
    later: Line = {**line(1), "period": september, "follows": followed}
    return document([line(0), later])


def returned(original: InvoiceDocument, **changes: Any) -> InvoiceDocument:
    """The return of a whole invoice, ten days after it."""
    lines = [
        {**item, "quantity": -item["quantity"], "included": 0, "amount": -item["amount"]}
        for item in original["lines"]
    ]
    rates = [{**rate, "net": -rate["net"], "tax": -rate["tax"]} for rate in original["rates"]]
    plain = {
        **original,
        "kind": "return",
        "number": "SMP-2026-000124",
        "issued_on": "2026-11-20",
        "period": {"from": "2026-11-20", "to": "2026-11-20"},
        "original": {key: original[key] for key in ("number", "issued_on", "period")},
        "lines": lines,
        "rates": rates,
        **{total: -original[total] for total in ("net", "tax", "gross")},
    }
    return {**plain, **changes}  # type: ignore[typeddict-item]

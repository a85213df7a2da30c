"""The invoice's PDF: everything the document states can be read back from it, and the bytes never vary."""

import io
import re
import subprocess
import sys
import unicodedata

import pdfplumber
import pytest
from django.conf import settings
from django.utils import translation
from weasyprint.urls import FatalURLFetchingError

from billing.documents.invoice_document import InvoiceDocument, as_original
from billing.documents.invoice_pdf import render
from portal.pdf.drawing import own_static_file
from tests.documents.sample_document import (
    charged_later,
    document,
    line,
    partly_registered,
    returned,
    unregistered,
)

MIXED = document(
    [
        line(
            place,
            rate="8" if place % 4 == 2 else None if place == 9 else "10",
            reduced=place % 4 == 2,
            sample=place % 3 == 0,
        )
        for place in range(10)
    ]
)


def pages(issued: InvoiceDocument) -> list[str]:
    with pdfplumber.open(io.BytesIO(render(issued))) as pdf:
        return [plain(page.extract_text()) for page in pdf.pages]


def plain(text: str) -> str:
    """Text in half width without spaces, as extraction puts them anywhere."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_it_states_what_a_qualified_invoice_must():
    (page,) = pages(MIXED)
    for stated in (
        "適格請求書",
        MIXED["number"],
        "2026年11月10日",
        MIXED["recipient"]["name"] + "御中",
        MIXED["issuer"]["name"],
        "登録番号T2990012345678",
        "2026年10月1日~2026年10月31日",
        "2026年11月30日",
        "10%対象",
        "8%対象(軽減税率)",
        "対象外",
        "※は軽減税率(8%)の対象です",
        MIXED["bank_account"]["bank"],
        MIXED["bank_account"]["number"],
        MIXED["bank_account"]["holder"],
        MIXED["notes"][0]["ja"],
    ):
        assert plain(stated) in page


def test_every_number_can_be_read_back():
    (page,) = pages(MIXED)
    for item in MIXED["lines"]:
        marks = "※" * item["reduced"] + "[対象外]" * (item["rate"] is None) + "[見本]" * item["sample"]
        amounts = f"{item['quantity']}{item['unit']['ja']}{item['unit_price']:,}{item['amount']:,}"
        if len(item["name"]["ja"]) < 20 or not marks:
            assert plain(item["name"]["ja"] + marks + amounts) in page
        else:
            assert plain(amounts) in page
    for rate in MIXED["rates"]:
        tax = f"{rate['tax']:,}" if rate["rate"] else "-"
        assert f"{rate['net']:,}{tax}" in page
    assert page.count(f"{MIXED['gross']:,}") == 2
    assert f"(税抜{MIXED['net']:,}円)" in page
    assert f"小計(税抜){MIXED['net']:,}" in page
    assert f"消費税{MIXED['tax']:,}" in page
    assert f"合計(税込){MIXED['gross']:,}円" in page


def test_an_export_is_named_apart_from_what_is_outside_the_tax():
    (page,) = pages(document([line(0), {**line(2, rate=None), "exported": True}, line(5, rate=None)]))
    for number, label in ((2, "輸出免税"), (5, "対象外")):
        amount = f"{line(number)['amount']:,}"
        assert f"[{label}]" in page
        assert f"{label}{amount}-" in page


def test_amounts_without_tax_are_shown_in_brackets_only_where_the_policy_says_so():
    (page,) = pages(document(inclusive_shown=False))
    assert "円)" not in page


def test_direct_debit_needs_no_bank_account():
    (page,) = pages(document(payment_method="debit"))
    assert "口座振替" in page
    assert "お振込先" not in page


def test_many_lines_run_over_pages_with_their_heading():
    issued = document([line(place) for place in range(60)])
    all_pages = pages(issued)
    assert len(all_pages) == 3
    for number, page in enumerate(all_pages, 1):
        assert "品目数量単位単価(税抜)金額(税抜)" in page
        assert page.endswith(f"{number}/3")
    together = "".join(all_pages)
    for item in issued["lines"]:
        assert f"{item['quantity']}席{item['unit_price']:,}{item['amount']:,}" in together


def test_hundreds_of_lines_are_all_there_in_order():
    issued = document([line(place) for place in range(400)])
    all_pages = pages(issued)
    together = "".join(all_pages)
    places = [
        together.find(f"{item['quantity']:,}席{item['unit_price']:,}{item['amount']:,}")
        for item in issued["lines"]
    ]
    assert -1 not in places
    assert places == sorted(places)
    assert all_pages[-1].endswith(f"{len(all_pages)}/{len(all_pages)}")
    assert f"合計(税込){issued['gross']:,}円" in all_pages[-1]


def test_a_return_states_what_it_returns_of_which_invoice():
    original = document([line(0), line(1, rate="8", reduced=True)])
    issued = returned(original, reason="過請求のため")
    (page,) = pages(issued)
    page = page.replace("−", "-")
    for stated in (
        "適格返還請求書",
        issued["number"],
        original["number"],
        "2026年11月10日",
        "2026年10月1日~2026年10月31日",
        "返還年月日2026年11月20日",
        "返還の理由:過請求のため",
        f"小計(税抜){issued['net']:,}",
        f"消費税{issued['tax']:,}",
        f"合計(税込){issued['gross']:,}円",
    ):
        assert plain(stated) in page
    for item in issued["lines"]:
        assert f"{item['quantity']:,}席{item['unit_price']:,}{item['amount']:,}" in page
    for rate in issued["rates"]:
        assert f"{rate['net']:,}{rate['tax']:,}" in page
    assert "お振込先" not in page
    assert "お支払期日" not in page


@pytest.mark.parametrize("issued", [unregistered(MIXED), returned(unregistered(MIXED))])
def test_without_a_registration_number_nothing_looks_like_a_qualified_invoice(issued):
    (page,) = pages(issued)
    assert "適格" not in page
    assert "登録番号" not in page
    assert f"合計(税込){issued['gross']:,}円" in page.replace("−", "-")


def test_what_was_supplied_without_a_number_stands_apart():
    issued = partly_registered()
    (page,) = pages(issued)
    first, second = (rate["net"] for rate in issued["rates"][:2])
    assert f"10%対象{first:,}" in page
    assert f"10%対象(番号なし){second:,}" in page
    assert "2026年9月の利用分" in page
    assert page.count("番号なし]") == 2  # at its line, and where that is explained
    assert "登録番号T2990012345678" in page


def test_two_rates_after_a_change_stand_one_below_the_other():
    (page,) = pages(document([line(0), {**line(1), "rate": "12"}, line(2, rate="9", reduced=True)]))
    assert "12%対象" in page
    assert "※は軽減税率(9%)の対象です" in page


def test_a_reissued_invoice_states_which_it_replaces():
    old = document(number="SMP-2026-000001")
    (page,) = pages(document(original=as_original(old)))
    assert plain("取り消した請求書 SMP-2026-000001（2026年11月10日発行）に代わる請求書です") in page


def test_special_prices_and_other_months_are_marked():
    september = {"from": "2026-09-01", "to": "2026-09-30"}
    marked = [{**line(0), "special": True}, {**line(1), "period": september}]
    (page,) = pages(document(marked))
    assert "特別価格" in page
    assert "2026年9月の利用分" in page


def test_one_off_amounts_cite_their_articles_and_are_no_use_of_a_month():
    month = {"from": "2026-09-01", "to": "2026-09-30"}
    cited = {"ja": "第26条", "en": "Art. 26"}
    interest = {**line(0), "adjustment": "late-interest", "cited": cited, "period": month}
    (page,) = pages(document([interest]))
    assert "約款第26条" in page
    assert "利用分" not in page
    (page,) = pages(document([{**line(0), "adjustment": "outage-credit", "cited": cited, "period": month}]))
    assert "2026年9月の利用分" in page


def test_a_later_charge_names_its_month_and_the_invoice_that_it_follows():
    (page,) = pages(charged_later("SMP-2026-000100"))
    assert page.index("2026年9月の利用分") < page.index(plain("請求書 SMP-2026-000100 への追加請求"))
    assert "追加請求" not in pages(returned(charged_later()))[0]


def test_a_return_that_corrects_says_so():
    (page,) = pages(returned(document(), corrects=True, reason="請求額を下回るため"))
    assert plain("ご請求した金額を訂正し、下記のとおり差額を返還いたします。") in page
    assert plain("返還の理由：請求額を下回るため") in page


def test_long_names_stay_whole_and_within_the_page():
    name = "国立研究開発法人見本先端情報通信技術総合研究推進機構 関西支部"
    item = line(0)
    item["name"] = {"ja": "国際電話通話料（アメリカ合衆国・カナダ・メキシコ向け、深夜割引適用後）", "en": ""}
    issued = document([item], recipient={**document()["recipient"], "name": name})
    with pdfplumber.open(io.BytesIO(render(issued))) as pdf:
        (page,) = pdf.pages
        text = plain(page.extract_text())
        assert all(char["x0"] > 0 and char["x1"] < page.width for char in page.chars)
    assert "深夜割引適用後" in text
    assert plain("関西支部御中") in text


def test_markup_in_names_is_text():
    issued = document(recipient={**document()["recipient"], "name": "<b>A&B</b>商事"})
    assert "<b>A&B</b>商事御中" in pages(issued)[0]


def test_the_same_document_gives_the_same_bytes_in_any_language():
    japanese = render(MIXED)
    with translation.override("en"):
        assert render(MIXED) == japanese


def test_the_same_document_gives_the_same_bytes_in_another_process():
    code = """
import django, hashlib
django.setup()
from billing.documents.invoice_pdf import render
from tests.documents.sample_document import document
print(hashlib.sha256(render(document())).hexdigest())
"""
    environment = {"DJANGO_SETTINGS_MODULE": "portal.settings", "PYTHONHASHSEED": "7"}
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    }
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "url",
    ["static:/../portal/settings.py", "static:/fonts", "file:///etc/passwd", "https://example.com/x.png"],
)
def test_nothing_but_our_own_static_files_is_read(url):
    with pytest.raises(FatalURLFetchingError):
        own_static_file(url)

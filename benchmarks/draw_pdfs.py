"""How fast invoices become PDFs, beside plain WeasyPrint and beside ReportLab's platypus.

Plain WeasyPrint is used the obvious way: the page and its style sheet in one text, with Noto Sans CJK from
the system, `HTML(string=…).write_pdf()`. It makes neither PDF/A nor tags, and embeds no e-invoice; ours does
all that. The invoices have ten lines and differ in names, addresses and amounts.
"""

import random
import re
import time
from collections.abc import Callable
from io import BytesIO
from statistics import median
from typing import Any

from measure import QUICK, remark, report, seconds_each, shown
from scene import ROOT, prepare

ROUNDS = 3 if QUICK else 25
MANY = 50 if QUICK else 1200
LINES = 10
CLOSE = 0.01  # points
NAMES = ("みなと商事", "山田製作所", "青葉運輸サービス", "東海食品販売", "さくら情報システム", "瀬戸内不動産")
PLACES = ("東京都港区芝公園", "大阪府大阪市北区梅田", "愛知県名古屋市中区栄", "福岡県福岡市博多区博多駅前")


def invoices(count: int, *, mixed: bool = False) -> list[Any]:
    """Documents of ten lines each, or of two to twelve with two ways to pay."""
    from tests.documents.sample_document import document, line

    chance = random.Random(7)
    made = []
    for place in range(count):
        lines = [line(number) for number in range(chance.randrange(2, 13) if mixed else LINES)]
        for each in lines:
            each["quantity"] = chance.randrange(1, 300)
            each["amount"] = each["quantity"] * each["unit_price"]
        recipient = {
            "name": f"株式会社{chance.choice(NAMES)}第{place}営業所",
            "corporate_number": "",
            "postal_code": f"{chance.randrange(100, 999)}-{chance.randrange(10000):04}",
            "address": f"{chance.choice(PLACES)}{chance.randrange(1, 9)}-{chance.randrange(1, 30)} 見本ビル",
        }
        method = "debit" if mixed and chance.random() < 0.5 else "transfer"
        made.append(
            document(lines, number=f"SMP-2026-{place:06}", recipient=recipient, payment_method=method)
        )
    return made


class Ways:
    """An invoice as a PDF, in each of the ways that are compared."""

    def __init__(self, documents: list[Any]) -> None:
        from django.template.loader import render_to_string

        from billing.documents.invoice_pdf import page_of

        self.documents = documents
        self._page: Callable[[Any], str] = lambda document: render_to_string(
            "pdf/invoice.html", page_of(document)
        )
        folder = ROOT / "static" / "css" / "pdf"
        sheet = re.sub("@import.*?;", "", (folder / "invoice.css").read_text(encoding="utf-8"))
        sheet = sheet.replace('"Document Gothic", "Document Gothic Complete"', '"Noto Sans CJK JP"')
        self._style = f"<style>{sheet}</style></head>"
        self._platypus = Platypus()

    def ours(self, place: int) -> bytes:
        from billing.documents.invoice_pdf import render

        return render(self.documents[place % len(self.documents)])

    def tuned(self, place: int) -> bytes:
        """WeasyPrint with our typeface and shared style sheet, each page laid out anew."""
        from portal.pdf import write_pdf

        page = self._page(self.documents[place % len(self.documents)])
        return write_pdf(page, stylesheet="css/pdf/invoice.css", identifier=b"bench", variant="pdf/a-3b")

    def plain(self, place: int) -> bytes:
        from weasyprint import HTML

        page = self._page(self.documents[place % len(self.documents)])
        content: bytes = HTML(string=page.replace("</head>", self._style)).write_pdf()
        return content

    def platypus(self, place: int) -> bytes:
        return self._platypus.draw(self.documents[place % len(self.documents)])


class Platypus:
    """About the same page by ReportLab, with the same typeface."""

    def __init__(self) -> None:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase.pdfmetrics import registerFont
        from reportlab.pdfbase.ttfonts import TTFont

        for style in ("Regular", "Bold"):
            registerFont(TTFont(style, ROOT / "static" / "fonts" / f"DocumentGothic-{style}.ttf"))
        self._text = ParagraphStyle("text", fontName="Regular", fontSize=9, leading=14, wordWrap="CJK")
        self._bold = ParagraphStyle("bold", self._text, fontName="Bold", fontSize=13, leading=18)
        self._head = ParagraphStyle("head", self._text, fontName="Bold", fontSize=23, leading=30)

    def draw(self, document: Any) -> bytes:
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import SimpleDocTemplate, Spacer

        target = BytesIO()
        story = [
            *self._heading(document),
            Spacer(1, 14),
            self._table(self._lines(document), (180, 50, 57, 82, 82)),
            Spacer(1, 12),
            self._table(self._sums(document), (120, 70, 70)),
            *(self._paragraph(note["ja"]) for note in document["notes"]),
        ]
        SimpleDocTemplate(target, pagesize=A4, title=f"請求書 {document['number']}").build(story)
        return target.getvalue()

    def _paragraph(self, text: str, style: Any = None) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(text, style or self._text)

    def _heading(self, document: Any) -> list[Any]:
        recipient, issuer, account = document["recipient"], document["issuer"], document["bank_account"]
        rows = [
            (f"〒{recipient['postal_code']}", issuer["name"]),
            (recipient["address"], f"登録番号 {issuer['registration_number']}"),
            (f"請求書番号 {document['number']}", f"〒{issuer['postal_code']} {issuer['address']}"),
            (f"発行日 {document['issued_on']}", f"電話 {issuer['phone']}"),
            (f"お支払期日 {document['due_on']}", issuer["email"]),
            (f"契約番号 {document['contract']}", f"{account['bank']} {account['branch']}"),
            (f"サービス {document['service']['ja']}", f"{account['kind']} {account['number']}"),
        ]
        return [
            self._paragraph("請求書 適格請求書", self._head),
            self._paragraph(f"{recipient['name']} 御中", self._bold),
            self._table([[self._paragraph(cell) for cell in row] for row in rows], (260, 190)),
            self._paragraph(f"ご請求金額（税込） {document['gross']:,}円", self._bold),
        ]

    def _lines(self, document: Any) -> list[Any]:
        rows = [["品目", "数量", "単位", "単価（税抜）", "金額（税抜）"]]
        for line in document["lines"]:
            numbers = (
                f"{line['quantity']:,}",
                line["unit"]["ja"],
                f"{line['unit_price']:,}",
                f"{line['amount']:,}",
            )
            rows.append([self._paragraph(line["name"]["ja"]), *numbers])
        return rows

    def _sums(self, document: Any) -> list[Any]:
        rows = [["税率ごとの内訳", "税抜金額", "消費税額"]]
        rows += [
            [f"{rate['rate']}％対象", f"{rate['net']:,}", f"{rate['tax']:,}"] for rate in document["rates"]
        ]
        return [*rows, ["合計（税込）", "", f"{document['gross']:,}"]]

    def _table(self, rows: list[Any], widths: tuple[int, ...]) -> Any:
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import Table

        style = [
            ("FONT", (0, 0), (-1, -1), "Regular", 9),
            ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor("#d5dce3")),
        ]
        return Table(rows, widths, style=style)


def main() -> None:
    prepare()
    documents = invoices(MANY)
    ways = Ways(documents)
    every = {name: getattr(ways, name) for name in ("ours", "tuned", "plain", "platypus")}
    for way in every.values():
        for place in range(2):
            way(place)
    times = seconds_each(every, ROUNDS)
    report("pdfs", times["plain"] / times["ours"], "plain WeasyPrint, Noto Sans CJK")
    report("pdfs_beside_platypus", times["platypus"] / times["ours"], "ReportLab platypus")
    report("pdfs_laid_out_anew", times["plain"] / times["tuned"], "plain WeasyPrint, Noto Sans CJK")
    remark(shown(list(times.items())))
    _measure_mixed(times["plain"])
    _measure_equality(ways)
    _measure_two_processes(documents)


def _measure_mixed(plain: float) -> None:
    """A run of many shapes, from the first one on: each shape is laid out once, and once more to check it."""
    from billing.documents.invoice_pdf import render
    from portal.pdf.layout_reuse import forget_layouts

    forget_layouts()
    start = time.process_time()
    for document in invoices(MANY, mixed=True):
        render(document)
    each = (time.process_time() - start) / MANY
    report(
        "pdfs_of_many_shapes", plain / each, f"plain WeasyPrint, {MANY} of 22 shapes from the first one on"
    )


def _measure_equality(ways: Ways) -> None:
    """Whether a sample stands where WeasyPrint puts it; how much room the files take."""
    import pdfplumber

    def chars(content: bytes) -> list[Any]:
        with pdfplumber.open(BytesIO(content)) as pdf:
            return pdf.pages[0].chars

    def alike(one: list[Any], other: list[Any]) -> bool:
        return [char["text"] for char in one] == [char["text"] for char in other] and all(
            abs(char[side] - same[side]) < CLOSE
            for char, same in zip(one, other, strict=True)
            for side in ("x0", "x1", "top", "size")
        )

    sample = range(0, MANY, MANY // 4)
    same = sum(alike(chars(ways.ours(place)), chars(ways.tuned(place))) for place in sample)
    report("pdfs_with_texts_in_the_same_places", same / len(sample), f"WeasyPrint, {len(sample)} of {MANY}")
    report("pdf_bytes", len(ways.ours(0)) / len(ways.plain(0)), "plain WeasyPrint, without e-invoice")


def _measure_two_processes(documents: list[Any]) -> None:
    from billing.documents.drawers import WORTHWHILE, Drawers, cores

    def seconds(processes: int) -> float:
        with Drawers(processes) as drawers:
            list(drawers.draw(documents[:WORTHWHILE]))
            taken = []
            for _round in range(1 if QUICK else 5):
                start = time.monotonic()
                list(drawers.draw(documents))
                taken.append(time.monotonic() - start)
            return median(taken)

    one, two = seconds(1), seconds(2)
    report("pdfs_by_two_processes", one / two, f"one process, {cores()} cores")
    remark(f"{MANY / one:.0f} PDFs a second by one process, {MANY / two:.0f} by two")


if __name__ == "__main__":
    main()

"""How fast two versions of a terms text are compared and shown, beside `difflib.HtmlDiff` on the same texts.

Run as `python benchmarks/compare_terms.py`. A line a figure: name, ratio to its baseline, baseline. Ratios
are of processor time in the same run; times in milliseconds follow for those who want to know.
"""

import difflib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django  # noqa: E402

django.setup()

from contracts.comparison.page import html_table  # noqa: E402
from contracts.comparison.table import ComparisonTable, Side  # noqa: E402
from contracts.terms.markdown import render  # noqa: E402
from contracts.terms.numbering import ArticleNumber  # noqa: E402
from contracts.terms.tree import Article, Item, Paragraph, Terms  # noqa: E402

SIZES = (50, 100, 200, 400)
ROUNDS = 2 if os.environ.get("QUICK") else 5
SUBJECTS = ("料金", "解約", "通知", "保守", "損害賠償", "秘密保持", "個人情報", "利用停止", "届出", "再委託")
ACTS = ("支払い", "申込み", "変更", "承諾", "提供", "確認", "報告", "返還", "消去", "公表")
PLACES = ("管理画面", "電子メール", "書面", "当社のサイト", "電話", "専用の窓口", "申込書", "見積書")


class Texts:
    """Two versions of a text, as trees and as the lines of their Markdown form."""

    def __init__(self, old: list[Article], new: list[Article]) -> None:
        self.old = Terms("見本約款", "", tuple(old))
        self.new = Terms("見本約款", "", tuple(new))
        self.old_lines, self.new_lines = (render(side).splitlines() for side in (self.old, self.new))


def revised(articles: int) -> Texts:
    """Every tenth article changed, one put in, one taken out, those between them renumbered."""
    old = [_article(number) for number in range(1, articles + 1)]
    new = [_changed(article) if place % 10 == 5 else article for place, article in enumerate(old)]
    new.insert(articles // 3, _article(articles + 1))
    del new[2 * articles // 3]
    return Texts(old, [replace(one, number=ArticleNumber(place)) for place, one in enumerate(new, start=1)])


def rewritten(articles: int) -> Texts:
    """Every line changed a little."""
    old = [_article(number) for number in range(1, articles + 1)]
    return Texts(old, [_reworded(article) for article in old])


def _article(seed: int) -> Article:
    subject, act = SUBJECTS[seed % 10], ACTS[seed // 10 % 10]
    paragraphs = tuple(_paragraph(seed, number) for number in range(1, 4))
    return Article(ArticleNumber(seed), f"{subject}の{act}（その{seed}）", "", paragraphs)


def _paragraph(seed: int, number: int) -> Paragraph:
    subject, act = SUBJECTS[(seed + number) % 10], ACTS[(seed * 3 + number) % 10]
    place = PLACES[(seed + 2 * number) % 8]
    text = (
        f"契約者は、{subject}に関する{act}をするときは、希望する日の{seed % 30 + number}日前までに"
        f"{place}により当社へ届け出るものとします。当社は、{act}を受け付けたときは、第{seed}条に従い{number}営業日以内に"
        f"{place}で結果を知らせます。ただし、{subject}についてやむを得ない事由がある場合は、この限りではありません。"
    )
    items = tuple(
        Item(f"({place})", f"{SUBJECTS[(seed + place) % 10]}の{ACTS[(seed + number + place) % 10]}に係る事項")
        for place in range(1, 4)
    )
    return Paragraph(number, text, items if number == 2 else ())


def _changed(article: Article) -> Article:
    first, second, third = article.paragraphs
    first = replace(first, text=first.text.replace("日前までに", "営業日前までに"))
    second = replace(second, items=(*second.items, Item("(4)", "その他、当社が別に定める事項")))
    return replace(article, paragraphs=(first, second, third))


def _reworded(article: Article) -> Article:
    paragraphs = tuple(
        replace(
            paragraph,
            text=paragraph.text.replace("ものとします", "こととします"),
            items=tuple(replace(item, text=f"{item.text}等") for item in paragraph.items),
        )
        for paragraph in article.paragraphs
    )
    return replace(article, title=f"{article.title}等", paragraphs=paragraphs)


def ours(texts: Texts) -> object:
    """Compare and render for a screen."""
    return html_table(ComparisonTable.of(Side(texts.old, "旧"), Side(texts.new, "新")))


def html_diff(texts: Texts) -> object:
    """What Python's library makes of the same texts."""
    return difflib.HtmlDiff().make_table(texts.old_lines, texts.new_lines)


def seconds(work: Callable[[Texts], object], texts: Texts) -> float:
    """The median processor time of several runs, after one to warm up."""
    work(texts)
    taken = []
    for _round in range(ROUNDS):
        start = time.process_time()
        work(texts)
        taken.append(time.process_time() - start)
    return median(taken)


def report(name: str, ratio: float, baseline: str) -> None:
    sys.stdout.write(f"{name}  {ratio:.2f}×  {baseline}\n")


def main() -> None:
    times = {size: seconds(ours, revised(size)) for size in SIZES}
    library = seconds(html_diff, revised(100))
    report("time_100_articles_a_tenth_changed", times[100] / library, "difflib.HtmlDiff, the same texts")
    few = rewritten(40)
    report(
        "time_40_articles_every_line_changed",
        seconds(ours, few) / seconds(html_diff, few),
        "difflib.HtmlDiff, the same texts",
    )
    for smaller, larger in pairwise(SIZES):
        report(f"growth_to_{larger}_articles", times[larger] / times[smaller], f"{smaller} articles")
    report(f"growth_to_{SIZES[-1]}_articles", times[SIZES[-1]] / times[SIZES[0]], f"{SIZES[0]} articles")
    shown = ", ".join(f"{size} articles {taken * 1000:.0f} ms" for size, taken in times.items())
    sys.stdout.write(f"# compare and render: {shown}\n")


if __name__ == "__main__":
    main()
